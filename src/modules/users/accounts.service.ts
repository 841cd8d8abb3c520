import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, In, QueryFailedError } from 'typeorm';
import { type Change, pick, UnitOfWork } from '../../platform/audit/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { permissionsOf, type Principal } from '../../platform/security/index.js';
import { ADMINISTRATOR } from './administrators.js';
import { Role } from './entities/role.entity.js';
import { UserRole } from './entities/user-role.entity.js';
import { User } from './entities/user.entity.js';
import { refuseUnknown } from './roles.service.js';

export interface NewAccount {
  username: string;
  email: string;
  passwordHash: string;
  fullName: string | null;
}

/** What an administrator decides about an account that is made for somebody. */
export interface Appointment {
  /** Names of roles, in the place of `analyst`. */
  roles?: readonly string[];
}

/** What sign-in needs of an account. */
export interface Credentials {
  id: number;
  /** Null when no password opens the account. */
  passwordHash: string | null;
  isActive: boolean;
  tokenVersion: number;
}

/** Any number that no other use of advisory locks takes: two first registrations must not both become administrator. */
export const FIRST_ACCOUNT_LOCK = 4_926_402;

/** Accounts as sign-in and access control see them. */
@Injectable()
export class AccountsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Makes an account with the role `analyst`; the first one of an installation is its administrator.
   *
   * @throws DomainError `username_taken` or `email_taken`; `validation_failed` for roles that do not exist, `conflict`
   *   when they would leave an installation without an administrator
   */
  async create(account: NewAccount, { roles: names }: Appointment = {}): Promise<User> {
    return this.unitOfWork.run(async (change) => {
      const { manager } = change;
      await manager.query('SELECT pg_advisory_xact_lock($1)', [FIRST_ACCOUNT_LOCK]);
      await refuseTaken(manager, account);
      const isFirst = !(await manager.existsBy(User, {}));
      return insertAccount(change, account, await rolesOfNew(manager, names, isFirst));
    });
  }

  /**
   * Makes the first account of an installation, its administrator.
   *
   * @returns null when there is an account already
   */
  async createFirst(account: NewAccount): Promise<User | null> {
    return this.unitOfWork.run(async (change) => {
      const { manager } = change;
      await manager.query('SELECT pg_advisory_xact_lock($1)', [FIRST_ACCOUNT_LOCK]);
      if (await manager.existsBy(User, {})) return null;
      return insertAccount(change, account, await rolesOfNew(manager, undefined, true));
    });
  }

  /** Whether anybody has an account. */
  async any(): Promise<boolean> {
    return this.dataSource.manager.existsBy(User, {});
  }

  /** By user name or email, whatever their case. */
  async findCredentials(login: string): Promise<Credentials | null> {
    return this.dataSource
      .getRepository(User)
      .createQueryBuilder('user')
      .select(['user.id', 'user.passwordHash', 'user.isActive', 'user.tokenVersion'])
      .where('lower(user.username) = lower(:login) OR lower(user.email) = lower(:login)', { login })
      .getOne();
  }

  /**
   * The caller behind an access token and their account, read in one statement because every request does it; null when
   * the account is gone, inactive, or has ended its sessions since.
   *
   * @param tokenVersion left out for a caller without a session, such as an API key's owner
   */
  async findPrincipal(userId: number, tokenVersion?: number): Promise<AccountPrincipal | null> {
    const rows: PrincipalRow[] = await this.dataSource.query(PRINCIPAL_SQL, [userId, tokenVersion ?? null]);
    return rows[0] ? toPrincipal(rows[0]) : null;
  }

  async recordLogin(userId: number): Promise<void> {
    await this.dataSource.query('UPDATE users SET last_login_at = now() WHERE id = $1', [userId]);
  }
}

/** The caller with the account they stand for. */
export interface AccountPrincipal extends Principal {
  user: User;
}

interface PrincipalRow {
  id: number;
  username: string;
  email: string;
  full_name: string | null;
  avatar_url: string | null;
  locale: string | null;
  is_active: boolean;
  created_at: Date;
  updated_at: Date;
  last_login_at: Date | null;
  roles: string[];
  role_ids: number[];
  permissions: string[];
}

