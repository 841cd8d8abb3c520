import { Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { PageQuery } from '../../platform/database/index.js';
import { ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { DashboardVersionsService } from './dashboard-versions.service.js';
import { DashboardDto } from './dto/dashboard.dto.js';
import { VersionDto, VersionPageDto } from './dto/version.dto.js';

@ApiTags('Dashboards')
@Controller('dashboards/:id')
export class DashboardVersionsController {
  constructor(private readonly versions: DashboardVersionsService) {}

  /** Keep the dashboard as it is, and show that behind its public links. A version that was published already stays as it was. */
  @Post('publish')
  @ApiId()
  @RequirePermission('dashboards:publish')
  @ApiProblems('not_found', 'forbidden')
  async publish(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<VersionDto> {
    return VersionDto.from(await this.versions.publish(id, caller));
  }

  /** The versions that were published, newest first. */
  @Get('versions')
  @ApiId()
  @RequirePermission('dashboards:read')
  @ApiProblems('not_found', 'validation_failed')
  async list(
    @IdParam() id: number,
    @Query() page: PageQuery,
    @CurrentUser() caller: Principal,
  ): Promise<VersionPageDto> {
    return VersionPageDto.from(await this.versions.list(id, page, caller));
  }

  /** A version that was published. */
  @Get('versions/:version')
  @ApiId()
  @ApiId('version', 'The version.')
  @RequirePermission('dashboards:read')
  @ApiProblems('not_found')
  async get(
    @IdParam() id: number,
    @IdParam('version') version: number,
    @CurrentUser() caller: Principal,
  ): Promise<VersionDto> {
    return VersionDto.from(await this.versions.get(id, version, caller));
  }

  /** Make the dashboard what it was in a version, as its next version. */
  @Post('versions/:version/restore')
  @HttpCode(200)
  @ApiId()
  @ApiId('version', 'The version.')
  @RequirePermission('dashboards:write')
  @ApiProblems('not_found', 'forbidden')
  async restore(
    @IdParam() id: number,
    @IdParam('version') version: number,
    @CurrentUser() caller: Principal,
  ): Promise<DashboardDto> {
    return DashboardDto.from(await this.versions.restore(id, version, caller));
  }
}
