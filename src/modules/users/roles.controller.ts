import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { PageQuery } from '../../platform/database/index.js';
import { ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { CreateRoleDto, RoleDto, RolePageDto, UpdateRoleDto } from './dto/role.dto.js';
import { RolesService } from './roles.service.js';

@ApiTags('Roles')
@Controller('roles')
export class RolesController {
  constructor(private readonly roles: RolesService) {}

  /** All roles with their permissions, newest first. */
  @Get()
  @RequirePermission('users:read')
  @ApiProblems('validation_failed')
  async list(@Query() page: PageQuery): Promise<RolePageDto> {
    const { items, nextCursor, total } = await this.roles.list(page);
    return {
      items: items.map((role) => RoleDto.from(role)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }

  /** Make a role of permissions that you have yourself. */
  @Post()
  @RequirePermission('roles:manage')
  @ApiProblems('validation_failed', 'conflict', 'forbidden')
  async create(@Body() request: CreateRoleDto, @CurrentUser() caller: Principal): Promise<RoleDto> {
    return RoleDto.from(await this.roles.create(request, caller));
  }

  /** Change a role; whoever has it may do more or less from their next request on. Built-in roles stay as they are. */
  @Patch(':id')
  @ApiId()
  @RequirePermission('roles:manage')
  @ApiProblems('not_found', 'validation_failed', 'conflict', 'forbidden')
  async update(
    @IdParam() id: number,
    @Body() change: UpdateRoleDto,
    @CurrentUser() caller: Principal,
  ): Promise<RoleDto> {
    return RoleDto.from(await this.roles.update(id, change, caller));
  }

  /** Remove a role that nobody has and no access rule names. */
  @Delete(':id')
  @HttpCode(204)
  @ApiId()
  @RequirePermission('roles:manage')
  @ApiNoContentResponse({ description: 'Removed.' })
  @ApiProblems('not_found', 'conflict')
  async remove(@IdParam() id: number): Promise<void> {
    await this.roles.remove(id);
  }
}
