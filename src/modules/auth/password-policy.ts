import { DomainError } from '../../platform/errors/domain-error.js';
import { isCommonPassword } from '../../platform/security/index.js';

/** Whose password it is to be. */
export interface PasswordOwner {
  username: string;
  email: string;
  fullName: string | null;
}

/**
 * Refuses a password that others would guess first: a common one, or the owner's own name or email, whatever the case.
 * After NIST SP 800-63B, section 5.1.1.2; length is the DTO's to check.
 *
 * @param field of the request that holds the password
 * @throws DomainError `validation_failed` naming the field
 */
export async function refuseGuessable(password: string, owner: PasswordOwner, field: string): Promise<void> {
  const { username, email, fullName } = owner;
  const own = [username, email, email.split('@')[0], fullName].map((name) => name?.toLowerCase());
  if (own.includes(password.trim().toLowerCase())) throw refusal(field, 'must not be your own name or email');
  if (await isCommonPassword(password)) throw refusal(field, 'is among the most common passwords');
}

function refusal(field: string, message: string): DomainError {
  return new DomainError('validation_failed', 'This password is easy to guess. Choose another one.', {
    errors: [{ field, message }],
  });
}
