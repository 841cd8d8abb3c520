import { Body, Controller, Delete, Get, HttpCode, Patch, Query } from '@nestjs/common';
import { ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { AccountDto } from '../users/index.js';
import { AccountRemovalService } from './account-removal.service.js';
import { AdminUsersService } from './admin-users.service.js';
import { AccountPageDto, RemoveAccountQuery, SetActiveDto, UserListQuery } from './dto/admin-users.dto.js';

@ApiTags('Administration')
@Controller('admin/users')
export class AdminUsersController {
  constructor(
    private readonly users: AdminUsersService,
    private readonly removal: AccountRemovalService,
  ) {}

  /** All accounts, newest first, with masked addresses. */
  @Get()
  @RequirePermission('users:manage')
  @ApiProblems('validation_failed')
  async list(@Query() page: UserListQuery): Promise<AccountPageDto> {
    const { items, nextCursor, total } = await this.users.list(page, page.search);
    return {
      items: items.map((user) => AccountDto.from(user)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }

  /** One account, with a masked address. */
  @Get(':id')
  @ApiId('id', 'The id of the user.')
  @RequirePermission('users:manage')
  @ApiProblems('not_found')
  async get(@IdParam() id: number): Promise<AccountDto> {
    return AccountDto.from(await this.users.get(id));
  }

  /** Close an account, ending its sessions and API keys at once, or open it again. Nobody can close their own. */
  @Patch(':id')
  @ApiId('id', 'The id of the user.')
  @RequirePermission('users:manage')
  @ApiProblems('not_found', 'validation_failed', 'conflict', 'forbidden')
  async setActive(
    @IdParam() id: number,
    @Body() { is_active: isActive }: SetActiveDto,
    @CurrentUser() caller: Principal,
  ): Promise<AccountDto> {
    return AccountDto.from(await this.users.setActive(id, isActive, caller));
  }

  /** Delete an account with its queries; what others may rely on goes to the account named by `transfer_to`. */
  @Delete(':id')
  @HttpCode(204)
  @ApiId('id', 'The id of the user.')
  @RequirePermission('users:manage')
  @ApiNoContentResponse({ description: 'Deleted.' })
  @ApiProblems('not_found', 'validation_failed', 'conflict', 'forbidden')
  async remove(
    @IdParam() id: number,
    @Query() { transfer_to: heirId }: RemoveAccountQuery,
    @CurrentUser() caller: Principal,
  ): Promise<void> {
    await this.removal.remove(id, heirId, caller);
  }
}
