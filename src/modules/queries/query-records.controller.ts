import { Body, Controller, Get, HttpCode, Post, Query as QueryParams } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { PageQuery } from '../../platform/database/index.js';
import { ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { FeedbackDto, GiveFeedbackDto } from './dto/feedback.dto.js';
import { QueryHistoryPageDto } from './dto/history.dto.js';
import { QueryMetricPageDto } from './dto/metrics.dto.js';
import { FeedbackService } from './feedback.service.js';
import { QueryRecordsService } from './query-records.service.js';

@ApiTags('Queries')
@Controller('queries/:id')
export class QueryRecordsController {
  constructor(
    private readonly records: QueryRecordsService,
    private readonly feedback: FeedbackService,
  ) {}

  /** What happened to a query, oldest first. */
  @Get('history')
  @ApiId()
  @RequirePermission('queries:read')
  @ApiProblems('not_found', 'validation_failed')
  async history(
    @IdParam() id: number,
    @QueryParams() page: PageQuery,
    @CurrentUser() caller: Principal,
  ): Promise<QueryHistoryPageDto> {
    return QueryHistoryPageDto.from(await this.records.history(id, page, caller));
  }

  /** What each run of a query cost, the first one first. */
  @Get('metrics')
  @ApiId()
  @RequirePermission('queries:read')
  @ApiProblems('not_found', 'validation_failed')
  async metrics(
    @IdParam() id: number,
    @QueryParams() page: PageQuery,
    @CurrentUser() caller: Principal,
  ): Promise<QueryMetricPageDto> {
    return QueryMetricPageDto.from(await this.records.metrics(id, page, caller));
  }

  /** Say what you think of an answer; what you said before is replaced. */
  @Post('feedback')
  @HttpCode(200)
  @ApiId()
  @RequirePermission('queries:write')
  @ApiProblems(
    'not_found',
    'validation_failed',
    'sql_invalid',
    'sql_not_read_only',
    'sql_multiple_statements',
    'sql_function_not_allowed',
  )
  async giveFeedback(
    @IdParam() id: number,
    @Body() feedback: GiveFeedbackDto,
    @CurrentUser() caller: Principal,
  ): Promise<FeedbackDto> {
    return FeedbackDto.from(await this.feedback.give(id, feedback, caller));
  }
}
