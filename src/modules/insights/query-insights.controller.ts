import { Body, Controller, Get, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { abortOnDisconnect, ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { FindingsDto, FindingsService } from '../queries/index.js';
import { InsightDto, KeepFindingDto } from './dto/insight.dto.js';
import { InsightsService } from './insights.service.js';

@ApiTags('Insights')
@Controller('queries/:id/insights')
export class QueryInsightsController {
  constructor(
    private readonly findings: FindingsService,
    private readonly insights: InsightsService,
  ) {}

  /** What stands out in the whole result of a query, however large it is. */
  @Get()
  @ApiId()
  @RequirePermission('insights:read')
  @ApiProblems('not_found', 'result_not_ready', 'result_outdated', 'query_timeout')
  async find(
    @IdParam() id: number,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<FindingsDto> {
    return FindingsDto.from(await this.findings.of(id, caller, abortOnDisconnect(reply)));
  }

  /** Keep a finding. One that is kept already stays as it is. */
  @Post()
  @ApiId()
  @RequirePermission('insights:write')
  @ApiProblems('not_found', 'result_not_ready', 'result_outdated', 'validation_failed', 'query_timeout')
  async keep(
    @IdParam() id: number,
    @Body() wanted: KeepFindingDto,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<InsightDto> {
    return InsightDto.from(await this.insights.keep(id, wanted, caller, abortOnDisconnect(reply)));
  }
}
