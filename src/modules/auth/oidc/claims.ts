/** What a provider says of a person, read without trust in its shape. */
import { isEmail } from 'class-validator';

export type Claims = Readonly<Record<string, unknown>>;

/** A person at a provider. */
export interface ProvidedIdentity {
  issuer: string;
  subject: string;
  /** Null when the provider tells none, or one that cannot be an address. */
  email: string | null;
  emailVerified: boolean;
  username: string | null;
  fullName: string | null;
  /** The values of the claim that roles are read from. */
  roleValues: string[];
}

const LONGEST_EMAIL = 254;
const LONGEST_NAME = 200;

/**
 * @param identifier issuer and subject, from a token that has been checked
 * @param roleClaim the name of a claim, or names separated by dots on the way to one inside others
 */
export function identityOf(
  identifier: { issuer: string; subject: string },
  claims: Claims,
  roleClaim: string,
): ProvidedIdentity {
  const email = textOf(claims['email']);
  return {
    ...identifier,
    email: email !== null && email.length <= LONGEST_EMAIL && isEmail(email) ? email : null,
    emailVerified: claims['email_verified'] === true,
    username: textOf(claims['preferred_username'])?.split('@')[0] ?? null,
    fullName: textOf(claims['name'])?.slice(0, LONGEST_NAME).toWellFormed() ?? null,
    roleValues: rolesIn(claims, roleClaim),
  };
}

/** A claim whose own name has dots, such as an address, comes before one inside others. */
function rolesIn(claims: Claims, path: string): string[] {
  const value = Object.hasOwn(claims, path) ? claims[path] : path.split('.').reduce<unknown>(memberOf, claims);
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((item) => typeof item === 'string');
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Claims)[name]
    : undefined;
}

/** PostgreSQL keeps no U+0000. */
function textOf(value: unknown): string | null {
  const text = typeof value === 'string' ? value.replaceAll('\0', '').trim() : '';
  return text === '' ? null : text;
}
