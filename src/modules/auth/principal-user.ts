import type { FastifyRequest } from 'fastify';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { AccountPrincipal, User } from '../users/index.js';

/** The account that the guard has already read for this request. */
export function principalUser(request: FastifyRequest): User {
  const principal = request.user as AccountPrincipal | undefined;
  if (principal === undefined) {
    throw new DomainError('unauthenticated', 'Sign in first: send a valid bearer token or API key.');
  }
  return principal.user;
}
