export { type AccountPrincipal, AccountsService } from './accounts.service.js';
export { UserDto } from './dto/user.dto.js';
export { User } from './entities/user.entity.js';
export { UsersModule } from './users.module.js';
