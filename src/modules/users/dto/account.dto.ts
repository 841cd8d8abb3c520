import type { User } from '../entities/user.entity.js';

/** An account as administrators see it: the address is masked, because lists are shown to people and end up in screenshots. */
export class AccountDto {
  /** @example 2 */
  id!: number;
  /** @example 'grace' */
  username!: string;
  /** The first letter and the domain only. @example 'g•••@example.com' */
  email!: string;
  /** @example 'Grace Hopper' */
  full_name!: string | null;
  is_active!: boolean;
  /** Names of the roles. @example ["analyst"] */
  roles!: string[];
  created_at!: Date;
  last_login_at!: Date | null;

  static from(user: User): AccountDto {
    return {
      id: user.id,
      username: user.username,
      email: masked(user.email),
      full_name: user.fullName,
      is_active: user.isActive,
      roles: user.userRoles.map((userRole) => userRole.role.name).sort(),
      created_at: user.createdAt,
      last_login_at: user.lastLoginAt,
    };
  }
}

/** `ada@example.com` → `a•••@example.com`. As many dots for every name: its length says something, too. */
function masked(email: string): string {
  return email.replace(/^(.)[^@]*/u, '$1•••');
}
