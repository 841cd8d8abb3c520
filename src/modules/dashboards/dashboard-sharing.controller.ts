import { Body, Controller, Delete, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { HttpConfig } from '../../platform/config/index.js';
import { PageQuery } from '../../platform/database/index.js';
import { ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { DashboardSharesService } from './dashboard-shares.service.js';
import { MadePublicLinkDto, NewPublicLinkDto, PublicLinkPageDto } from './dto/public-link.dto.js';
import { NewShareDto, ShareDto, SharePageDto } from './dto/share.dto.js';
import { PublicLinksService } from './public-links.service.js';

@ApiTags('Dashboards')
@Controller('dashboards/:id')
export class DashboardSharingController {
  constructor(
    private readonly shares: DashboardSharesService,
    private readonly links: PublicLinksService,
    private readonly http: HttpConfig,
  ) {}

  /** With whom the dashboard is shared. */
  @Get('shares')
  @ApiId()
  @RequirePermission('dashboards:read')
  @ApiProblems('not_found', 'forbidden', 'validation_failed')
  async listShares(
    @IdParam() id: number,
    @Query() page: PageQuery,
    @CurrentUser() caller: Principal,
  ): Promise<SharePageDto> {
    return SharePageDto.from(await this.shares.list(id, page, caller));
  }

  /** Share it with a person or everybody of a role. With whom it is shared already, the permission changes. */
  @Post('shares')
  @ApiId()
  @RequirePermission('dashboards:write')
  @ApiProblems('not_found', 'forbidden', 'validation_failed')
  async share(@IdParam() id: number, @Body() given: NewShareDto, @CurrentUser() caller: Principal): Promise<ShareDto> {
    return ShareDto.from(await this.shares.share(id, given, caller));
  }

  /** Share it no longer. */
  @Delete('shares/:share')
  @HttpCode(204)
  @ApiId()
  @ApiId('share', 'The id of the share.')
  @RequirePermission('dashboards:write')
  @ApiNoContentResponse({ description: 'Not shared any more.' })
  @ApiProblems('not_found', 'forbidden')
  async unshare(
    @IdParam() id: number,
    @IdParam('share') share: number,
    @CurrentUser() caller: Principal,
  ): Promise<void> {
    await this.shares.remove(id, share, caller);
  }

  /** The public links of the dashboard, without their tokens. */
  @Get('public-links')
  @ApiId()
  @RequirePermission('dashboards:read')
  @ApiProblems('not_found', 'forbidden', 'validation_failed')
  async listLinks(
    @IdParam() id: number,
    @Query() page: PageQuery,
    @CurrentUser() caller: Principal,
  ): Promise<PublicLinkPageDto> {
    return PublicLinkPageDto.from(await this.links.list(id, page, caller));
  }

  /** Make a link that shows anybody what was published last, or else the dashboard as it is, under the rules that hold for you. */
  @Post('public-links')
  @ApiId()
  @RequirePermission('dashboards:publish')
  @ApiProblems('not_found', 'forbidden', 'conflict', 'validation_failed')
  async link(
    @IdParam() id: number,
    @Body() given: NewPublicLinkDto,
    @CurrentUser() caller: Principal,
  ): Promise<MadePublicLinkDto> {
    const { link, token } = await this.links.create(id, given, caller);
    return MadePublicLinkDto.made(link, token, `${this.http.publicUrl ?? ''}/api/v1/public/dashboards/${token}`);
  }

  /** End a public link at once. */
  @Delete('public-links/:link')
  @HttpCode(204)
  @ApiId()
  @ApiId('link', 'The id of the link.')
  @RequirePermission('dashboards:write')
  @ApiNoContentResponse({ description: 'The link shows nothing any more.' })
  @ApiProblems('not_found', 'forbidden')
  async revoke(@IdParam() id: number, @IdParam('link') link: number, @CurrentUser() caller: Principal): Promise<void> {
    await this.links.revoke(id, link, caller);
  }
}
