import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { PassportModule } from '@nestjs/passport';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SigningKey } from '../../platform/security/index.js';
import { UsersModule } from '../users/index.js';
import { AccessGuard } from './access.guard.js';
import { AccessTokens, TOKEN_ALGORITHM, TOKEN_AUDIENCE, TOKEN_ISSUER } from './access-token.js';
import { ApiKeyAuthentication } from './api-key-authentication.js';
import { ApiKeysController } from './api-keys.controller.js';
import { ApiKeysService } from './api-keys.service.js';
import { AppointedAccountsService } from './appointed-accounts.service.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { ApiKey } from './entities/api-key.entity.js';
import { LoginAttempts } from './entities/login-attempts.entity.js';
import { OidcRequest } from './entities/oidc-request.entity.js';
import { PasswordReset } from './entities/password-reset.entity.js';
import { RefreshToken } from './entities/refresh-token.entity.js';
import { SignInCode } from './entities/sign-in-code.entity.js';
import { UserIdentity } from './entities/user-identity.entity.js';
import { JwtStrategy } from './jwt.strategy.js';
import { LoginThrottle } from './login-throttle.js';
import { OidcAccountsService } from './oidc/oidc-accounts.service.js';
import { OidcProvider } from './oidc/oidc-provider.js';
import { OidcRequestsService } from './oidc/oidc-requests.service.js';
import { OidcSessionsService } from './oidc/oidc-sessions.service.js';
import { OidcController } from './oidc/oidc.controller.js';
import { OidcService } from './oidc/oidc.service.js';
import { SignInCodesService } from './oidc/sign-in-codes.service.js';
import { PagesController } from './pages/pages.controller.js';
import { PasswordResetsService } from './password-resets.service.js';
import { PasswordsController } from './passwords.controller.js';
import { PasswordsService } from './passwords.service.js';
import { RefreshTokensService } from './refresh-tokens.service.js';
import { SessionsService } from './sessions.service.js';

@Module({
  imports: [
    UsersModule,
    PassportModule,
    TypeOrmModule.forFeature([
      RefreshToken,
      ApiKey,
      PasswordReset,
      LoginAttempts,
      UserIdentity,
      OidcRequest,
      SignInCode,
    ]),
    JwtModule.registerAsync({
      inject: [SigningKey],
      useFactory: (key: SigningKey) => ({
        secret: key.value,
        signOptions: { algorithm: TOKEN_ALGORITHM, issuer: TOKEN_ISSUER, audience: TOKEN_AUDIENCE },
      }),
    }),
  ],
  controllers: [AuthController, PasswordsController, ApiKeysController, OidcController, PagesController],
  providers: [
    AuthService,
    AppointedAccountsService,
    AccessTokens,
    RefreshTokensService,
    ApiKeysService,
    ApiKeyAuthentication,
    SessionsService,
    PasswordsService,
    PasswordResetsService,
    LoginThrottle,
    JwtStrategy,
    OidcService,
    OidcSessionsService,
    OidcProvider,
    OidcRequestsService,
    OidcAccountsService,
    SignInCodesService,
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [LoginThrottle, SessionsService, AppointedAccountsService, ApiKeysService, PasswordResetsService],
})
export class AuthModule {}
