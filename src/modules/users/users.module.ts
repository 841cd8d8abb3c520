import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccountsService } from './accounts.service.js';
import { Role } from './entities/role.entity.js';
import { UserRole } from './entities/user-role.entity.js';
import { User } from './entities/user.entity.js';
import { ExternalAccountsService } from './external-accounts.service.js';
import { RolesController } from './roles.controller.js';
import { RolesService } from './roles.service.js';
import { UserRolesController } from './user-roles.controller.js';
import { UserRolesService } from './user-roles.service.js';
import { UsersController } from './users.controller.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([User, Role, UserRole])],
  controllers: [UsersController, UserRolesController, RolesController],
  providers: [UsersService, AccountsService, UserRolesService, RolesService, ExternalAccountsService],
  exports: [AccountsService, UserRolesService, ExternalAccountsService],
})
export class UsersModule {}
