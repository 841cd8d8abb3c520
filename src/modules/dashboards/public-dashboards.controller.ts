import { Controller, Get, Headers, Ip, Param, Query, Res, StreamableFile, UseInterceptors } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiParam, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiProblems } from '../../platform/http/index.js';
import { Public } from '../../platform/security/index.js';
import { LookQuery, PublicDashboardDto } from './dto/rendered.dto.js';
import { PublicDashboardsService } from './public-dashboards.service.js';
import { RangeFields } from './range-fields.js';
import { PublicRenderingService } from './rendering/public-rendering.service.js';

@ApiTags('Public dashboards')
@ApiExtraModels(PublicDashboardDto)
@Controller('public/dashboards')
export class PublicDashboardsController {
  constructor(
    private readonly links: PublicDashboardsService,
    private readonly rendering: PublicRenderingService,
  ) {}

  /** What was published of a dashboard, for who has its link: a page where `Accept` asks for HTML, otherwise data. A password goes by HTTP Basic. */
  @Get(':token')
  @Public()
  @UseInterceptors(RangeFields)
  @ApiParam({ name: 'token', description: 'Of the link.' })
  @ApiOkResponse({
    description: 'The dashboard.',
    content: {
      'text/html': { schema: { type: 'string' } },
      'application/json': { schema: { $ref: getSchemaPath(PublicDashboardDto) } },
    },
  })
  @ApiProblems('not_found', 'link_password_needed', 'rate_limited', 'validation_failed')
  async show(
    @Param('token') token: string,
    @Query() { filter: chosen, wait }: LookQuery,
    @Headers('authorization') authorization: string | undefined,
    @Headers('accept') accept: string | undefined,
    @Ip() address: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PublicDashboardDto | StreamableFile> {
    const opened = await this.links.open(token, authorization, address);
    const look = { chosen, waitMs: wait * 1000 };
    reply.headers({
      vary: 'Accept, Authorization',
      'cache-control': 'private, no-store',
      'referrer-policy': 'no-referrer',
    });
    if (!prefersHtml(accept)) return this.rendering.data(opened, look);
    const { html, policy } = await this.rendering.page(opened, look);
    reply.header('content-security-policy', policy);
    return new StreamableFile(Buffer.from(html), { type: 'text/html; charset=utf-8' });
  }
}

/** Browsers name HTML first; programs that say nothing, or anything, get data. */
function prefersHtml(accept = ''): boolean {
  const types = accept.split(',').map((one) => one.trim().split(';')[0]?.toLowerCase());
  const [html, json] = [types.indexOf('text/html'), types.indexOf('application/json')];
  return html >= 0 && (json < 0 || html < json);
}
