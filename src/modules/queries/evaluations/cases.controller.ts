import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { ApiId, ApiProblems, IdParam } from '../../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../../platform/security/index.js';
import { CaseDto, CaseListQuery, CasePageDto, CreateCaseDto, UpdateCaseDto } from './cases.dto.js';
import { CasesService } from './cases.service.js';

@ApiTags('Evaluations')
@Controller('evaluations/cases')
export class CasesController {
  constructor(private readonly cases: CasesService) {}

  /** The questions of your suites, newest first. */
  @Get()
  @RequirePermission('queries:read')
  @ApiProblems('validation_failed')
  async list(@Query() page: CaseListQuery, @CurrentUser() caller: Principal): Promise<CasePageDto> {
    return CasePageDto.from(await this.cases.list(page, caller));
  }

  /** Add a question, and what is right for it. */
  @Post()
  @RequirePermission('queries:write')
  @ApiProblems('not_found', 'validation_failed', 'sql_invalid', 'sql_not_read_only', 'sql_multiple_statements')
  @ApiProblems('sql_function_not_allowed', 'sql_table_not_allowed', 'sql_construct_not_allowed', 'sql_too_large')
  async create(@Body() request: CreateCaseDto, @CurrentUser() caller: Principal): Promise<CaseDto> {
    return CaseDto.from(await this.cases.create(request, caller));
  }

  /** A question, and what is right for it. */
  @Get(':id')
  @ApiId()
  @RequirePermission('queries:read')
  @ApiProblems('not_found')
  async get(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<CaseDto> {
    return CaseDto.from(await this.cases.get(id, caller));
  }

  /** Change a question, or what is right for it. Results of earlier runs stay as they are. */
  @Patch(':id')
  @ApiId()
  @RequirePermission('queries:write')
  @ApiProblems('not_found', 'validation_failed', 'sql_invalid', 'sql_not_read_only', 'sql_multiple_statements')
  @ApiProblems('sql_function_not_allowed', 'sql_table_not_allowed', 'sql_construct_not_allowed', 'sql_too_large')
  async update(
    @IdParam() id: number,
    @Body() change: UpdateCaseDto,
    @CurrentUser() caller: Principal,
  ): Promise<CaseDto> {
    return CaseDto.from(await this.cases.update(id, change, caller));
  }

  /** Remove a question. Results of earlier runs stay. */
  @Delete(':id')
  @HttpCode(204)
  @ApiId()
  @RequirePermission('queries:write')
  @ApiNoContentResponse({ description: 'Removed.' })
  @ApiProblems('not_found')
  async remove(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<void> {
    await this.cases.remove(id, caller);
  }
}
