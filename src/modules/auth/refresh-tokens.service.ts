import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, IsNull } from 'typeorm';
import { AuthConfig } from '../../platform/config/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { RefreshToken } from './entities/refresh-token.entity.js';

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
    private readonly config: AuthConfig,
  ) {}

  /** The first token of a sign-in. */
  async issue(userId: number): Promise<string> {
    return this.insert(this.dataSource.manager, userId, randomUUID());
  }

  /** @throws DomainError `invalid_refresh_token` when it is unknown, used, revoked or too old */
  async rotate(token: string): Promise<{ userId: number; next: string }> {
    const rotated = await this.dataSource.transaction(async (manager) => {
      const known = await manager.findOne(RefreshToken, {
        where: { tokenHash: hashOf(token) },
        lock: { mode: 'pessimistic_write' },
      });
      if (known === null || known.revokedAt !== null || known.expiresAt.getTime() <= Date.now()) return null;
      if (known.usedAt !== null) {
        await manager.update(RefreshToken, { family: known.family, revokedAt: IsNull() }, { revokedAt: new Date() });
        return null;
      }
      await manager.update(RefreshToken, { id: known.id }, { usedAt: new Date() });
      return { userId: known.userId, next: await this.insert(manager, known.userId, known.family) };
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
    await this.dataSource.manager.update(
      RefreshToken,
      { family: known.family, revokedAt: IsNull() },
      { revokedAt: new Date() },
    );
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

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
