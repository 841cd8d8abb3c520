import { Body, Controller, Get, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { abortOnDisconnect, ApiId, ApiProblems, IdParam } from '../../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../../platform/security/index.js';
import { WaitQuery } from '../dto/ask.dto.js';
import {
  ComparisonDto,
  ResultListQuery,
  ResultPageDto,
  RunDto,
  RunListQuery,
  RunPageDto,
  StartRunDto,
} from './runs.dto.js';
import { RunsService } from './runs.service.js';

@ApiTags('Evaluations')
@Controller('evaluations/runs')
export class RunsController {
  constructor(private readonly runs: RunsService) {}

  /** The runs of your suites, newest first. */
  @Get()
  @RequirePermission('queries:read')
  @ApiProblems('validation_failed')
  async list(@Query() page: RunListQuery, @CurrentUser() caller: Principal): Promise<RunPageDto> {
    return RunPageDto.from(await this.runs.list(page, caller));
  }

  /** Ask every question of a suite, as you may ask it, in the background. */
  @Post()
  @RequirePermission('queries:write')
  @ApiCreatedResponse({ type: RunDto, description: 'Ended within the wait.' })
  @ApiAcceptedResponse({ type: RunDto, description: 'Still at work; see `Location`.' })
  @ApiProblems('not_found', 'overloaded', 'validation_failed')
  async start(
    @Body() request: StartRunDto,
    @Query() { wait }: WaitQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<RunDto> {
    const patience = { waitMs: wait * 1000, disconnected: abortOnDisconnect(reply) };
    const run = await this.runs.start(request, caller, patience);
    reply.header('location', `/api/v1/evaluations/runs/${run.id}`);
    reply.status(run.finishedAt === null ? 202 : 201);
    return RunDto.from(run);
  }

  /** A run: how far it is, and what it came to. */
  @Get(':id')
  @ApiId()
  @RequirePermission('queries:read')
  @ApiProblems('not_found')
  async get(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<RunDto> {
    return RunDto.from(await this.runs.get(id, caller));
  }

  /** Stop a run; one that has ended stays as it is. */
  @Post(':id/cancel')
  @HttpCode(200)
  @ApiId()
  @RequirePermission('queries:write')
  @ApiProblems('not_found')
  async cancel(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<RunDto> {
    return RunDto.from(await this.runs.cancel(id, caller));
  }

  /** What came of every question, in the order in which they were asked. */
  @Get(':id/results')
  @ApiId()
  @RequirePermission('queries:read')
  @ApiProblems('not_found', 'validation_failed')
  async results(
    @IdParam() id: number,
    @Query() page: ResultListQuery,
    @CurrentUser() caller: Principal,
  ): Promise<ResultPageDto> {
    return ResultPageDto.from(await this.runs.results(id, page, caller));
  }

  /** What became of each question from this run to the other: better, worse, or the same. */
  @Get(':id/compare/:other')
  @ApiId()
  @ApiId('other', 'The id of the other run, of the same suite.')
  @RequirePermission('queries:read')
  @ApiProblems('not_found', 'validation_failed')
  async compare(
    @IdParam() id: number,
    @IdParam('other') other: number,
    @CurrentUser() caller: Principal,
  ): Promise<ComparisonDto> {
    return ComparisonDto.from(await this.runs.compare(id, other, caller));
  }
}
