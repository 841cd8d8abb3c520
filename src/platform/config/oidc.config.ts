import type { EnvironmentReader } from './environment.js';

/** A value of the role claim, and the role that it stands for. */
export interface RoleMapping {
  claimValue: string;
  role: string;
}

/** A provider of OpenID Connect, and what it has a say in. */
export interface OidcSettings {
  issuer: URL;
  clientId: string;
  /** Undefined for a public client, which proves itself by PKCE alone. */
  clientSecret: string | undefined;
  scopes: string;
  /** The claim that roles are read from; its parts are separated by dots. */
  roleClaim: string;
  roleMap: readonly RoleMapping[];
  /** The role of who would have none otherwise; undefined lets in only those whom the map gives a role. */
  defaultRole: string | undefined;
  /** Whether a verified address at the provider opens the account here that has the same one. */
  linkByEmail: boolean;
  /** What people shall read on the button. */
  label: string;
  /** Where people reach the server; the provider sends them back below it. */
  publicUrl: string;
}

/** Sign-in with OpenID Connect: off unless an issuer is set. */
export class OidcConfig {
  readonly settings: OidcSettings | undefined;

  constructor(env: EnvironmentReader, publicUrl: string | undefined) {
    const issuer = readIssuer(env);
    if (issuer === undefined) return;
    const clientId = env.optional('OIDC_CLIENT_ID');
    if (clientId === undefined) {
      env.refuse('OIDC_CLIENT_ID must be set when OIDC_ISSUER is: the provider gives it to you.');
    }
    if (publicUrl === undefined && env.optional('LUMIERE_PUBLIC_URL') === undefined) {
      env.refuse('LUMIERE_PUBLIC_URL must be set when OIDC_ISSUER is: the provider sends people back to it.');
    }
    const roleMap = readRoleMap(env);
    // What is missing was refused above.
    if (clientId === undefined || publicUrl === undefined) return;
    this.settings = {
      issuer,
      clientId,
      clientSecret: env.optional('OIDC_CLIENT_SECRET'),
      scopes: readScopes(env),
      roleClaim: env.string('OIDC_ROLE_CLAIM', 'groups'),
      roleMap,
      defaultRole: env.optional('OIDC_DEFAULT_ROLE') ?? (roleMap.length === 0 ? 'analyst' : undefined),
      linkByEmail: env.boolean('OIDC_LINK_BY_EMAIL', false),
      label: env.string('OIDC_LABEL', issuer.hostname),
      publicUrl,
    };
  }
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

function readIssuer(env: EnvironmentReader): URL | undefined {
  const text = env.url('OIDC_ISSUER', ['http:', 'https:']);
  if (text === undefined) return undefined;
  const issuer = new URL(text);
  if (issuer.protocol === 'http:' && !LOOPBACK.test(issuer.hostname)) {
    env.refuse('OIDC_ISSUER must start with https:// unless it is on this machine.');
  }
  return issuer;
}

function readScopes(env: EnvironmentReader): string {
  const scopes = env.string('OIDC_SCOPES', 'openid profile email').split(/[\s,]+/);
  if (!scopes.includes('openid')) env.refuse('OIDC_SCOPES must contain openid.');
  return scopes.join(' ');
}

/** `value=role,…`; the last `=` separates, because values may be names such as `cn=admins`. */
function readRoleMap(env: EnvironmentReader): RoleMapping[] {
  return env.list('OIDC_ROLE_MAP').map((pair) => {
    const middle = pair.lastIndexOf('=');
    const mapping = { claimValue: pair.slice(0, middle).trim(), role: pair.slice(middle + 1).trim() };
    if (middle < 1 || mapping.claimValue === '' || mapping.role === '') {
      env.refuse(
        'OIDC_ROLE_MAP must be pairs such as lumiere-admins=admin,data-team=analyst: a value of the claim, then a role.',
      );
    }
    return mapping;
  });
}
