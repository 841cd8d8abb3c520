export { AuthModule } from './auth.module.js';
export { RefreshTokensService } from './refresh-tokens.service.js';
