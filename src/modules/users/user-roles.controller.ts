import { Body, Controller, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { AccountDto } from './dto/account.dto.js';
import { ReplaceRolesDto } from './dto/role.dto.js';
import { UserRolesService } from './user-roles.service.js';

@ApiTags('Roles')
@Controller('users')
export class UserRolesController {
  constructor(private readonly userRoles: UserRolesService) {}

  /** Replace somebody's roles; counts from their next request on. The last active administrator stays one. */
  @Put(':id/roles')
  @ApiId('id', 'The id of the user.')
  @RequirePermission('roles:manage')
  @ApiProblems('not_found', 'validation_failed', 'conflict', 'forbidden')
  async replace(
    @IdParam() id: number,
    @Body() { roles }: ReplaceRolesDto,
    @CurrentUser() caller: Principal,
  ): Promise<AccountDto> {
    return AccountDto.from(await this.userRoles.replace(id, roles, caller));
  }
}
