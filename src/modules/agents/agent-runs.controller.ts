import { Body, Controller, Get, Post, Query, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { PageQuery } from '../../platform/database/index.js';
import { abortOnDisconnect, ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { WaitQuery } from '../queries/index.js';
import { AgentRunsView } from './agent-runs.view.js';
import { AgentRunDto, AgentRunPageDto, StartAgentRunDto } from './dto/agent-run.dto.js';
import { isAtRest } from './run-status.js';

@ApiTags('Agents')
@Controller('agents/:id/runs')
export class AgentRunsController {
  constructor(private readonly runs: AgentRunsView) {}

  /** Give an agent a task. */
  @Post()
  @ApiId()
  @RequirePermission('agents:run')
  @ApiCreatedResponse({ type: AgentRunDto, description: 'Ended within the wait.' })
  @ApiAcceptedResponse({ type: AgentRunDto, description: 'Still at work; see `Location`.' })
  @ApiProblems('not_found', 'conflict', 'forbidden', 'overloaded', 'validation_failed')
  async start(
    @IdParam() id: number,
    @Body() { input }: StartAgentRunDto,
    @Query() { wait }: WaitQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<AgentRunDto> {
    const patience = { waitMs: wait * 1000, disconnected: abortOnDisconnect(reply) };
    const run = await this.runs.start(id, input, caller, patience);
    reply.header('location', `/api/v1/agent-runs/${run.id}`);
    reply.status(isAtRest(run.status) ? 201 : 202);
    return run;
  }

  /** What you have had this agent do, newest first. */
  @Get()
  @ApiId()
  @RequirePermission('agents:read')
  @ApiProblems('not_found', 'validation_failed')
  async list(
    @IdParam() id: number,
    @Query() page: PageQuery,
    @CurrentUser() caller: Principal,
  ): Promise<AgentRunPageDto> {
    return this.runs.list(id, page, caller);
  }
}

@ApiTags('Agents')
@Controller('agent-runs')
export class AgentRunController {
  constructor(private readonly runs: AgentRunsView) {}

  /** One task of an agent, and what it came to. */
  @Get(':id')
  @ApiId()
  @RequirePermission('agents:read')
  @ApiProblems('not_found')
  async get(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<AgentRunDto> {
    return this.runs.get(id, caller);
  }
}
