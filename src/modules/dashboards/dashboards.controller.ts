import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiExtraModels, ApiNoContentResponse, ApiOkResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { DashboardsService } from './dashboards.service.js';
import {
  ChangeDashboardDto,
  DashboardDto,
  DashboardListQuery,
  DashboardPageDto,
  NewDashboardDto,
} from './dto/dashboard.dto.js';
import { RenderedDashboardDto, RenderQuery } from './dto/rendered.dto.js';
import { DashboardRenderingService } from './rendering/dashboard-rendering.service.js';

const CONTENT_TYPES = { svg: 'image/svg+xml', png: 'image/png', pdf: 'application/pdf' } as const;

@ApiTags('Dashboards')
@ApiExtraModels(RenderedDashboardDto)
@Controller('dashboards')
export class DashboardsController {
  constructor(
    private readonly dashboards: DashboardsService,
    private readonly rendering: DashboardRenderingService,
  ) {}

  /** The dashboards that you may look at, newest first: yours, those shared with you, and public ones. */
  @Get()
  @RequirePermission('dashboards:read')
  @ApiProblems('validation_failed')
  async list(@Query() wanted: DashboardListQuery, @CurrentUser() caller: Principal): Promise<DashboardPageDto> {
    return DashboardPageDto.from(await this.dashboards.list(wanted, caller));
  }

  /** Make a dashboard; then put charts on it. */
  @Post()
  @RequirePermission('dashboards:write')
  @ApiProblems('validation_failed', 'forbidden', 'not_found')
  async create(@Body() given: NewDashboardDto, @CurrentUser() caller: Principal): Promise<DashboardDto> {
    return DashboardDto.from(await this.dashboards.create(given, caller));
  }

  /** One dashboard. What is on it is at `/dashboards/{id}/charts`, and as it is shown at `/dashboards/{id}/render`. */
  @Get(':id')
  @ApiId()
  @RequirePermission('dashboards:read')
  @ApiProblems('not_found')
  async get(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<DashboardDto> {
    return DashboardDto.from(await this.dashboards.get(id, caller));
  }

  /** Rename, describe, arrange, say what it can be filtered by, or let everybody who is signed in look at it. */
  @Patch(':id')
  @ApiId()
  @RequirePermission('dashboards:write')
  @ApiProblems('not_found', 'forbidden', 'conflict', 'validation_failed')
  async change(
    @IdParam() id: number,
    @Body() given: ChangeDashboardDto,
    @CurrentUser() caller: Principal,
  ): Promise<DashboardDto> {
    return DashboardDto.from(await this.dashboards.change(id, given, caller));
  }

  /** Remove a dashboard with its charts, versions and links. */
  @Delete(':id')
  @HttpCode(204)
  @ApiId()
  @RequirePermission('dashboards:write')
  @ApiNoContentResponse({ description: 'Removed.' })
  @ApiProblems('not_found', 'forbidden')
  async remove(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<void> {
    await this.dashboards.remove(id, caller);
  }

  /** The dashboard with its data, as you may see it: a page that stands alone, a picture, a document, or data. */
  @Get(':id/render')
  @ApiId()
  @RequirePermission('dashboards:read')
  @ApiOkResponse({
    description: 'The dashboard in the wanted format.',
    content: {
      'text/html': { schema: { type: 'string' } },
      'application/json': { schema: { $ref: getSchemaPath(RenderedDashboardDto) } },
      'image/svg+xml': { schema: { type: 'string' } },
      'image/png': { schema: { type: 'string', format: 'binary' } },
      'application/pdf': { schema: { type: 'string', format: 'binary' } },
    },
  })
  @ApiProblems('not_found', 'validation_failed', 'chart_not_possible')
  async render(
    @IdParam() id: number,
    @Query() { format, filter: chosen, wait }: RenderQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<RenderedDashboardDto | StreamableFile> {
    const look = { chosen, waitMs: wait * 1000 };
    if (format === 'html') {
      const { html, policy } = await this.rendering.page(id, caller, look);
      reply.headers({ 'content-security-policy': policy, 'cache-control': 'private, no-store' });
      return new StreamableFile(Buffer.from(html), { type: 'text/html; charset=utf-8' });
    }
    if (format === 'json') return RenderedDashboardDto.from(await this.rendering.dashboard(id, caller, look));
    return new StreamableFile(await this.rendering.file(id, format, caller, look), { type: CONTENT_TYPES[format] });
  }
}
