import { Body, Controller, Get, Headers, HttpCode, Post, Query, Res, type StreamableFile } from '@nestjs/common';
import { ApiAcceptedResponse, ApiCreatedResponse, ApiExtraModels, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiEventStream, abortOnDisconnect, ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { WaitQuery } from '../queries/index.js';
import { AgentRunsView } from './agent-runs.view.js';
import {
  AnswerRunDto,
  NewOrchestratorRunDto,
  OrchestratorRunDto,
  OrchestratorRunListQuery,
  OrchestratorRunPageDto,
} from './dto/orchestrator-run.dto.js';
import { RunEndedEventDto, StepEventDto } from './dto/run-events.dto.js';
import type { OrchestratorRun } from './entities/orchestrator-run.entity.js';
import { OrchestratorRunsService } from './orchestrator-runs.service.js';
import { RunControlService } from './run-control.service.js';
import { RunEvents } from './run-events.js';
import { isAtRest } from './run-status.js';

@ApiTags('Agents')
@ApiExtraModels(StepEventDto, RunEndedEventDto)
@Controller('orchestrator-runs')
export class OrchestratorRunsController {
  constructor(
    private readonly runs: OrchestratorRunsService,
    private readonly control: RunControlService,
    private readonly view: AgentRunsView,
    private readonly events: RunEvents,
  ) {}

  /** Have a question answered, checked, drawn, searched for what stands out, and told in words. */
  @Post()
  @RequirePermission('agents:run')
  @ApiCreatedResponse({ type: OrchestratorRunDto, description: 'Came to rest within the wait: ended, or asks back.' })
  @ApiAcceptedResponse({ type: OrchestratorRunDto, description: 'Still at work; see `Location`.' })
  @ApiProblems('not_found', 'conflict', 'forbidden', 'overloaded', 'validation_failed')
  async start(
    @Body() request: NewOrchestratorRunDto,
    @Query() { wait }: WaitQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<OrchestratorRunDto> {
    const patience = { waitMs: wait * 1000, disconnected: abortOnDisconnect(reply) };
    return this.tell(await this.runs.start(request, caller, patience), 201, caller, reply);
  }

  /** Your runs, newest first, without their steps. */
  @Get()
  @RequirePermission('agents:read')
  @ApiProblems('validation_failed')
  async list(
    @Query() wanted: OrchestratorRunListQuery,
    @CurrentUser() caller: Principal,
  ): Promise<OrchestratorRunPageDto> {
    return OrchestratorRunPageDto.from(await this.runs.list(wanted, caller));
  }

  /** One run: how far it is, and what its steps came to. */
  @Get(':id')
  @ApiId()
  @RequirePermission('agents:read')
  @ApiProblems('not_found')
  async get(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<OrchestratorRunDto> {
    return this.view.whole(await this.runs.get(id, caller), caller);
  }

  /** Answer what a run asks back; it goes on from there. */
  @Post(':id/answer')
  @HttpCode(200)
  @ApiId()
  @RequirePermission('agents:run')
  @ApiOkResponse({ type: OrchestratorRunDto, description: 'Came to rest within the wait.' })
  @ApiAcceptedResponse({ type: OrchestratorRunDto, description: 'Still at work; see `Location`.' })
  @ApiProblems('not_found', 'clarification_not_open', 'forbidden', 'overloaded', 'source_unavailable')
  @ApiProblems('validation_failed')
  async answer(
    @IdParam() id: number,
    @Body() answer: AnswerRunDto,
    @Query() { wait }: WaitQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<OrchestratorRunDto> {
    const patience = { waitMs: wait * 1000, disconnected: abortOnDisconnect(reply) };
    return this.tell(await this.control.answer(id, answer, caller, patience), 200, caller, reply);
  }

  /** Stop a run, with the query that it is at; one that has ended stays as it is. */
  @Post(':id/cancel')
  @HttpCode(200)
  @ApiId()
  @RequirePermission('agents:run')
  @ApiProblems('not_found')
  async cancel(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<OrchestratorRunDto> {
    return this.view.whole(await this.control.cancel(id, caller), caller);
  }

  /** Follow a run, as server-sent events. */
  @Get(':id/events')
  @ApiId()
  @RequirePermission('agents:read')
  @ApiEventStream(
    '`step` (`StepEvent`) when a step begins and when it ends, `needs_answer` (`StepEvent`) when it asks back, and in the end ' +
      '`finished` (`RunEndedEvent`).',
    'the last event',
  )
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

  private tell(
    run: OrchestratorRun,
    status: number,
    caller: Principal,
    reply: FastifyReply,
  ): Promise<OrchestratorRunDto> {
    reply.header('location', `/api/v1/orchestrator-runs/${run.id}`);
    reply.status(isAtRest(run.status) ? status : 202);
    return this.view.whole(run, caller);
  }
}
