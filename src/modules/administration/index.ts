export { AdminUsersService } from './admin-users.service.js';
export { AdministrationModule } from './administration.module.js';
