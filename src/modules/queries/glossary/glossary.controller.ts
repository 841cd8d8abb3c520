import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { ApiId, ApiProblems, IdParam } from '../../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../../platform/security/index.js';
import {
  CreateGlossaryTermDto,
  GlossaryListQuery,
  GlossaryPageDto,
  GlossaryTermDto,
  UpdateGlossaryTermDto,
} from './glossary.dto.js';
import { GlossaryService } from './glossary.service.js';

@ApiTags('Glossary')
@Controller('business-glossary')
export class GlossaryController {
  constructor(private readonly glossary: GlossaryService) {}

  /** The words of the business: those of your data sources and those of the installation, newest first. */
  @Get()
  @RequirePermission('queries:read')
  @ApiProblems('validation_failed')
  async list(@Query() page: GlossaryListQuery, @CurrentUser() caller: Principal): Promise<GlossaryPageDto> {
    return GlossaryPageDto.from(await this.glossary.list(page, caller));
  }

  /** Say what a word means. With a formula, the next question can name it. */
  @Post()
  @RequirePermission('queries:write')
  @ApiProblems('not_found', 'conflict', 'forbidden', 'validation_failed')
  async create(@Body() request: CreateGlossaryTermDto, @CurrentUser() caller: Principal): Promise<GlossaryTermDto> {
    return GlossaryTermDto.from(await this.glossary.create(request, caller));
  }

  /** What a word means. */
  @Get(':id')
  @ApiId()
  @RequirePermission('queries:read')
  @ApiProblems('not_found')
  async get(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<GlossaryTermDto> {
    return GlossaryTermDto.from(await this.glossary.get(id, caller));
  }

  /** Change what a word means. */
  @Patch(':id')
  @ApiId()
  @RequirePermission('queries:write')
  @ApiProblems('not_found', 'conflict', 'forbidden', 'validation_failed')
  async update(
    @IdParam() id: number,
    @Body() change: UpdateGlossaryTermDto,
    @CurrentUser() caller: Principal,
  ): Promise<GlossaryTermDto> {
    return GlossaryTermDto.from(await this.glossary.update(id, change, caller));
  }

  /** Remove a word: questions are read without it from then on. */
  @Delete(':id')
  @HttpCode(204)
  @ApiId()
  @RequirePermission('queries:write')
  @ApiNoContentResponse({ description: 'Removed.' })
  @ApiProblems('not_found', 'forbidden')
  async remove(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<void> {
    await this.glossary.remove(id, caller);
  }
}
