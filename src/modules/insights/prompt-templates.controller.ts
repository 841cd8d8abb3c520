import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query as QueryParams } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { PageQuery } from '../../platform/database/index.js';
import { ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import {
  ChangePromptTemplateDto,
  FilledInDto,
  FillInDto,
  NewPromptTemplateDto,
  PromptTemplateDto,
  PromptTemplatePageDto,
  PromptTemplateVersionPageDto,
} from './dto/prompt-template.dto.js';
import { PromptTemplatesService } from './prompt-templates.service.js';

@ApiTags('Prompt templates')
@Controller('prompt-templates')
export class PromptTemplatesController {
  constructor(private readonly templates: PromptTemplatesService) {}

  /** All prompt templates, newest first. */
  @Get()
  @RequirePermission('prompt_templates:read')
  @ApiProblems('validation_failed')
  async list(@QueryParams() page: PageQuery): Promise<PromptTemplatePageDto> {
    return PromptTemplatePageDto.from(await this.templates.list(page));
  }

  /** Make a prompt template: a text, and a variable for every place in it. */
  @Post()
  @RequirePermission('prompt_templates:write')
  @ApiProblems('validation_failed', 'conflict')
  async create(@Body() given: NewPromptTemplateDto, @CurrentUser() caller: Principal): Promise<PromptTemplateDto> {
    return PromptTemplateDto.from(await this.templates.create(given, caller));
  }

  /** One prompt template with its present text. */
  @Get(':id')
  @ApiId()
  @RequirePermission('prompt_templates:read')
  @ApiProblems('not_found')
  async get(@IdParam() id: number): Promise<PromptTemplateDto> {
    return PromptTemplateDto.from(await this.templates.get(id));
  }

  /** Change it. Another text or other variables make a new version; the earlier ones are kept. */
  @Patch(':id')
  @ApiId()
  @RequirePermission('prompt_templates:write')
  @ApiProblems('not_found', 'validation_failed', 'conflict')
  async change(
    @IdParam() id: number,
    @Body() given: ChangePromptTemplateDto,
    @CurrentUser() caller: Principal,
  ): Promise<PromptTemplateDto> {
    return PromptTemplateDto.from(await this.templates.change(id, given, caller));
  }

  /** Remove it with all its versions. */
  @Delete(':id')
  @HttpCode(204)
  @ApiId()
  @RequirePermission('prompt_templates:write')
  @ApiNoContentResponse({ description: 'Removed.' })
  @ApiProblems('not_found')
  async remove(@IdParam() id: number): Promise<void> {
    await this.templates.remove(id);
  }

  /** The texts that it has had, the present one first. */
  @Get(':id/versions')
  @ApiId()
  @RequirePermission('prompt_templates:read')
  @ApiProblems('not_found', 'validation_failed')
  async versions(@IdParam() id: number, @QueryParams() page: PageQuery): Promise<PromptTemplateVersionPageDto> {
    return PromptTemplateVersionPageDto.from(await this.templates.versions(id, page));
  }

  /** Make an earlier text the present one again, as a new version. */
  @Post(':id/versions/:version/restore')
  @HttpCode(200)
  @ApiId()
  @ApiId('version', 'The number of the version.')
  @RequirePermission('prompt_templates:write')
  @ApiProblems('not_found')
  async restore(
    @IdParam() id: number,
    @IdParam('version') version: number,
    @CurrentUser() caller: Principal,
  ): Promise<PromptTemplateDto> {
    return PromptTemplateDto.from(await this.templates.restore(id, version, caller));
  }

  /** The text with every place filled in. Values go in as they are: nothing in them is looked at. */
  @Post(':id/render')
  @HttpCode(200)
  @ApiId()
  @RequirePermission('prompt_templates:read')
  @ApiProblems('not_found', 'validation_failed')
  async render(@IdParam() id: number, @Body() values: FillInDto): Promise<FilledInDto> {
    return this.templates.render(id, values);
  }
}
