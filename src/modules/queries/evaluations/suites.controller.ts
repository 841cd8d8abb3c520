import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { ApiId, ApiProblems, IdParam } from '../../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../../platform/security/index.js';
import { CreateSuiteDto, SuiteDto, SuiteListQuery, SuitePageDto, UpdateSuiteDto } from './suites.dto.js';
import { SuitesService } from './suites.service.js';

@ApiTags('Evaluations')
@Controller('evaluations/suites')
export class SuitesController {
  constructor(private readonly suites: SuitesService) {}

  /** The suites of the data sources that you may see, newest first. */
  @Get()
  @RequirePermission('queries:read')
  @ApiProblems('validation_failed')
  async list(@Query() page: SuiteListQuery, @CurrentUser() caller: Principal): Promise<SuitePageDto> {
    return SuitePageDto.from(await this.suites.list(page, caller));
  }

  /** Make a suite of questions with known answers, empty or of the verified queries of its source. */
  @Post()
  @RequirePermission('queries:write')
  @ApiProblems('not_found', 'validation_failed')
  async create(@Body() request: CreateSuiteDto, @CurrentUser() caller: Principal): Promise<SuiteDto> {
    return SuiteDto.from(await this.suites.create(request, caller));
  }

  /** A suite, its gate, and when it runs by itself. */
  @Get(':id')
  @ApiId()
  @RequirePermission('queries:read')
  @ApiProblems('not_found')
  async get(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<SuiteDto> {
    return SuiteDto.from(await this.suites.get(id, caller));
  }

  /** Change its name, its gate, or when it runs by itself. */
  @Patch(':id')
  @ApiId()
  @RequirePermission('queries:write')
  @ApiProblems('not_found', 'validation_failed')
  async update(
    @IdParam() id: number,
    @Body() change: UpdateSuiteDto,
    @CurrentUser() caller: Principal,
  ): Promise<SuiteDto> {
    return SuiteDto.from(await this.suites.update(id, change, caller));
  }

  /** Remove a suite with its cases and its runs. */
  @Delete(':id')
  @HttpCode(204)
  @ApiId()
  @RequirePermission('queries:write')
  @ApiNoContentResponse({ description: 'Removed.' })
  @ApiProblems('not_found')
  async remove(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<void> {
    await this.suites.remove(id, caller);
  }
}
