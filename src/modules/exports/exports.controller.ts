import { Body, Controller, Delete, Get, Headers, HttpCode, Post, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiAcceptedResponse, ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import {
  ApiEventStream,
  abortOnDisconnect,
  ApiId,
  ApiProblems,
  closeOnUnread,
  IdParam,
} from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { ExportDto, ExportListQuery, ExportPageDto, ExportWaitQuery, NewExportDto } from './dto/export.dto.js';
import { ExportEvents } from './export-events.js';
import { ExportDownloads } from './export-downloads.js';
import { ExportsService } from './exports.service.js';

@ApiTags('Exports')
@Controller('exports')
export class ExportsController {
  constructor(
    private readonly exports: ExportsService,
    private readonly downloads: ExportDownloads,
    private readonly events: ExportEvents,
  ) {}

  /** Have a file made of a result, in the background. It is made of the stored rows; the source is not asked again. */
  @Post()
  @RequirePermission('exports:write')
  @ApiCreatedResponse({ type: ExportDto, description: 'Ended within the wait: made, or failed.' })
  @ApiAcceptedResponse({ type: ExportDto, description: 'Still being made; see `Location`.' })
  @ApiProblems(
    'not_found',
    'result_not_ready',
    'result_outdated',
    'conflict',
    'rate_limited',
    'forbidden',
    'validation_failed',
  )
  async create(
    @Body() wanted: NewExportDto,
    @Query() { wait }: ExportWaitQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<ExportDto> {
    const patience = { waitMs: wait * 1000, disconnected: abortOnDisconnect(reply) };
    const one = await this.exports.create(wanted, caller, patience);
    reply.header('location', `/api/v1/exports/${one.id}`);
    reply.status(one.completedAt === null ? 202 : 201);
    return ExportDto.from(one);
  }

  /** Your exports, newest first. */
  @Get()
  @RequirePermission('exports:read')
  @ApiProblems('validation_failed')
  async list(@Query() wanted: ExportListQuery, @CurrentUser() caller: Principal): Promise<ExportPageDto> {
    return ExportPageDto.from(await this.exports.list(wanted, caller));
  }

  /** An export, and how far it is. */
  @Get(':id')
  @ApiId()
  @RequirePermission('exports:read')
  @ApiProblems('not_found')
  async get(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<ExportDto> {
    return ExportDto.from(await this.exports.get(id, caller));
  }

  /** Follow an export while it waits and is made, as server-sent events. */
  @Get(':id/events')
  @ApiId()
  @RequirePermission('exports:read')
  @ApiEventStream('`progress` whenever it is further, and `finished` in the end, each with an `Export`.', '`finished`')
  async follow(
    @IdParam() id: number,
    @Headers('last-event-id') lastId: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<StreamableFile | undefined> {
    const stream = await this.events.follow(id, lastId ?? '', caller, reply);
    if (stream === null) reply.status(204);
    return stream?.answer;
  }

  /** The file, while what you may see of the data is what it was. */
  @Get(':id/download')
  @ApiId()
  @RequirePermission('exports:read')
  @ApiOkResponse({
    description: 'The file, in the type of its format.',
    content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
  })
  @ApiProblems('not_found', 'export_not_ready', 'export_expired', 'result_outdated', 'rate_limited', 'overloaded')
  async download(
    @IdParam() id: number,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<StreamableFile> {
    const { stream, bytes, contentType, fileName, limits } = await this.downloads.open(
      id,
      caller,
      abortOnDisconnect(reply),
    );
    closeOnUnread(reply, limits);
    const disposition = `attachment; filename="${fileName}"`;
    return new StreamableFile(stream, { type: contentType, length: bytes, disposition });
  }

  /** Remove an export with its file; one that is still being made is stopped. */
  @Delete(':id')
  @HttpCode(204)
  @ApiId()
  @RequirePermission('exports:write')
  @ApiNoContentResponse({ description: 'Removed.' })
  @ApiProblems('not_found')
  async remove(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<void> {
    await this.exports.remove(id, caller);
  }
}
