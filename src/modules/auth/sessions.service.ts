import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { User } from '../users/index.js';
import { AccessTokens } from './access-token.js';
import { RefreshTokensService, type SignInMethod } from './refresh-tokens.service.js';

/** What a person who is signed in holds. */
export interface Session {
  accessToken: string;
  /** Seconds until the access token ends. */
  expiresIn: number;
  refreshToken: string;
}

/** Opening sessions, and ending all of a person's at once. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly accessTokens: AccessTokens,
    private readonly refreshTokens: RefreshTokensService,
  ) {}

  /**
   * @param tokenVersion of the account when the caller proved who they are
   * @param issuer the provider that vouches for them, when they proved it there
   * @returns null when the account has ended its sessions, or was closed, since then
   */
  async open(userId: number, tokenVersion: number, method: SignInMethod, issuer?: string): Promise<Session | null> {
    const refreshToken = await this.refreshTokens.issue(userId, tokenVersion, method, issuer);
    return refreshToken === null ? null : this.with(refreshToken, userId, tokenVersion);
  }

  /** @throws DomainError `invalid_refresh_token` */
  async refresh(refreshToken: string): Promise<Session> {
    const { userId, tokenVersion, next } = await this.refreshTokens.rotate(refreshToken);
    return this.with(next, userId, tokenVersion);
  }

  /**
   * Ends every session of a person, as part of the change that calls for it.
   *
   * @returns the account's new token version
   */
  async endAll(userId: number, manager: EntityManager): Promise<number> {
    // Waits for sign-ins and refreshes under way, which hold the account FOR KEY SHARE, and ends what they opened.
    const user = await manager.findOneOrFail(User, {
      where: { id: userId },
      select: { id: true, tokenVersion: true },
      lock: { mode: 'pessimistic_write' },
    });
    const tokenVersion = user.tokenVersion + 1;
    await manager.update(User, { id: userId }, { tokenVersion });
    await this.refreshTokens.revokeAllOf(userId, manager);
    return tokenVersion;
  }

  private async with(refreshToken: string, userId: number, tokenVersion: number): Promise<Session> {
    const { token, expiresIn } = await this.accessTokens.issue(userId, tokenVersion);
    return { accessToken: token, expiresIn, refreshToken };
  }
}
