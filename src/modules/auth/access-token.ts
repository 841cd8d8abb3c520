import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { AuthConfig } from '../../platform/config/index.js';

export const TOKEN_ALGORITHM = 'HS256';
export const TOKEN_ISSUER = 'lumiere';
export const TOKEN_AUDIENCE = 'lumiere-api';

/** What an access token says, beside issuer, audience and times. */
export interface AccessTokenClaims {
  /** The user's id. */
  sub: string;
  /** The account's token version at the time of sign-in. */
  ver: number;
}

/** Signs access tokens; `JwtStrategy` checks them. */
@Injectable()
export class AccessTokens {
  constructor(
    private readonly jwt: JwtService,
    private readonly config: AuthConfig,
  ) {}

  async issue(userId: number, tokenVersion: number): Promise<{ token: string; expiresIn: number }> {
    const claims: AccessTokenClaims = { sub: String(userId), ver: tokenVersion };
    const expiresIn = this.config.accessTokenSeconds;
    return { token: await this.jwt.signAsync(claims, { expiresIn }), expiresIn };
  }
}
