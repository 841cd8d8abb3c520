import { createSecretKey } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { SigningKey } from '../../platform/security/index.js';
import { type AccountPrincipal, AccountsService } from '../users/index.js';
import { type AccessTokenClaims, TOKEN_ALGORITHM, TOKEN_AUDIENCE, TOKEN_ISSUER } from './access-token.js';

/** A bearer token, checked against its signature and then against the account as it is now. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(
    key: SigningKey,
    private readonly accounts: AccountsService,
  ) {
    // As text, it would be tried as a public key first, for every request anew. The types know of texts only.
    const secret = createSecretKey(Buffer.from(key.value)) as unknown as Buffer;
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKey: secret,
      algorithms: [TOKEN_ALGORITHM],
      issuer: TOKEN_ISSUER,
      audience: TOKEN_AUDIENCE,
    });
  }

  /** Null refuses the token. */
  async validate(claims: AccessTokenClaims): Promise<AccountPrincipal | null> {
    const userId = Number(claims.sub);
    if (!Number.isInteger(userId) || !Number.isInteger(claims.ver)) return null;
    return this.accounts.findPrincipal(userId, claims.ver);
  }
}
