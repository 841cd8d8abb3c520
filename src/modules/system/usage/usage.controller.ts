import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../../platform/security/index.js';
import { UsageCostPageDto, UsageListQuery, UsageSummaryDto, UsageSummaryQuery } from '../dto/usage.dto.js';
import { UsageReports } from './usage-reports.service.js';

@ApiTags('Usage')
@Controller('usage-costs')
export class UsageController {
  constructor(private readonly reports: UsageReports) {}

  /** What you have used, newest first; administrators see what everybody has used. */
  @Get()
  @RequirePermission('usage:read')
  @ApiProblems('validation_failed')
  async list(@Query() wanted: UsageListQuery, @CurrentUser() caller: Principal): Promise<UsageCostPageDto> {
    return UsageCostPageDto.from(await this.reports.list(wanted, caller));
  }

  /** Sums of it by metric, and by day and user where you ask for that. */
  @Get('summary')
  @RequirePermission('usage:read')
  @ApiProblems('validation_failed')
  async summary(@Query() wanted: UsageSummaryQuery, @CurrentUser() caller: Principal): Promise<UsageSummaryDto> {
    return UsageSummaryDto.from(await this.reports.sums(wanted, caller));
  }
}
