import { Body, Controller, Delete, Get, Headers, HttpCode, Post, Query as QueryParams, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { abortOnDisconnect, ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { AskService, type Patience } from './ask.service.js';
import { AnswerDto, AskDto, QueryListQuery, WaitQuery } from './dto/ask.dto.js';
import { QueryDto, QueryPageDto, QuerySummaryDto } from './dto/query.dto.js';
import { isUnfinished, type Query } from './entities/query.entity.js';
import { QueriesService } from './queries.service.js';
import { QueryAnswers } from './query-answers.js';

const CACHE_CONTROL = {
  name: 'Cache-Control',
  required: false,
  description: '`no-cache` runs the statement even when the same one has run over the same data before.',
};

@ApiTags('Queries')
@Controller('queries')
export class QueriesController {
  constructor(
    private readonly asking: AskService,
    private readonly queries: QueriesService,
    private readonly answers: QueryAnswers,
  ) {}

  /** Ask a question in plain language, or run a SELECT statement of your own. */
  @Post()
  @RequirePermission('queries:write')
  @ApiCreatedResponse({ type: QueryDto, description: 'Ended within the wait: answered, asked back, or failed.' })
  @ApiAcceptedResponse({ type: QueryDto, description: 'Still running; see `Location`.' })
  @ApiHeader(CACHE_CONTROL)
  @ApiProblems(
    'not_found',
    'overloaded',
    'source_unavailable',
    'validation_failed',
    'sql_invalid',
    'sql_not_read_only',
    'sql_multiple_statements',
  )
  @ApiProblems(
    'budget_exceeded',
    'query_over_budget',
    'sql_function_not_allowed',
    'sql_table_not_allowed',
    'sql_construct_not_allowed',
    'sql_too_large',
  )
  async ask(
    @Body() request: AskDto,
    @QueryParams() { wait }: WaitQuery,
    @Headers('cache-control') cacheControl: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<QueryDto> {
    return this.tell(reply, caller, 201, (patience) => this.asking.ask(request, caller, patience), wait, cacheControl);
  }

  /** Answer what a query asked back; it goes on from there. */
  @Post(':id/answer')
  @HttpCode(200)
  @ApiId()
  @RequirePermission('queries:write')
  @ApiOkResponse({ type: QueryDto, description: 'Ended within the wait: answered, asked back again, or failed.' })
  @ApiAcceptedResponse({ type: QueryDto, description: 'Still running; see `Location`.' })
  @ApiHeader(CACHE_CONTROL)
  @ApiProblems('not_found', 'clarification_not_open', 'overloaded', 'query_over_budget', 'source_unavailable')
  @ApiProblems('budget_exceeded')
  @ApiProblems('validation_failed')
  async answer(
    @IdParam() id: number,
    @Body() answer: AnswerDto,
    @QueryParams() { wait }: WaitQuery,
    @Headers('cache-control') cacheControl: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<QueryDto> {
    return this.tell(
      reply,
      caller,
      200,
      (patience) => this.asking.answer(id, answer, caller, patience),
      wait,
      cacheControl,
    );
  }

  /** Ask the same again, as a new query. */
  @Post(':id/rerun')
  @ApiId()
  @RequirePermission('queries:write')
  @ApiCreatedResponse({ type: QueryDto })
  @ApiAcceptedResponse({ type: QueryDto, description: 'Still running; see `Location`.' })
  @ApiHeader(CACHE_CONTROL)
  @ApiProblems('not_found', 'overloaded', 'budget_exceeded', 'query_over_budget', 'source_unavailable')
  async rerun(
    @IdParam() id: number,
    @QueryParams() { wait }: WaitQuery,
    @Headers('cache-control') cacheControl: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<QueryDto> {
    return this.tell(reply, caller, 201, (patience) => this.asking.rerun(id, caller, patience), wait, cacheControl);
  }

  /** Stop a running query; one that has ended stays as it is. */
  @Post(':id/cancel')
  @HttpCode(200)
  @ApiId()
  @RequirePermission('queries:write')
  @ApiProblems('not_found')
  async cancel(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<QuerySummaryDto> {
    return QuerySummaryDto.from(await this.queries.cancel(id, caller));
  }

  /** Your queries, newest first, without their rows. A page costs the same however many there are; only the total does not. */
  @Get()
  @RequirePermission('queries:read')
  @ApiProblems('validation_failed')
  async list(@QueryParams() page: QueryListQuery, @CurrentUser() caller: Principal): Promise<QueryPageDto> {
    const { items, nextCursor, total } = await this.queries.list(caller, page);
    return {
      items: items.map((query) => QuerySummaryDto.from(query)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }

  /** One query with its first rows, its chart and its receipt. */
  @Get(':id')
  @ApiId()
  @RequirePermission('queries:read')
  @ApiProblems('not_found')
  async get(
    @IdParam() id: number,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<QueryDto> {
    return this.answers.read(id, caller, abortOnDisconnect(reply));
  }

  /** Remove a query with its result; a running one is stopped first. */
  @Delete(':id')
  @HttpCode(204)
  @ApiId()
  @RequirePermission('queries:write')
  @ApiNoContentResponse({ description: 'Removed.' })
  @ApiProblems('not_found')
  async remove(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<void> {
    await this.queries.remove(id, caller);
  }

  private async tell(
    reply: FastifyReply,
    caller: Principal,
    endedStatus: number,
    ask: (patience: Patience) => Promise<Query>,
    waitSeconds: number,
    cacheControl = '',
  ): Promise<QueryDto> {
    const disconnected = abortOnDisconnect(reply);
    const query = await ask({
      waitMs: waitSeconds * 1000,
      disconnected,
      fresh: /no-cache|no-store/i.test(cacheControl),
    });
    reply.header('location', `/api/v1/queries/${query.id}`);
    reply.status(isUnfinished(query) ? 202 : endedStatus);
    return this.answers.tell(query, caller, disconnected);
  }
}
