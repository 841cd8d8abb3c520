import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, IsNull } from 'typeorm';
import { recognise, UnitOfWork } from '../../platform/audit/index.js';
import { AuthConfig } from '../../platform/config/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { User } from '../users/index.js';
import { RefreshToken } from './entities/refresh-token.entity.js';

/** How somebody proved who they are. */
export type SignInMethod = 'password' | 'password_change' | 'oidc';

const TOKEN_BYTES = 32;
const DAY_MS = 86_400_000;

/**
 * Rotating refresh tokens: each is exchanged once for the next. One that comes back a second time was copied, so its
 * whole family ends (RFC 9700, section 4.14.2).
 */
@Injectable()
export class RefreshTokensService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly config: AuthConfig,
  ) {}

  /**
   * The first token of a sign-in.
   *
   * @param tokenVersion of the account when the caller proved who they are
   * @param method how they did that
   * @param issuer the provider that vouches for them, when they did it there
   * @returns null when the account has ended its sessions, or was closed, since then
   */
  async issue(userId: number, tokenVersion: number, method: SignInMethod, issuer?: string): Promise<string | null> {
    return this.unitOfWork.run(async ({ manager, record }) => {
      const current = await holdTokenVersion(manager, userId);
      if (current !== tokenVersion) return null;
      recognise({ kind: 'session', userId, apiKeyId: null });
      record({
        action: 'user.signed_in',
        objectId: userId,
        details: { method, ...(issuer === undefined ? {} : { issuer }) },
      });
      return this.insert(manager, userId, randomUUID());
    });
  }

  /** @throws DomainError `invalid_refresh_token` when it is unknown, used, revoked or too old */
  async rotate(token: string): Promise<{ userId: number; tokenVersion: number; next: string }> {
    const rotated = await this.unitOfWork.run(async ({ manager, record }) => {
      const found = await manager.findOneBy(RefreshToken, { tokenHash: hashOf(token) });
      const tokenVersion = found === null ? null : await holdTokenVersion(manager, found.userId);
      if (found === null || tokenVersion === null) return null;
      const known = await manager.findOne(RefreshToken, {
        where: { id: found.id },
        lock: { mode: 'pessimistic_write' },
      });
      if (known === null || known.revokedAt !== null || known.expiresAt.getTime() <= Date.now()) return null;
      if (known.usedAt !== null) {
        await manager.update(RefreshToken, { family: known.family, revokedAt: IsNull() }, { revokedAt: new Date() });
        record({ action: 'user.session_revoked', objectId: known.userId, details: { reason: 'refresh_token_reused' } });
        return null;
      }
      recognise({ kind: 'session', userId: known.userId, apiKeyId: null });
      record({ action: 'user.session_refreshed', objectId: known.userId });
      await manager.update(RefreshToken, { id: known.id }, { usedAt: new Date() });
      return { userId: known.userId, tokenVersion, next: await this.insert(manager, known.userId, known.family) };
    });
    if (rotated === null) {
      throw new DomainError('invalid_refresh_token', 'This refresh token is not valid any more. Sign in again.');
    }
    return rotated;
  }

  /** Ends the sign-in that the token belongs to; a token that is not known is no error. */
  async revoke(token: string, userId: number): Promise<void> {
    const known = await this.dataSource.manager.findOneBy(RefreshToken, { tokenHash: hashOf(token), userId });
    if (known === null) return;
    await this.unitOfWork.run(async ({ manager, record }) => {
      await manager.update(RefreshToken, { family: known.family, revokedAt: IsNull() }, { revokedAt: new Date() });
      record({ action: 'user.signed_out', objectId: userId });
    });
  }

  /** Ends every sign-in of a person, as part of the change that calls for it. */
  async revokeAllOf(userId: number, manager: EntityManager): Promise<void> {
    await manager.update(RefreshToken, { userId, revokedAt: IsNull() }, { revokedAt: new Date() });
  }

  private async insert(manager: EntityManager, userId: number, family: string): Promise<string> {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const expiresAt = new Date(Date.now() + this.config.refreshTokenDays * DAY_MS);
    await manager.insert(RefreshToken, { userId, family, tokenHash: hashOf(token), expiresAt });
    return token;
  }
}

/**
 * The token version of an active account, which then stays as it is until the transaction ends: who ends all sessions locks
 * the account for update, and so either waits for the token that is being made and ends it too, or comes first.
 */
async function holdTokenVersion(manager: EntityManager, userId: number): Promise<number | null> {
  const user = await manager.findOne(User, {
    where: { id: userId, isActive: true },
    select: { id: true, tokenVersion: true },
    lock: { mode: 'for_key_share' },
  });
  return user?.tokenVersion ?? null;
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
