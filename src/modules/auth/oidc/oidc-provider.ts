import { Injectable, Logger } from '@nestjs/common';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  AuthorizationResponseError,
  buildAuthorizationUrl,
  type ClientAuth,
  ClientError,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  type IDToken,
  None,
  ResponseBodyError,
} from 'openid-client';
import { OidcConfig, type OidcSettings } from '../../../platform/config/index.js';
import { DomainError } from '../../../platform/errors/domain-error.js';
import { identityOf, type ProvidedIdentity } from './claims.js';
import type { RequestSecrets } from './oidc-requests.service.js';
import { challengeOf } from './secrets.js';

const ANSWER_TIMEOUT_SECONDS = 5;
/** Providers change their metadata rarely; their keys are fetched anew on their own when one is not known. */
const DISCOVERY_LIFE_MS = 3_600_000;
const RETRY_AFTER_SECONDS = 30;

/** The OpenID Connect provider, spoken to by the authorisation code flow with PKCE. It is first asked when somebody signs in. */
@Injectable()
export class OidcProvider {
  private readonly logger = new Logger(OidcProvider.name);
  private discovered: { configuration: Promise<Configuration>; until: number } | undefined;

  constructor(private readonly config: OidcConfig) {}

  /** @throws DomainError `not_found` when none is configured */
  get settings(): OidcSettings {
    if (this.config.settings === undefined) throw notSetUp();
    return this.config.settings;
  }

  /**
   * Where the person goes to sign in.
   *
   * @throws DomainError `provider_unavailable`
   */
  async authorizationUrl({ state, nonce, codeVerifier }: RequestSecrets): Promise<URL> {
    const configuration = await this.discover();
    return buildAuthorizationUrl(configuration, {
      redirect_uri: this.redirectUri,
      scope: this.settings.scopes,
      response_type: 'code',
      state,
      nonce,
      code_challenge: challengeOf(codeVerifier),
      code_challenge_method: 'S256',
    });
  }

  /**
   * Who has come back from the provider.
   *
   * @param search of the address that they came back to
   * @throws DomainError `sign_in_refused` when the provider did not let them in, `invalid_sign_in` when the answer or a token
   * does not stand up to the checks, `provider_unavailable`
   */
  async identify(search: string, { state, nonce, codeVerifier }: RequestSecrets): Promise<ProvidedIdentity> {
    const configuration = await this.discover();
    const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: codeVerifier };
    const address = new URL(`${this.redirectUri}${search}`);
    try {
      const tokens = await authorizationCodeGrant(configuration, address, checks);
      const idToken = tokens.claims();
      if (idToken === undefined) throw new ClientError('There is no ID token');
      const more = await moreClaims(configuration, tokens.access_token, idToken);
      return identityOf(
        { issuer: idToken.iss, subject: idToken.sub },
        { ...more, ...idToken },
        this.settings.roleClaim,
      );
    } catch (error) {
      throw this.refusalOf(error);
    }
  }

  private get redirectUri(): string {
    return `${this.settings.publicUrl}/api/v1/auth/oidc/callback`;
  }

  /** The provider's addresses and keys. What could not be found out is asked for again by the next sign-in. */
  private async discover(): Promise<Configuration> {
    if (this.discovered === undefined || this.discovered.until < Date.now()) {
      this.discovered = { configuration: this.askForConfiguration(), until: Date.now() + DISCOVERY_LIFE_MS };
    }
    const asked = this.discovered;
    try {
      return await asked.configuration;
    } catch (error) {
      if (this.discovered === asked) this.discovered = undefined;
      throw this.unavailable(error);
    }
  }

  private askForConfiguration(): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = this.settings;
    const authentication = clientSecret === undefined ? None() : authenticationBy(clientSecret);
    return discovery(issuer, clientId, undefined, authentication, {
      timeout: ANSWER_TIMEOUT_SECONDS,
      execute: [
        // The signature is checked although the token comes straight from the provider.
        enableNonRepudiationChecks,
        ...(issuer.protocol === 'http:' ? [allowInsecureRequests] : []),
      ],
    });
  }

  private refusalOf(error: unknown): DomainError {
    if (error instanceof AuthorizationResponseError) {
      if (error.error === 'access_denied') {
        return new DomainError('sign_in_refused', 'The provider did not let you in, or you cancelled.', {
          cause: error,
        });
      }
      return this.unavailable(error, error.error);
    }
    if (error instanceof ResponseBodyError && error.error !== 'invalid_grant')
      return this.unavailable(error, error.error);
    if (error instanceof TypeError || (error instanceof ClientError && UNREACHED.has(error.code ?? ''))) {
      return this.unavailable(error);
    }
    this.logger.warn(new Error('The provider’s answer does not stand up to the checks', { cause: error }));
    return invalidSignIn(error);
  }

  private unavailable(error: unknown, said?: string): DomainError {
    const saying = said === undefined ? '' : `: it says ${said.slice(0, 100)}`;
    this.logger.error(new Error(`The OpenID Connect provider could not be used${saying}`, { cause: error }));
    return new DomainError(
      'provider_unavailable',
      'The sign-in provider cannot be used right now. Try again; if it stays, ask your administrator to look into the log.',
      { retryAfterSeconds: RETRY_AFTER_SECONDS, cause: error },
    );
  }
}

/** Errors of the library that say that no proper answer came at all. */
const UNREACHED = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
]);

/** With the secret as the provider wants to have it. */
function authenticationBy(clientSecret: string): ClientAuth {
  return (provider, client, body, headers) => {
    const inBody = provider.token_endpoint_auth_methods_supported?.includes('client_secret_post') === true;
    const authenticate = inBody ? ClientSecretPost(clientSecret) : ClientSecretBasic(clientSecret);
    authenticate(provider, client, body, headers);
  };
}

/** Many providers tell address and groups here only. */
async function moreClaims(configuration: Configuration, accessToken: string, idToken: IDToken) {
  if (configuration.serverMetadata().userinfo_endpoint === undefined) return {};
  return fetchUserInfo(configuration, accessToken, idToken.sub);
}

/** The refusal of everything while no provider is configured. */
export function notSetUp(): DomainError {
  return new DomainError('not_found', 'Signing in with OpenID Connect is not set up on this server.');
}

/** The refusal of somebody who comes back from the provider, whatever is wrong with what they bring. */
export function invalidSignIn(cause?: unknown): DomainError {
  return new DomainError(
    'invalid_sign_in',
    'This sign-in is not valid: it was begun in another browser, took too long, or was used before. Begin again.',
    { cause },
  );
}
