import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query, StreamableFile } from '@nestjs/common';
import { ApiExtraModels, ApiNoContentResponse, ApiOkResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { PageQuery } from '../../platform/database/index.js';
import { ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { ChartsService } from './charts.service.js';
import { ChangeChartDto, ChartListQuery, ChartPageDto, DashboardChartDto, NewChartDto } from './dto/chart.dto.js';
import { RenderChartQuery, ShownChartDto } from './dto/rendered.dto.js';
import { DashboardRenderingService } from './rendering/dashboard-rendering.service.js';

@ApiTags('Dashboards')
@ApiExtraModels(ShownChartDto)
@Controller()
export class ChartsController {
  constructor(
    private readonly charts: ChartsService,
    private readonly rendering: DashboardRenderingService,
  ) {}

  /** The charts of a dashboard, oldest first. */
  @Get('dashboards/:id/charts')
  @ApiId()
  @RequirePermission('dashboards:read')
  @ApiProblems('not_found', 'validation_failed')
  async list(@IdParam() id: number, @Query() page: PageQuery, @CurrentUser() caller: Principal): Promise<ChartPageDto> {
    return ChartPageDto.from(await this.charts.list(id, page, caller));
  }

  /** Put a query of yours on the dashboard: whoever may look at it sees what the query gives, as far as they may see the data. */
  @Post('dashboards/:id/charts')
  @ApiId()
  @RequirePermission('dashboards:write')
  @ApiProblems('not_found', 'forbidden', 'conflict', 'result_not_ready', 'validation_failed')
  async add(
    @IdParam() id: number,
    @Body() given: NewChartDto,
    @CurrentUser() caller: Principal,
  ): Promise<DashboardChartDto> {
    return DashboardChartDto.from(await this.charts.add(id, given, caller));
  }

  /** The charts of all dashboards that you may look at, newest first. */
  @Get('charts')
  @RequirePermission('dashboards:read')
  @ApiProblems('validation_failed')
  async listAll(@Query() wanted: ChartListQuery, @CurrentUser() caller: Principal): Promise<ChartPageDto> {
    return ChartPageDto.from(await this.charts.listAll(wanted, caller));
  }

  /** One chart. */
  @Get('charts/:id')
  @ApiId()
  @RequirePermission('dashboards:read')
  @ApiProblems('not_found')
  async get(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<DashboardChartDto> {
    return DashboardChartDto.from(await this.charts.get(id, caller));
  }

  /** Rename it, draw it in another way, or put another query behind it. */
  @Patch('charts/:id')
  @ApiId()
  @RequirePermission('dashboards:write')
  @ApiProblems('not_found', 'forbidden', 'conflict', 'result_not_ready', 'validation_failed')
  async change(
    @IdParam() id: number,
    @Body() given: ChangeChartDto,
    @CurrentUser() caller: Principal,
  ): Promise<DashboardChartDto> {
    return DashboardChartDto.from(await this.charts.change(id, given, caller));
  }

  /** Take a chart off its dashboard; its query stays. */
  @Delete('charts/:id')
  @HttpCode(204)
  @ApiId()
  @RequirePermission('dashboards:write')
  @ApiNoContentResponse({ description: 'Removed.' })
  @ApiProblems('not_found', 'forbidden')
  async remove(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<void> {
    await this.charts.remove(id, caller);
  }

  /** The chart with its data, as you may see it: a Vega-Lite specification with the rows of a table, or a picture. */
  @Get('charts/:id/render')
  @ApiId()
  @RequirePermission('dashboards:read')
  @ApiOkResponse({
    description: 'The chart in the wanted format.',
    content: {
      'application/json': { schema: { $ref: getSchemaPath(ShownChartDto) } },
      'image/svg+xml': { schema: { type: 'string' } },
      'image/png': { schema: { type: 'string', format: 'binary' } },
    },
  })
  @ApiProblems('not_found', 'result_not_ready', 'chart_not_possible', 'validation_failed', 'overloaded')
  @ApiProblems('source_unavailable', 'query_failed', 'query_timeout')
  async render(
    @IdParam() id: number,
    @Query() { format, filter: chosen, wait }: RenderChartQuery,
    @CurrentUser() caller: Principal,
  ): Promise<ShownChartDto | StreamableFile> {
    const shown = await this.rendering.chart(id, caller, { chosen, waitMs: wait * 1000 });
    if (format === 'vega-lite') return ShownChartDto.from(shown);
    const picture = Buffer.from(await this.rendering.picture(shown, format));
    return new StreamableFile(picture, { type: format === 'svg' ? 'image/svg+xml' : 'image/png' });
  }
}
