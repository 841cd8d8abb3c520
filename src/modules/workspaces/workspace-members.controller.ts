import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { PageQuery } from '../../platform/database/index.js';
import { ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { ChangeMemberDto, MemberDto, MemberPageDto, NewMemberDto } from './dto/member.dto.js';
import { WorkspaceMembersService } from './workspace-members.service.js';

@ApiTags('Workspaces')
@Controller('workspaces/:id/members')
export class WorkspaceMembersController {
  constructor(private readonly members: WorkspaceMembersService) {}

  /** Who may use the workspace, its owner included. */
  @Get()
  @ApiId()
  @RequirePermission('workspaces:read')
  @ApiProblems('not_found', 'validation_failed')
  async list(
    @IdParam() id: number,
    @Query() page: PageQuery,
    @CurrentUser() caller: Principal,
  ): Promise<MemberPageDto> {
    return MemberPageDto.from(await this.members.list(id, page, caller));
  }

  /** Let somebody in. */
  @Post()
  @ApiId()
  @RequirePermission('workspaces:write')
  @ApiProblems('not_found', 'forbidden', 'conflict', 'validation_failed')
  async add(@IdParam() id: number, @Body() given: NewMemberDto, @CurrentUser() caller: Principal): Promise<MemberDto> {
    return MemberDto.from(await this.members.add(id, given, caller));
  }

  /** Change what somebody may do in it. */
  @Patch(':user_id')
  @ApiId()
  @ApiId('user_id', 'The id of the person.')
  @RequirePermission('workspaces:write')
  @ApiProblems('not_found', 'forbidden', 'validation_failed')
  async change(
    @IdParam() id: number,
    @IdParam('user_id') userId: number,
    @Body() given: ChangeMemberDto,
    @CurrentUser() caller: Principal,
  ): Promise<MemberDto> {
    return MemberDto.from(await this.members.change(id, userId, given, caller));
  }

  /** Take somebody out, or leave. */
  @Delete(':user_id')
  @HttpCode(204)
  @ApiId()
  @ApiId('user_id', 'The id of the person.')
  @RequirePermission('workspaces:write')
  @ApiNoContentResponse({ description: 'Not a member any more.' })
  @ApiProblems('not_found', 'forbidden')
  async remove(
    @IdParam() id: number,
    @IdParam('user_id') userId: number,
    @CurrentUser() caller: Principal,
  ): Promise<void> {
    await this.members.remove(id, userId, caller);
  }
}
