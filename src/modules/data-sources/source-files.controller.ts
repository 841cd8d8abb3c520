import { Controller, Delete, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiExtraModels,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { abortOnDisconnect, ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { DataSourcesService } from './data-sources.service.js';
import { UploadedSourceDto, UploadPreviewDto } from './dto/upload-report.dto.js';
import { UploadQuery } from './dto/upload.dto.js';
import { FILES_BODY, UPLOAD_BODY } from './dto/upload.openapi.js';
import { SourceTablesService } from './source-tables.service.js';
import { UploadPreviews } from './upload-previews.js';
import { type UploadedSource, UploadsService } from './uploads.service.js';

const FILE_PROBLEMS = ['file_empty', 'file_malformed', 'file_format_mismatch', 'file_format_not_supported'] as const;

/** The answer to a dry run is described by the parameter: next to it, a program would have to tell which of two it has got. */
@ApiTags('Data sources')
@ApiExtraModels(UploadPreviewDto)
@Controller('data-sources')
export class SourceFilesController {
  constructor(
    private readonly uploads: UploadsService,
    private readonly tables: SourceTablesService,
    private readonly previews: UploadPreviews,
    private readonly sources: DataSourcesService,
  ) {}

  /** Upload CSV, TSV, JSON, NDJSON, XLSX or Parquet files; each file, or sheet, becomes a table of one new data source. */
  @Post('upload')
  @RequirePermission('data_sources:write')
  @ApiConsumes('multipart/form-data')
  @ApiBody(UPLOAD_BODY)
  @ApiCreatedResponse({ type: UploadedSourceDto })
  @ApiProblems('validation_failed', 'conflict', 'upload_incomplete', 'payload_too_large', 'overloaded')
  @ApiProblems(...FILE_PROBLEMS, 'file_unpacks_too_large', 'budget_exceeded')
  async upload(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Query() { dry_run: dryRun }: UploadQuery,
    @CurrentUser() caller: Principal,
  ): Promise<UploadedSourceDto | UploadPreviewDto> {
    const signal = abortOnDisconnect(reply);
    if (isTrue(dryRun)) return this.previews.show(request, caller, withStatus(reply, 200, signal));
    return this.describe(await this.uploads.create(request, caller, signal), caller);
  }

  /** Add tables to a data source that was made of files, or replace those of the same name: all of them, or nothing. */
  @Post(':id/files')
  @ApiId()
  @HttpCode(200)
  @RequirePermission('data_sources:write')
  @ApiConsumes('multipart/form-data')
  @ApiBody(FILES_BODY)
  @ApiOkResponse({ type: UploadedSourceDto, description: 'The new version.' })
  @ApiProblems('not_found', 'validation_failed', 'conflict', 'upload_incomplete', 'payload_too_large', 'overloaded')
  @ApiProblems(...FILE_PROBLEMS, 'file_unpacks_too_large', 'budget_exceeded')
  async addFiles(
    @IdParam() id: number,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Query() { dry_run: dryRun }: UploadQuery,
    @CurrentUser() caller: Principal,
  ): Promise<UploadedSourceDto | UploadPreviewDto> {
    const signal = abortOnDisconnect(reply);
    if (isTrue(dryRun)) return this.previews.show(request, caller, signal, id);
    return this.describe(await this.tables.upload(id, request, caller, signal), caller);
  }

  /** Remove one table of a data source that was made of files; the last one cannot be removed. */
  @Delete(':id/tables/:table')
  @HttpCode(204)
  @ApiId()
  @RequirePermission('data_sources:write')
  @ApiNoContentResponse({ description: 'Removed.' })
  @ApiProblems('not_found', 'conflict')
  async removeTable(
    @IdParam() id: number,
    @Param('table') table: string,
    @CurrentUser() caller: Principal,
  ): Promise<void> {
    await this.tables.remove(id, table, caller);
  }

  private async describe({ source, files }: UploadedSource, caller: Principal): Promise<UploadedSourceDto> {
    return UploadedSourceDto.of(await this.sources.describe(source, caller), files);
  }
}

function isTrue(text: string | undefined): boolean {
  return text === 'true' || text === '1';
}

/** Says the status of an answer that is not the usual one of its route. */
function withStatus<T>(reply: FastifyReply, status: number, value: T): T {
  void reply.status(status);
  return value;
}
