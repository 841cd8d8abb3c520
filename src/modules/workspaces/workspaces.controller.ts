import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { FoundDto, WorkspaceSearchDto, WorkspaceSearchQuery } from './dto/item.dto.js';
import {
  ChangeWorkspaceDto,
  NewWorkspaceDto,
  WorkspaceDto,
  WorkspaceListQuery,
  WorkspacePageDto,
} from './dto/workspace.dto.js';
import { WorkspaceSearchService } from './workspace-search.service.js';
import { WorkspacesService } from './workspaces.service.js';

@ApiTags('Workspaces')
@Controller('workspaces')
export class WorkspacesController {
  constructor(
    private readonly workspaces: WorkspacesService,
    private readonly finder: WorkspaceSearchService,
  ) {}

  /** The workspaces that you own or are a member of, newest first. */
  @Get()
  @RequirePermission('workspaces:read')
  @ApiProblems('validation_failed')
  async list(@Query() wanted: WorkspaceListQuery, @CurrentUser() caller: Principal): Promise<WorkspacePageDto> {
    return WorkspacePageDto.from(await this.workspaces.list(wanted, caller));
  }

  /** Make a workspace; it is yours. */
  @Post()
  @RequirePermission('workspaces:write')
  @ApiProblems('validation_failed', 'forbidden')
  async create(@Body() given: NewWorkspaceDto, @CurrentUser() caller: Principal): Promise<WorkspaceDto> {
    return WorkspaceDto.from(await this.workspaces.create(given, caller));
  }

  /** Find workspaces by their names, and what lies in them by its title. */
  @Get('search')
  @RequirePermission('workspaces:read')
  @ApiProblems('validation_failed')
  async search(@Query() wanted: WorkspaceSearchQuery, @CurrentUser() caller: Principal): Promise<WorkspaceSearchDto> {
    return { results: (await this.finder.search(wanted, caller)).map((found) => FoundDto.from(found)) };
  }

  /** One workspace. */
  @Get(':id')
  @ApiId()
  @RequirePermission('workspaces:read')
  @ApiProblems('not_found')
  async get(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<WorkspaceDto> {
    return WorkspaceDto.from(await this.workspaces.get(id, caller));
  }

  /** Rename or describe a workspace. */
  @Patch(':id')
  @ApiId()
  @RequirePermission('workspaces:write')
  @ApiProblems('not_found', 'forbidden', 'conflict', 'validation_failed')
  async change(
    @IdParam() id: number,
    @Body() given: ChangeWorkspaceDto,
    @CurrentUser() caller: Principal,
  ): Promise<WorkspaceDto> {
    return WorkspaceDto.from(await this.workspaces.change(id, given, caller));
  }

  /** Remove a workspace. What lies in it stays with those whose it is, and is nobody else’s any more. */
  @Delete(':id')
  @HttpCode(204)
  @ApiId()
  @RequirePermission('workspaces:write')
  @ApiNoContentResponse({ description: 'Removed.' })
  @ApiProblems('not_found', 'forbidden')
  async remove(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<void> {
    await this.workspaces.remove(id, caller);
  }
}
