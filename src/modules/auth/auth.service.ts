import { Injectable } from '@nestjs/common';
import { AuthConfig } from '../../platform/config/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { LONGEST_PASSWORD_BYTES, PasswordHasher } from '../../platform/security/index.js';
import { AccountsService, type User } from '../users/index.js';
import { AccessTokens } from './access-token.js';
import type { LoginDto } from './dto/login.dto.js';
import type { RegisterDto } from './dto/register.dto.js';
import { RefreshTokensService } from './refresh-tokens.service.js';

export interface Session {
  accessToken: string;
  expiresIn: number;
  refreshToken: string;
}

/** Registering, signing in, staying signed in, signing out. */
@Injectable()
export class AuthService {
  constructor(
    private readonly accounts: AccountsService,
    private readonly passwords: PasswordHasher,
    private readonly accessTokens: AccessTokens,
    private readonly refreshTokens: RefreshTokensService,
    private readonly config: AuthConfig,
  ) {}

  /** @throws DomainError `forbidden` when registration is closed, `username_taken`, `email_taken` */
  async register(request: RegisterDto): Promise<User> {
    if (!this.config.registrationOpen) {
      throw new DomainError('forbidden', 'Registration is closed here. Ask an administrator for an account.');
    }
    const { username, email, password, full_name: fullName } = request;
    const passwordHash = await this.passwords.hash(password);
    return this.accounts.create({ username, email, passwordHash, fullName: fullName ?? null });
  }

  /** @throws DomainError `invalid_credentials`, the same and after the same time whether the account exists or not */
  async login({ username, password }: LoginDto): Promise<Session> {
    const account = await this.accounts.findCredentials(username.trim());
    const usable = account?.isActive === true && Buffer.byteLength(password) <= LONGEST_PASSWORD_BYTES;
    const matches = await this.passwords.verify(password, account?.passwordHash);
    if (account === null || !usable || !matches) {
      throw new DomainError('invalid_credentials', 'The user name or the password is wrong.');
    }
    await this.accounts.recordLogin(account.id);
    return this.openSession(account.id, account.tokenVersion, await this.refreshTokens.issue(account.id));
  }

  /** @throws DomainError `invalid_refresh_token` */
  async refresh(refreshToken: string): Promise<Session> {
    const { userId, next } = await this.refreshTokens.rotate(refreshToken);
    const tokenVersion = await this.accounts.tokenVersionOf(userId);
    if (tokenVersion === null) throw new DomainError('invalid_refresh_token', 'This account is not active any more.');
    return this.openSession(userId, tokenVersion, next);
  }

  async logout(refreshToken: string, userId: number): Promise<void> {
    await this.refreshTokens.revoke(refreshToken, userId);
  }

  private async openSession(userId: number, tokenVersion: number, refreshToken: string): Promise<Session> {
    const { token, expiresIn } = await this.accessTokens.issue(userId, tokenVersion);
    return { accessToken: token, expiresIn, refreshToken };
  }
}
