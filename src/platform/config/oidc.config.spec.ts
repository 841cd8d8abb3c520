import { describe, expect, it } from '@jest/globals';
import { EnvironmentReader } from './environment.js';
import { OidcConfig } from './oidc.config.js';

const SET = { OIDC_ISSUER: 'https://id.example.com/tenant', OIDC_CLIENT_ID: 'lumiere' };

function read(variables: Record<string, string>, publicUrl: string | undefined = 'https://lumiere.example.com') {
  return new OidcConfig(new EnvironmentReader({ ...SET, ...variables }), publicUrl).settings;
}

describe('the configuration of OpenID Connect', () => {
  it('is off unless an issuer is set', () => {
    expect(read({ OIDC_ISSUER: '' })).toBeUndefined();
  });

  it('lets everybody in as an analyst without a map, and with one only those whom it gives a role', () => {
    expect(read({})?.defaultRole).toBe('analyst');
    expect(read({ OIDC_ROLE_MAP: 'a=admin' })?.defaultRole).toBeUndefined();
    expect(read({ OIDC_ROLE_MAP: 'a=admin', OIDC_DEFAULT_ROLE: 'viewer' })?.defaultRole).toBe('viewer');
  });

  it('reads values of the claim that hold an equals sign themselves', () => {
    expect(read({ OIDC_ROLE_MAP: 'cn=data team=analyst, a=admin' })?.roleMap).toEqual([
      { claimValue: 'cn=data team', role: 'analyst' },
      { claimValue: 'a', role: 'admin' },
    ]);
  });

  it('does not open accounts by their address unless told to', () => {
    expect(read({})).toMatchObject({ linkByEmail: false, scopes: 'openid profile email' });
  });

  it.each(['http://127.0.0.1:8080', 'http://localhost', 'http://[::1]:1'])(
    'takes %s, which is this machine',
    (issuer) => {
      expect(read({ OIDC_ISSUER: issuer })?.issuer.origin).toBe(new URL(issuer).origin);
    },
  );

  it.each([
    ['OIDC_ISSUER', { OIDC_ISSUER: 'http://id.example.com' }],
    ['OIDC_ISSUER', { OIDC_ISSUER: 'http://127.0.0.1.example.com' }],
    ['OIDC_ISSUER', { OIDC_ISSUER: 'id.example.com' }],
    ['OIDC_CLIENT_ID', { OIDC_CLIENT_ID: '' }],
    ['OIDC_SCOPES', { OIDC_SCOPES: 'profile email' }],
    ['OIDC_ROLE_MAP', { OIDC_ROLE_MAP: 'admin' }],
    ['OIDC_ROLE_MAP', { OIDC_ROLE_MAP: 'a=' }],
    ['OIDC_LINK_BY_EMAIL', { OIDC_LINK_BY_EMAIL: 'perhaps' }],
  ])('names %s when it is %j', (name, variables) => {
    expect(() => read(variables)).toThrow(name);
  });

  it('names LUMIERE_PUBLIC_URL when it is missing', () => {
    expect(() => new OidcConfig(new EnvironmentReader(SET), undefined)).toThrow('LUMIERE_PUBLIC_URL');
  });
});
