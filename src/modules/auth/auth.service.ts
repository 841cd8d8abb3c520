import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../platform/audit/index.js';
import { AuthConfig } from '../../platform/config/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { LONGEST_PASSWORD_BYTES, PasswordHasher } from '../../platform/security/index.js';
import { AccountsService, type User } from '../users/index.js';
import type { LoginDto } from './dto/login.dto.js';
import type { RegisterDto } from './dto/register.dto.js';
import { LoginThrottle } from './login-throttle.js';
import { refuseGuessable } from './password-policy.js';
import { RefreshTokensService } from './refresh-tokens.service.js';
import { type Session, SessionsService } from './sessions.service.js';

/** Registering, signing in, staying signed in, signing out. */
@Injectable()
export class AuthService {
  constructor(
    private readonly accounts: AccountsService,
    private readonly passwords: PasswordHasher,
    private readonly throttle: LoginThrottle,
    private readonly sessions: SessionsService,
    private readonly refreshTokens: RefreshTokensService,
    private readonly audit: AuditLog,
    private readonly config: AuthConfig,
  ) {}

  /** @throws DomainError `forbidden` when registration is closed, `username_taken`, `email_taken`, `validation_failed` when the password is easy to guess */
  async register(request: RegisterDto): Promise<User> {
    if (!this.config.registrationOpen) {
      throw new DomainError('forbidden', 'Registration is closed here. Ask an administrator for an account.');
    }
    const { username, email, password, full_name: fullName } = request;
    const person = { username, email, fullName: fullName ?? null };
    await refuseGuessable(password, person, 'password');
    return this.accounts.create({ ...person, passwordHash: await this.passwords.hash(password) });
  }

  /**
   * @param address where the caller is
   * @throws DomainError `invalid_credentials` or `rate_limited`, the same and after the same time whether the account
   * exists or not
   */
  async login({ username, password }: LoginDto, address: string): Promise<Session> {
    const name = username.trim();
    const account = await this.accounts.findCredentials(name);
    const identity = account === null ? { unknownName: name } : { userId: account.id };
    const usable = account?.isActive === true && Buffer.byteLength(password) <= LONGEST_PASSWORD_BYTES;
    const proven = await this.throttle.attempt(
      identity,
      address,
      async () => (await this.passwords.verify(password, account?.passwordHash ?? undefined)) && usable,
    );
    const session =
      account !== null && proven ? await this.sessions.open(account.id, account.tokenVersion, 'password') : null;
    if (account === null || session === null) {
      await this.audit.record({ action: 'user.sign_in_failed', objectId: account?.id ?? null });
      throw new DomainError('invalid_credentials', 'The user name or the password is wrong.');
    }
    await this.accounts.recordLogin(account.id);
    return session;
  }

  /** @throws DomainError `invalid_refresh_token` */
  async refresh(refreshToken: string): Promise<Session> {
    return this.sessions.refresh(refreshToken);
  }

  async logout(refreshToken: string, userId: number): Promise<void> {
    await this.refreshTokens.revoke(refreshToken, userId);
  }
}
