export { type AccountPrincipal, AccountsService } from './accounts.service.js';
export { UserDto } from './dto/user.dto.js';
export { Role } from './entities/role.entity.js';
export { User } from './entities/user.entity.js';
export { UsersModule } from './users.module.js';
