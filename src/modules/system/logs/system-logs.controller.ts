import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../../../platform/http/index.js';
import { RequirePermission } from '../../../platform/security/index.js';
import { SystemLogPageDto, SystemLogQuery } from '../dto/system-log.dto.js';
import { SystemLogs } from './system-logs.service.js';

@ApiTags('Administration')
@Controller('system-logs')
export class SystemLogsController {
  constructor(private readonly logs: SystemLogs) {}

  /** What went wrong in what the server does by itself, newest first: deliveries to webhooks that failed. */
  @Get()
  @RequirePermission('system:read')
  @ApiProblems('validation_failed')
  async list(@Query() wanted: SystemLogQuery): Promise<SystemLogPageDto> {
    return SystemLogPageDto.from(await this.logs.list(wanted));
  }
}
