import { describe, expect, it } from '@jest/globals';
import { type Claims, identityOf } from './claims.js';

const read = (claims: Claims, roleClaim = 'groups') =>
  identityOf({ issuer: 'https://id.example.com', subject: '7' }, claims, roleClaim);

describe('what a provider says of a person', () => {
  it('reads roles from a list, from a single text, and from inside other claims', () => {
    expect(read({ groups: ['a', 'b'] }).roleValues).toEqual(['a', 'b']);
    expect(read({ groups: 'a' }).roleValues).toEqual(['a']);
    expect(read({ realm_access: { roles: ['a'] } }, 'realm_access.roles').roleValues).toEqual(['a']);
    expect(read({ 'https://example.com/roles': ['a'] }, 'https://example.com/roles').roleValues).toEqual(['a']);
  });

  it.each([{}, { groups: null }, { groups: 7 }, { groups: [['a'], { a: 1 }, null] }])(
    'finds no roles where there are none: %j',
    (claims) => {
      expect(read(claims).roleValues).toEqual([]);
    },
  );

  it('does not take what every object inherits for a claim', () => {
    expect(read({}, 'constructor.name').roleValues).toEqual([]);
  });

  it('believes that an address is verified only when it is told so as a truth value', () => {
    const email = 'ada@example.com';
    expect(read({ email, email_verified: true }).emailVerified).toBe(true);
    expect(read({ email, email_verified: 'true' }).emailVerified).toBe(false);
    expect(read({ email }).emailVerified).toBe(false);
  });

  it('takes no address that cannot be one', () => {
    expect(read({ email: 'ada' }).email).toBeNull();
    expect(read({ email: ['ada@example.com'] }).email).toBeNull();
    expect(read({ email: `${'a'.repeat(250)}@example.com` }).email).toBeNull();
  });
});
