import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../../platform/audit/index.js';
import { HttpConfig } from '../../../platform/config/index.js';
import { DomainError } from '../../../platform/errors/domain-error.js';
import { browserCookie, readBrowserCookie } from './browser-cookie.js';
import { OidcAccountsService } from './oidc-accounts.service.js';
import { invalidSignIn, OidcProvider } from './oidc-provider.js';
import { OidcRequestsService } from './oidc-requests.service.js';
import { returnAddress, withFragment } from './return-address.js';
import { SignInCodesService } from './sign-in-codes.service.js';

/** Where the browser goes next, and the cookie that it takes along or gives up. */
export interface Redirection {
  location: string;
  cookie: string;
}

/** How somebody signs in over OpenID Connect: off to the provider, back with its word, and on to the front end. */
@Injectable()
export class OidcService {
  constructor(
    private readonly provider: OidcProvider,
    private readonly requests: OidcRequestsService,
    private readonly accounts: OidcAccountsService,
    private readonly codes: SignInCodesService,
    private readonly audit: AuditLog,
    private readonly http: HttpConfig,
  ) {}

  /**
   * @param returnTo where the person goes in the end; undefined for a page of the server
   * @param codeChallenge of a verifier that the code must then be shown with
   * @throws DomainError `not_found` when it is off, `validation_failed` for an address elsewhere, `provider_unavailable`
   */
  async start(returnTo: string | undefined, codeChallenge: string | undefined): Promise<Redirection> {
    const { publicUrl } = this.provider.settings;
    const destination = {
      returnTo: returnAddress(returnTo, publicUrl, this.http.corsOrigins),
      codeChallenge: codeChallenge ?? null,
    };
    const { browserSecret, lifeSeconds, ...secrets } = await this.requests.open(destination);
    const location = await this.provider.authorizationUrl(secrets);
    return {
      location: location.href,
      cookie: browserCookie(secrets.state, browserSecret, { lifeSeconds, secure: this.isSecure }),
    };
  }

  /**
   * Takes what the provider sent the browser back with. Once the sign-in is known to be this browser's, refusals go to where
   * the person wanted to go, too: they are people's to read.
   *
   * @param url of the request, as it came
   * @throws DomainError `not_found` when it is off, `invalid_sign_in` when the sign-in is not known, or not this browser's
   */
  async finish(url: string, cookies: string | undefined): Promise<Redirection> {
    const { settings } = this.provider;
    const { search, searchParams } = new URL(url, settings.publicUrl);
    const state = searchParams.get('state') ?? '';
    const browserSecret = readBrowserCookie(cookies, state, this.isSecure);
    const request = browserSecret === null ? null : await this.requests.take(state, browserSecret);
    if (request === null) throw invalidSignIn();
    const cookie = browserCookie(state, '', { lifeSeconds: 0, secure: this.isSecure });
    try {
      const person = await this.provider.identify(search, request);
      const account = await this.accounts.admit(person, settings);
      const code = await this.codes.issue(account, request.codeChallenge);
      return { location: withFragment(request.returnTo, { code }), cookie };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const { code, detail } = error;
      await this.audit.record({
        action: 'user.sign_in_failed',
        objectId: null,
        details: { method: 'oidc', issuer: settings.issuer.href, reason: code },
      });
      return { location: withFragment(request.returnTo, { error: code, error_description: detail }), cookie };
    }
  }

  private get isSecure(): boolean {
    return this.provider.settings.publicUrl.startsWith('https:');
  }
}
