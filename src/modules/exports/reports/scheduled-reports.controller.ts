import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiCreatedResponse, ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { abortOnDisconnect, ApiId, ApiProblems, IdParam } from '../../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../../platform/security/index.js';
import {
  ChangeScheduledReportDto,
  NewScheduledReportDto,
  ReportDeliveryPageDto,
  ReportListQuery,
  ReportRunDto,
  RunWaitQuery,
  ScheduledReportDto,
  ScheduledReportPageDto,
} from '../dto/scheduled-report.dto.js';
import { ScheduledReportsService } from './scheduled-reports.service.js';

@ApiTags('Scheduled reports')
@Controller('scheduled-reports')
export class ScheduledReportsController {
  constructor(private readonly reports: ScheduledReportsService) {}

  /** Have a query asked by the clock, for every recipient as they may ask it, and its result sent to them. */
  @Post()
  @RequirePermission('scheduled_reports:write')
  @ApiProblems('not_found', 'forbidden', 'conflict', 'validation_failed')
  async create(@Body() wanted: NewScheduledReportDto, @CurrentUser() caller: Principal): Promise<ScheduledReportDto> {
    return ScheduledReportDto.from(await this.reports.create(wanted, caller));
  }

  /** Your reports, newest first. */
  @Get()
  @RequirePermission('scheduled_reports:read')
  @ApiProblems('validation_failed')
  async list(@Query() wanted: ReportListQuery, @CurrentUser() caller: Principal): Promise<ScheduledReportPageDto> {
    return ScheduledReportPageDto.from(await this.reports.list(wanted, caller));
  }

  /** A report, and when it runs next. */
  @Get(':id')
  @ApiId()
  @RequirePermission('scheduled_reports:read')
  @ApiProblems('not_found')
  async get(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<ScheduledReportDto> {
    return ScheduledReportDto.from(await this.reports.get(id, caller));
  }

  /** Change a report; `is_active` pauses and resumes it. */
  @Patch(':id')
  @ApiId()
  @RequirePermission('scheduled_reports:write')
  @ApiProblems('not_found', 'validation_failed')
  async change(
    @IdParam() id: number,
    @Body() wanted: ChangeScheduledReportDto,
    @CurrentUser() caller: Principal,
  ): Promise<ScheduledReportDto> {
    return ScheduledReportDto.from(await this.reports.change(id, wanted, caller));
  }

  /** Remove a report, with what is known of its deliveries. */
  @Delete(':id')
  @HttpCode(204)
  @ApiId()
  @RequirePermission('scheduled_reports:write')
  @ApiNoContentResponse({ description: 'Removed.' })
  @ApiProblems('not_found')
  async remove(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<void> {
    await this.reports.remove(id, caller);
  }

  /** Run a report now; its times stay as they are. */
  @Post(':id/run')
  @ApiId()
  @RequirePermission('scheduled_reports:write')
  @ApiCreatedResponse({ type: ReportRunDto, description: 'Sent to everybody, or failed, within the wait.' })
  @ApiAcceptedResponse({ type: ReportRunDto, description: 'Still on its way; see `Location`.' })
  @ApiProblems('not_found')
  async run(
    @IdParam() id: number,
    @Query() { wait }: RunWaitQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<ReportRunDto> {
    const patience = { waitMs: wait * 1000, disconnected: abortOnDisconnect(reply) };
    const deliveries = await this.reports.run(id, caller, patience);
    reply.header('location', `/api/v1/scheduled-reports/${id}/deliveries`);
    reply.status(deliveries.some(({ status }) => status === 'pending') ? 202 : 201);
    return ReportRunDto.from(deliveries);
  }

  /** What became of a report, newest first: every recipient, every try. */
  @Get(':id/deliveries')
  @ApiId()
  @RequirePermission('scheduled_reports:read')
  @ApiProblems('not_found', 'validation_failed')
  async deliveries(
    @IdParam() id: number,
    @Query() wanted: ReportListQuery,
    @CurrentUser() caller: Principal,
  ): Promise<ReportDeliveryPageDto> {
    return ReportDeliveryPageDto.from(await this.reports.deliveries(id, wanted, caller));
  }
}
