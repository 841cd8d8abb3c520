export { ApiKeysService } from './api-keys.service.js';
export { AppointedAccountsService } from './appointed-accounts.service.js';
export { AuthModule } from './auth.module.js';
export { ApiKeyDto, CreateApiKeyDto } from './dto/api-key.dto.js';
export { RegisterDto } from './dto/register.dto.js';
export type { ApiKey } from './entities/api-key.entity.js';
export { LoginThrottle } from './login-throttle.js';
export { PasswordResetsService } from './password-resets.service.js';
export { SessionsService } from './sessions.service.js';
