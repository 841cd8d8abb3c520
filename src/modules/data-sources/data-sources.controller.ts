import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { PageQuery } from '../../platform/database/index.js';
import { abortOnDisconnect, ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { DataSourcesService } from './data-sources.service.js';
import { ConnectionReportDto, DataSourceDto, DataSourcePageDto, UpdateDataSourceDto } from './dto/data-source.dto.js';
import { RowsDto, RowsQuery } from './dto/preview.dto.js';
import { SchemaDto, SchemaQuery, UpdateSchemaDto } from './dto/schema.dto.js';
import { SchemaService } from './schema.service.js';
import { SourceInspection } from './source-inspection.js';

@ApiTags('Data sources')
@Controller('data-sources')
export class DataSourcesController {
  constructor(
    private readonly sources: DataSourcesService,
    private readonly inspection: SourceInspection,
    private readonly schemas: SchemaService,
  ) {}

  /** Your data sources, and those that you have through workspaces, newest first. */
  @Get()
  @RequirePermission('data_sources:read')
  @ApiProblems('validation_failed')
  async list(@Query() page: PageQuery, @CurrentUser() caller: Principal): Promise<DataSourcePageDto> {
    const { items, nextCursor, total } = await this.sources.list(caller, page);
    return {
      items,
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }

  /** One data source. */
  @Get(':id')
  @ApiId()
  @RequirePermission('data_sources:read')
  @ApiProblems('not_found')
  async get(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<DataSourceDto> {
    return this.sources.describe(await this.sources.get(id, caller, 'use'), caller);
  }

  /** Rename or describe a data source. */
  @Patch(':id')
  @ApiId()
  @RequirePermission('data_sources:write')
  @ApiProblems('not_found', 'conflict', 'validation_failed')
  async update(
    @IdParam() id: number,
    @Body() change: UpdateDataSourceDto,
    @CurrentUser() caller: Principal,
  ): Promise<DataSourceDto> {
    return this.sources.describe(await this.sources.update(id, change, caller), caller);
  }

  /** Remove a data source with its files, and every query that was asked of it. */
  @Delete(':id')
  @HttpCode(204)
  @ApiId()
  @RequirePermission('data_sources:write')
  @ApiNoContentResponse({ description: 'Removed.' })
  @ApiProblems('not_found', 'conflict')
  async remove(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<void> {
    await this.sources.remove(id, caller);
  }

  /** See whether the data can be reached, and how fast. A database that is left alone for a while is tried at once. */
  @Post(':id/test')
  @HttpCode(200)
  @ApiId()
  @RequirePermission('data_sources:read')
  @ApiProblems(
    'not_found',
    'overloaded',
    'credential_unreadable',
    'source_unreachable',
    'source_refused',
    'source_timeout',
  )
  async test(
    @IdParam() id: number,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<ConnectionReportDto> {
    const { ok, latencyMs, serverVersion } = await this.inspection.test(id, caller, abortOnDisconnect(reply));
    return { ok, latency_ms: latencyMs, server_version: serverVersion };
  }

  /** Tables, columns, statistics and relationships, page by page where there are very many tables. */
  @Get(':id/schema')
  @ApiId()
  @RequirePermission('data_sources:read')
  @ApiProblems('not_found', 'validation_failed')
  async schema(
    @IdParam() id: number,
    @Query() page: SchemaQuery,
    @CurrentUser() caller: Principal,
  ): Promise<SchemaDto> {
    return SchemaDto.from(await this.schemas.get(id, caller), page);
  }

  /** Describe, rename in other words, hide, and say how tables relate. */
  @Patch(':id/schema')
  @ApiId()
  @RequirePermission('data_sources:write')
  @ApiProblems('not_found', 'validation_failed')
  async updateSchema(
    @IdParam() id: number,
    @Body() change: UpdateSchemaDto,
    @CurrentUser() caller: Principal,
  ): Promise<SchemaDto> {
    return SchemaDto.from(await this.schemas.update(id, change, caller));
  }

  /** Rows of one table, page by page. */
  @Get(':id/tables/:table/preview')
  @ApiId()
  @RequirePermission('data_sources:read')
  @ApiProblems('not_found', 'validation_failed', 'overloaded', 'source_unavailable', 'source_unreachable')
  @ApiProblems('source_refused', 'source_timeout')
  async preview(
    @IdParam() id: number,
    @Param('table') table: string,
    @Query() query: RowsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<RowsDto> {
    const offset = RowsQuery.offsetOf(query);
    const window = { offset, limit: query.limit, signal: abortOnDisconnect(reply) };
    const { page, rowCount } = await this.inspection.preview(id, table, window, caller);
    return RowsDto.from(page, offset, rowCount);
  }
}