const PRINCIPAL_SQL = `
  SELECT u.id, u.username, u.email, u.full_name, u.avatar_url, u.locale, u.is_active, u.created_at, u.updated_at,
         u.last_login_at,
         ARRAY(SELECT r.name FROM user_roles ur JOIN roles r ON r.id = ur.role_id
               WHERE ur.user_id = u.id ORDER BY r.name)::text[] AS roles,
         ARRAY(SELECT ur.role_id FROM user_roles ur WHERE ur.user_id = u.id ORDER BY ur.role_id) AS role_ids,
         ARRAY(SELECT DISTINCT unnest(r.permissions) FROM user_roles ur JOIN roles r ON r.id = ur.role_id
               WHERE ur.user_id = u.id) AS permissions
  FROM users u
  WHERE u.id = $1 AND u.token_version = coalesce($2, u.token_version) AND u.is_active`;

function toPrincipal(row: PrincipalRow): AccountPrincipal {
  const user = Object.assign(new User(), {
    id: row.id,
    username: row.username,
    email: row.email,
    fullName: row.full_name,
    avatarUrl: row.avatar_url,
    locale: row.locale,
    isActive: row.is_active,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    lastLoginAt: row.last_login_at,
    userRoles: row.roles.map((name) => ({ role: { name } })),
  });
  const permissions = permissionsOf(row.permissions);
  return {
    userId: row.id,
    roles: row.roles,
    roleIds: row.role_ids,
    permissions,
    user,
    apiKeyId: null,
    dataSourceIds: null,
  };
}

async function rolesOfNew(
  manager: EntityManager,
  names: readonly string[] | undefined,
  isFirst: boolean,
): Promise<Role[]> {
  const wanted = names ?? [isFirst ? ADMINISTRATOR : 'analyst'];
  const roles = await manager.findBy(Role, { name: In([...wanted]) });
  refuseUnknown(wanted, roles);
  if (isFirst && !wanted.includes(ADMINISTRATOR)) {
    throw new DomainError(
      'conflict',
      'The first account of an installation is its administrator. Give it the role admin.',
    );
  }
  return roles;
}

async function insertAccount({ manager, record }: Change, account: NewAccount, roles: readonly Role[]): Promise<User> {
  const user = await manager.save(manager.create(User, account)).catch(asTaken);
  const userRoles = await manager.save(
    roles.map(({ id }) => manager.create(UserRole, { userId: user.id, roleId: id })),
  );
  record({
    action: 'user.created',
    objectId: user.id,
    after: { ...pick(user, ['username', 'email', 'fullName']), roles: roles.map(({ name }) => name) },
  });
  return Object.assign(user, {
    userRoles: userRoles.map((userRole, index) => Object.assign(userRole, { role: roles[index] })),
  });
}

async function refuseTaken(manager: EntityManager, account: NewAccount): Promise<void> {
  const { username, email } = account;
  const taken = await manager
    .createQueryBuilder(User, 'user')
    .select(['user.id', 'user.username'])
    .where('lower(user.username) = lower(:username) OR lower(user.email) = lower(:email)', { username, email })
    .getOne();
  if (taken !== null) throw takenError(taken.username.toLowerCase() === username.toLowerCase());
}

/** What the database says of a name or an address that somebody has, as a refusal. */
export function asTaken(error: unknown): never {
  if (error instanceof QueryFailedError && 'constraint' in error.driverError) {
    const { constraint } = error.driverError;
    if (constraint === 'uq_users_username_lower') throw takenError(true);
    if (constraint === 'uq_users_email_lower') throw takenError(false);
  }
  throw error;
}

function takenError(username: boolean): DomainError {
  return username
    ? new DomainError('username_taken', 'This user name is taken. Choose another one.', {
        errors: [{ field: 'username', message: 'is taken' }],
      })
    : new DomainError('email_taken', 'There is already an account with this email. Sign in, or use another address.', {
        errors: [{ field: 'email', message: 'is taken' }],
      });
}
