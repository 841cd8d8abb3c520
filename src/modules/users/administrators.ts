import type { EntityManager } from 'typeorm';
import type { Change, UnitOfWork } from '../../platform/audit/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';

/** The role that may do everything. It cannot be changed, and somebody always has it. */
export const ADMINISTRATOR = 'admin';

/** Any number that no other use of advisory locks takes: two administrators must not dismiss each other at the same time. */
const ADMINISTRATORS_LOCK = 4_926_403;

/**
 * Makes a change of who may do what, and takes it back when it leaves no active administrator.
 *
 * @throws DomainError `conflict` in that case, and whatever the change throws
 */
export async function keepingAnAdministrator<T>(
  unitOfWork: UnitOfWork,
  work: (change: Change) => Promise<T>,
): Promise<T> {
  return unitOfWork.run(async (change) => {
    const { manager } = change;
    await lockAdministrators(manager);
    const outcome = await work(change);
    const remaining: unknown[] = await manager.query(ANY_ADMINISTRATOR, [ADMINISTRATOR, null]);
    if (remaining.length === 0) {
      throw new DomainError(
        'conflict',
        'This is the last active administrator. Make somebody else an administrator first.',
      );
    }
    return outcome;
  });
}

const ANY_ADMINISTRATOR = `
  SELECT 1
  FROM users u JOIN user_roles ur ON ur.user_id = u.id JOIN roles r ON r.id = ur.role_id
  WHERE u.is_active AND r.name = $1 AND u.id IS DISTINCT FROM $2
  LIMIT 1`;

/** From here to the end of the transaction, nobody else changes who may do what. Take it before any lock on a row. */
export async function lockAdministrators(manager: EntityManager): Promise<void> {
  await manager.query('SELECT pg_advisory_xact_lock($1)', [ADMINISTRATORS_LOCK]);
}

/** Whether there is an active administrator beside this one; the answer holds under `lockAdministrators`. */
export async function hasOtherAdministrator(userId: number, manager: EntityManager): Promise<boolean> {
  const others: unknown[] = await manager.query(ANY_ADMINISTRATOR, [ADMINISTRATOR, userId]);
  return others.length > 0;
}

/**
 * Only an administrator has a say about administrators: who may manage people must not rise by it.
 *
 * @throws DomainError `forbidden`
 */
export function refuseToManageAdministrator(roleNames: readonly string[], caller: Principal): void {
  if (roleNames.includes(ADMINISTRATOR) && !caller.roles.includes(ADMINISTRATOR)) {
    throw new DomainError('forbidden', 'Only an administrator may change the account of an administrator.');
  }
}
