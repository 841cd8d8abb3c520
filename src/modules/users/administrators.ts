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
    await manager.query('SELECT pg_advisory_xact_lock($1)', [ADMINISTRATORS_LOCK]);
    const outcome = await work(change);
    const remaining: unknown[] = await manager.query(ANY_ADMINISTRATOR, [ADMINISTRATOR]);
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
  WHERE u.is_active AND r.name = $1
  LIMIT 1`;

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
