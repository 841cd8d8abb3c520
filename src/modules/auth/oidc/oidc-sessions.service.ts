import { Injectable } from '@nestjs/common';
import { OidcConfig } from '../../../platform/config/index.js';
import { AccountsService } from '../../users/index.js';
import { type Session, SessionsService } from '../sessions.service.js';
import { notSetUp } from './oidc-provider.js';
import { invalidCode, SignInCodesService } from './sign-in-codes.service.js';

/** Turns the code that a front end was handed into a session. */
@Injectable()
export class OidcSessionsService {
  constructor(
    private readonly config: OidcConfig,
    private readonly codes: SignInCodesService,
    private readonly sessions: SessionsService,
    private readonly accounts: AccountsService,
  ) {}

  /** Whether people may sign in this way, and what to write on the button. */
  offer(): { enabled: boolean; label: string | null } {
    const { settings } = this.config;
    return { enabled: settings !== undefined, label: settings?.label ?? null };
  }

  /** @throws DomainError `not_found` when it is off, `invalid_sign_in` when the code is unknown, used or too old */
  async open(code: string, verifier: string | undefined): Promise<Session> {
    if (this.config.settings === undefined) throw notSetUp();
    const { userId, tokenVersion, issuer } = await this.codes.redeem(code, verifier);
    const session = await this.sessions.open(userId, tokenVersion, 'oidc', issuer);
    if (session === null) throw invalidCode();
    await this.accounts.recordLogin(userId);
    return session;
  }
}
