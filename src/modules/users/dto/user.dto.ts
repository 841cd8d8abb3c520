import type { User } from '../entities/user.entity.js';

/** An account as its owner sees it. */
export class UserDto {
  /** @example 1 */
  id!: number;
  /** @example 'ada' */
  username!: string;
  /** @example 'ada@example.com' */
  email!: string;
  /** @example 'Ada Lovelace' */
  full_name!: string | null;
  /** @example 'https://example.com/ada.png' */
  avatar_url!: string | null;
  /** A BCP 47 language tag. @example 'en-GB' */
  locale!: string | null;
  is_active!: boolean;
  /** Names of the roles. @example ["analyst"] */
  roles!: string[];
  created_at!: Date;
  updated_at!: Date;
  last_login_at!: Date | null;

  static from(user: User): UserDto {
    return {
      id: user.id,
      username: user.username,
      email: user.email,
      full_name: user.fullName,
      avatar_url: user.avatarUrl,
      locale: user.locale,
      is_active: user.isActive,
      roles: user.userRoles.map((userRole) => userRole.role.name).sort(),
      created_at: user.createdAt,
      updated_at: user.updatedAt,
      last_login_at: user.lastLoginAt,
    };
  }
}

/** What everybody may know about an account. */
export class PublicUserDto {
  /** @example 2 */
  id!: number;
  /** @example 'grace' */
  username!: string;
  /** @example 'Grace Hopper' */
  full_name!: string | null;
  avatar_url!: string | null;

  static from(user: User): PublicUserDto {
    return { id: user.id, username: user.username, full_name: user.fullName, avatar_url: user.avatarUrl };
  }
}
