import type { Actor } from '../platform/audit/index.js';
import { permissionsOf, type Principal } from '../platform/security/index.js';

/** Whoever can run a command on the machine of the server: no account of Lumiere's, and the audit trail says so. */
export const COMMAND_LINE_ACTOR: Readonly<Actor> = Object.freeze({
  kind: 'command_line',
  userId: null,
  apiKeyId: null,
  address: null,
  requestId: null,
});

/** The same to services, which ask what a caller may do: everything. No account has the id 0. */
export const COMMAND_LINE: Readonly<Principal> = Object.freeze({
  userId: 0,
  roles: ['admin'],
  roleIds: [],
  permissions: permissionsOf(['*']),
  apiKeyId: null,
  dataSourceIds: null,
});
