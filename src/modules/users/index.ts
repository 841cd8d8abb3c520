export { type AccountPrincipal, AccountsService, type Appointment, type NewAccount } from './accounts.service.js';
export { keepingAnAdministrator, lockAdministrators, refuseToManageAdministrator } from './administrators.js';
export { AccountDto } from './dto/account.dto.js';
export { UserDto } from './dto/user.dto.js';
export { Role } from './entities/role.entity.js';
export { User } from './entities/user.entity.js';
export { UserRolesService } from './user-roles.service.js';
export { type ExternalPerson, ExternalAccountsService, type RoleRules } from './external-accounts.service.js';
export { UsersModule } from './users.module.js';
