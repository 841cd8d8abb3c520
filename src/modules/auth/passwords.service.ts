import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, IsNull } from 'typeorm';
import { UnitOfWork } from '../../platform/audit/index.js';
import { OidcConfig } from '../../platform/config/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { LONGEST_PASSWORD_BYTES, PasswordHasher } from '../../platform/security/index.js';
import { User } from '../users/index.js';
import type { ChangePasswordDto } from './dto/password.dto.js';
import { PasswordReset } from './entities/password-reset.entity.js';
import { LoginThrottle } from './login-throttle.js';
import { refuseGuessable } from './password-policy.js';
import { type Session, SessionsService } from './sessions.service.js';

/** Changing one's password, and what follows from a new one. */
@Injectable()
export class PasswordsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly hasher: PasswordHasher,
    private readonly throttle: LoginThrottle,
    private readonly sessions: SessionsService,
    private readonly oidc: OidcConfig,
  ) {}

  /**
   * Gives the caller a new password, ends all their sessions and opens a new one.
   *
   * @param address where the caller is: whoever found an open session must not guess the password faster than at sign-in
   * @throws DomainError `validation_failed` when the current password is wrong or the new one easy to guess,
   * `rate_limited`, `conflict` when the account has no password or the sessions were ended meanwhile
   */
  async change(request: ChangePasswordDto, userId: number, address: string): Promise<Session> {
    const { current_password: current, new_password: wanted } = request;
    const user = await this.dataSource.manager.findOneByOrFail(User, { id: userId });
    const { passwordHash: currentHash } = user;
    if (currentHash === null) throw noPassword();
    const proven = await this.throttle.attempt(
      { userId },
      address,
      async () =>
        (await this.hasher.verify(current, currentHash)) && Buffer.byteLength(current) <= LONGEST_PASSWORD_BYTES,
    );
    if (!proven) throw wrongField('current_password', 'is not your password', 'Give the password that you use now.');
    if (wanted === current) throw wrongField('new_password', 'is the current one', 'Choose another password.');
    await refuseGuessable(wanted, user, 'new_password');
    const passwordHash = await this.hasher.hash(wanted);
    const newVersion = await this.unitOfWork.run(async ({ manager, record }) => {
      const tokenVersion = await this.replace(userId, passwordHash, manager);
      // Raised by more than this change: the proof above was of an older password.
      if (tokenVersion !== user.tokenVersion + 1) throw endedMeanwhile();
      record({ action: 'user.password_changed', objectId: userId });
      return tokenVersion;
    });
    const session = await this.sessions.open(userId, newVersion, 'password_change');
    if (session === null) throw endedMeanwhile();
    return session;
  }

  /** Ends every session of the caller, this one too. */
  async logoutEverywhere(userId: number): Promise<void> {
    await this.unitOfWork.run(async ({ manager, record }) => {
      await this.sessions.endAll(userId, manager);
      record({ action: 'user.signed_out_everywhere', objectId: userId });
    });
  }

  /** Whether a mailed link may set a password: not for who signs in at the provider only, as long as there is one. */
  maySet({ passwordHash }: Pick<User, 'passwordHash'>): boolean {
    return passwordHash !== null || this.oidc.settings === undefined;
  }

  /**
   * Puts a new password in the place of the old one; every session, and every link to set another one, ends with it.
   *
   * @param passwordHash null when no password shall open the account any more
   * @returns the account's new token version
   */
  async replace(userId: number, passwordHash: string | null, manager: EntityManager): Promise<number> {
    const tokenVersion = await this.sessions.endAll(userId, manager);
    await manager.update(User, { id: userId }, { passwordHash });
    await manager.update(PasswordReset, { userId, usedAt: IsNull() }, { usedAt: new Date() });
    return tokenVersion;
  }
}

function wrongField(field: string, message: string, detail: string): DomainError {
  return new DomainError('validation_failed', detail, { errors: [{ field, message }] });
}

function noPassword(): DomainError {
  return new DomainError(
    'conflict',
    'This account has no password: you sign in through your organisation, so change the password there.',
  );
}

function endedMeanwhile(): DomainError {
  return new DomainError('conflict', 'Your sessions were ended while the password was being changed. Sign in again.');
}
