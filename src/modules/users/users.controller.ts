import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { ApiId, ApiProblems, IdParam } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { PublicUserDto, UserDto } from './dto/user.dto.js';
import { UpdateProfileDto } from './dto/update-profile.dto.js';
import { UsersService } from './users.service.js';

@ApiTags('Users')
@ApiExtraModels(UserDto, PublicUserDto)
@Controller('users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  /** One user: the whole profile when it is your own, otherwise the public fields. */
  @Get(':id')
  @ApiId('id', 'The id of the user.')
  @RequirePermission('account:read')
  @ApiOkResponse({ schema: { oneOf: [{ $ref: getSchemaPath(UserDto) }, { $ref: getSchemaPath(PublicUserDto) }] } })
  @ApiProblems('not_found')
  async get(@IdParam() id: number, @CurrentUser() caller: Principal): Promise<UserDto | PublicUserDto> {
    const user = await this.users.get(id);
    return id === caller.userId ? UserDto.from(user) : PublicUserDto.from(user);
  }

  /** Change your own profile. */
  @Patch(':id')
  @ApiId('id', 'Your own id.')
  @RequirePermission('account:write')
  @ApiProblems('forbidden', 'validation_failed')
  async update(
    @IdParam() id: number,
    @Body() change: UpdateProfileDto,
    @CurrentUser() caller: Principal,
  ): Promise<UserDto> {
    return UserDto.from(await this.users.updateProfile(id, change, caller));
  }
}
