import { Controller, Get, Query as QueryParams, Res, StreamableFile } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { abortOnDisconnect, closeOnUnread, ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { RowsDto, RowsQuery } from '../data-sources/index.js';
import { ChartQuery, ResultQuery } from './dto/ask.dto.js';
import { ChartDto } from './dto/query.dto.js';
import { ResultFiles } from './result-files.js';
import { ResultsService } from './results.service.js';

const BINARY = { schema: { type: 'string', format: 'binary' } } as const;

@ApiTags('Queries')
@ApiExtraModels(RowsDto, ChartDto)
@Controller('queries/:id')
export class ResultsController {
  constructor(
    private readonly results: ResultsService,
    private readonly files: ResultFiles,
  ) {}

  /** The rows of a query: page by page as JSON, or whole as CSV, NDJSON, Parquet or Arrow. */
  @Get('result')
  @ApiId()
  @RequirePermission('queries:read')
  @ApiOkResponse({
    description: 'A page, or the whole result as a stream.',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(RowsDto) } },
      'text/csv': { schema: { type: 'string' } },
      'application/x-ndjson': { schema: { type: 'string' } },
      'application/vnd.apache.parquet': BINARY,
      'application/vnd.apache.arrow.stream': BINARY,
    },
  })
  @ApiProblems('not_found', 'result_not_ready', 'result_outdated', 'rate_limited', 'overloaded', 'validation_failed')
  async result(
    @IdParam() id: number,
    @QueryParams() query: ResultQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<RowsDto | StreamableFile> {
    const signal = abortOnDisconnect(reply);
    const { format, bom = false, escape_formulas: escapeFormulas = false } = query;
    if (format === 'json') {
      const offset = RowsQuery.offsetOf(query);
      const page = await this.results.page(id, offset, query.limit, caller, signal);
      return RowsDto.from(page, offset, page.rowCount);
    }
    const wanted = { format, bom, escapeFormulas };
    const { stream, bytes, contentType, fileName, limits } = await this.files.stream(id, wanted, caller, signal);
    closeOnUnread(reply, limits);
    return new StreamableFile(stream, {
      type: contentType,
      ...(bytes === undefined ? {} : { length: bytes }),
      disposition: `attachment; filename="${fileName}"`,
    });
  }

  /** The chart of a result: a Vega-Lite specification, or a picture. */
  @Get('chart')
  @ApiId()
  @RequirePermission('queries:read')
  @ApiOkResponse({
    description: 'The chart in the wanted format.',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(ChartDto) } },
      'image/svg+xml': { schema: { type: 'string' } },
      'image/png': BINARY,
    },
  })
  @ApiProblems('not_found', 'result_not_ready', 'result_outdated', 'chart_not_possible', 'validation_failed')
  async chart(
    @IdParam() id: number,
    @QueryParams() { format, type }: ChartQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<ChartDto | StreamableFile> {
    const chart = await this.results.chart(id, type, caller, abortOnDisconnect(reply));
    if (format === 'vega-lite') return ChartDto.from(chart);
    const picture = Buffer.from(await this.results.draw(chart, format));
    return new StreamableFile(picture, { type: format === 'svg' ? 'image/svg+xml' : 'image/png' });
  }
}
