import { IsString, MaxLength, MinLength } from 'class-validator';
import type { Session } from '../sessions.service.js';

/** What a sign-in gives. Send `Authorization: Bearer <access_token>`; exchange the refresh token, once, for new ones. */
export class TokensDto {
  /** @example 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl' */
  access_token!: string;
  token_type!: 'bearer';
  /** Seconds until the access token ends. @example 900 */
  expires_in!: number;
  /** @example 'kX3vY0mJ1l8m5cQ0m9z4e2f7g6h5i4j3k2l1m0n9o8p' */
  refresh_token!: string;

  static from(session: Session): TokensDto {
    return {
      access_token: session.accessToken,
      token_type: 'bearer',
      expires_in: session.expiresIn,
      refresh_token: session.refreshToken,
    };
  }
}

export class RefreshDto {
  /** The refresh token of the last sign-in or refresh. @example 'kX3vY0mJ1l8m5cQ0m9z4e2f7g6h5i4j3k2l1m0n9o8p' */
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  refresh_token!: string;
}
