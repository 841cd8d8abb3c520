import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { PageQuery } from '../../../platform/database/index.js';
import { abortOnDisconnect, ApiId, ApiProblems, IdParam } from '../../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../../platform/security/index.js';
import {
  AlertDto,
  AlertEventPageDto,
  AlertListQuery,
  AlertPageDto,
  AlertTrialDto,
  CreateAlertDto,
  UpdateAlertDto,
} from '../dto/alert.dto.js';
import { AlertsService } from './alerts.service.js';

@ApiTags('Alerts')
@Controller('alerts')
export class AlertsController {
  constructor(private readonly alerts: AlertsService) {}

  /** Watch the results of a query, whenever you run it and at the times of a schedule. */
  @Post()
  @RequirePermission('alerts:write')
  @ApiProblems('not_found', 'conflict', 'validation_failed')
  async create(@Body() request: CreateAlertDto, @CurrentUser() caller: Principal): Promise<AlertDto> {
    return AlertDto.from(await this.alerts.create(request, caller));
  }

  /** Your alerts, newest first. */
  @Get()
  @RequirePermission('alerts:read')
  @ApiProblems('validation_failed')
  async list(@Query() wanted: AlertListQuery, @CurrentUser() caller: Principal): Promise<AlertPageDto> {
    return AlertPageDto.from(await this.alerts.list(wanted, caller));
  }

  /** One of yours, with how it stands. */
  @Get(':id')
  @ApiId()
  @RequirePermission('alerts:read')
  @ApiProblems('not_found')
  async get(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<AlertDto> {
    return AlertDto.from(await this.alerts.get(id, caller));
  }

  /** Change it, or switch it on or off. */
  @Patch(':id')
  @ApiId()
  @RequirePermission('alerts:write')
  @ApiProblems('not_found', 'validation_failed')
  async update(
    @IdParam() id: number,
    @Body() change: UpdateAlertDto,
    @CurrentUser() caller: Principal,
  ): Promise<AlertDto> {
    return AlertDto.from(await this.alerts.update(id, change, caller));
  }

  /** Remove it with its history. */
  @Delete(':id')
  @HttpCode(204)
  @ApiId()
  @RequirePermission('alerts:write')
  @ApiNoContentResponse({ description: 'Removed.' })
  @ApiProblems('not_found')
  async remove(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<void> {
    await this.alerts.remove(id, caller);
  }

  /** Run its query now and say what would come of it. Nobody is told, and nothing is kept. */
  @Post(':id/test')
  @HttpCode(200)
  @ApiId()
  @RequirePermission('alerts:write')
  @ApiProblems('not_found', 'overloaded')
  async test(
    @IdParam() id: number,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<AlertTrialDto> {
    return AlertTrialDto.from(await this.alerts.test(id, caller, abortOnDisconnect(reply)));
  }

  /** When it has triggered, was back to normal, or could not be evaluated, newest first. */
  @Get(':id/events')
  @ApiId()
  @RequirePermission('alerts:read')
  @ApiProblems('not_found', 'validation_failed')
  async events(
    @IdParam() id: number,
    @Query() page: PageQuery,
    @CurrentUser() caller: Principal,
  ): Promise<AlertEventPageDto> {
    return AlertEventPageDto.from(await this.alerts.events(id, page, caller));
  }
}
