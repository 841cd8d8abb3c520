import type { CredentialPlace } from '../../../platform/security/index.js';

/** Where the secret of a webhook is kept. */
export function secretPlace(id: number): CredentialPlace {
  return { table: 'webhooks', column: 'secret_encrypted', id };
}
