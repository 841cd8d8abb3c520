import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, QueryFailedError } from 'typeorm';
import { pick, UnitOfWork } from '../../platform/audit/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { permissionsOf, type Principal } from '../../platform/security/index.js';
import { Role } from './entities/role.entity.js';
import { UserRole } from './entities/user-role.entity.js';
import { User } from './entities/user.entity.js';

export interface NewAccount {
  username: string;
  email: string;
  passwordHash: string;
  fullName: string | null;
}

/** What sign-in needs of an account. */
export interface Credentials {
  id: number;
  passwordHash: string;
  isActive: boolean;
  tokenVersion: number;
}

/** Any number that no other use of advisory locks takes: two first registrations must not both become administrator. */
const FIRST_ACCOUNT_LOCK = 4_926_402;

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
   * @throws DomainError `username_taken` or `email_taken`
   */
  async create(account: NewAccount): Promise<User> {
    return this.unitOfWork.run(async ({ manager, record }) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [FIRST_ACCOUNT_LOCK]);
      await refuseTaken(manager, account);
      const isFirst = !(await manager.existsBy(User, {}));
      const role = await manager.findOneByOrFail(Role, { name: isFirst ? 'admin' : 'analyst' });
      const user = await manager.save(manager.create(User, account)).catch(asTaken);
      const userRole = await manager.save(manager.create(UserRole, { userId: user.id, roleId: role.id }));
      record({
        action: 'user.created',
        objectId: user.id,
        after: { ...pick(user, ['username', 'email', 'fullName']), roles: [role.name] },
      });
      return Object.assign(user, { userRoles: [Object.assign(userRole, { role })] });
    });
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

async function refuseTaken(manager: EntityManager, account: NewAccount): Promise<void> {
  const { username, email } = account;
  const taken = await manager
    .createQueryBuilder(User, 'user')
    .select(['user.id', 'user.username'])
    .where('lower(user.username) = lower(:username) OR lower(user.email) = lower(:email)', { username, email })
    .getOne();
  if (taken !== null) throw takenError(taken.username.toLowerCase() === username.toLowerCase());
}

function asTaken(error: unknown): never {
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
