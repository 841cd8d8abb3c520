import { Body, Controller, Delete, Get, HttpCode, Patch, Query as QueryParams } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { ChangeInsightDto, InsightDto, InsightListQuery, InsightPageDto } from './dto/insight.dto.js';
import { InsightsService } from './insights.service.js';

@ApiTags('Insights')
@Controller('insights')
export class InsightsController {
  constructor(private readonly insights: InsightsService) {}

  /** The insights that you have kept, newest first; dismissed ones only when you ask for them. */
  @Get()
  @RequirePermission('insights:read')
  @ApiProblems('validation_failed')
  async list(@QueryParams() wanted: InsightListQuery, @CurrentUser() caller: Principal): Promise<InsightPageDto> {
    return InsightPageDto.from(await this.insights.list(wanted, caller));
  }

  /** One insight, while what you may see of the data is what it was. */
  @Get(':id')
  @ApiId()
  @RequirePermission('insights:read')
  @ApiProblems('not_found', 'result_outdated')
  async get(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<InsightDto> {
    return InsightDto.from(await this.insights.get(id, caller));
  }

  /** Pin it, dismiss it, or call it something else. */
  @Patch(':id')
  @ApiId()
  @RequirePermission('insights:write')
  @ApiProblems('not_found', 'result_outdated', 'validation_failed')
  async change(
    @IdParam() id: number,
    @Body() wanted: ChangeInsightDto,
    @CurrentUser() caller: Principal,
  ): Promise<InsightDto> {
    return InsightDto.from(await this.insights.change(id, wanted, caller));
  }

  /** Remove an insight; what was found stays to be found. */
  @Delete(':id')
  @HttpCode(204)
  @ApiId()
  @RequirePermission('insights:write')
  @ApiNoContentResponse({ description: 'Removed.' })
  @ApiProblems('not_found')
  async remove(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<void> {
    await this.insights.remove(id, caller);
  }
}
