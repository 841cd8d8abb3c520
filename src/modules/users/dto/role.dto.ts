import { ArrayMinSize, ArrayUnique, IsArray, IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { MayBeAbsent } from '../../../platform/http/index.js';
import { type Permission, PERMISSIONS } from '../../../platform/security/index.js';
import { BUILT_IN_ROLES, type Role } from '../entities/role.entity.js';

const ROLE_NAME = /^[a-z][a-z0-9_-]{1,49}$/;
const ROLE_NAME_MESSAGE = 'must be 2 to 50 small letters, digits, dashes or underscores, and begin with a letter';

export class RoleDto {
  /** @example 4 */
  id!: number;
  /** @example 'auditor' */
  name!: string;
  /** @example 'Reads what others asked.' */
  description!: string | null;
  /** `*` stands for all of them. @example ["account:read", "queries:read"] */
  permissions!: string[];
  /** Built-in roles cannot be changed. */
  is_built_in!: boolean;
  created_at!: Date;

  static from(role: Role): RoleDto {
    return {
      id: role.id,
      name: role.name,
      description: role.description,
      permissions: role.permissions,
      is_built_in: BUILT_IN_ROLES.includes(role.name),
      created_at: role.createdAt,
    };
  }
}

export class RolePageDto {
  items!: RoleDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'NTA' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;
}

export class CreateRoleDto {
  /** 2 to 50 small letters, digits, dashes or underscores. @example 'auditor' */
  @IsString()
  @Matches(ROLE_NAME, { message: ROLE_NAME_MESSAGE })
  name!: string;

  /** @example 'Reads what others asked.' */
  @IsOptional()
  @IsString()
  @MaxLength(500)
  description?: string | null;

  /** Only permissions that you have yourself. @example ["account:read", "queries:read"] */
  @IsArray()
  @ArrayUnique()
  @IsIn(PERMISSIONS, { each: true })
  permissions!: Permission[];
}

/** Leave a field out to keep it. */
export class UpdateRoleDto {
  /** @example 'auditor' */
  @MayBeAbsent()
  @IsString()
  @Matches(ROLE_NAME, { message: ROLE_NAME_MESSAGE })
  name?: string;

  /** Null empties it. @example 'Reads what others asked.' */
  @IsOptional()
  @IsString()
  @MaxLength(500)
  description?: string | null;

  /** The whole list; it replaces the one before. @example ["account:read", "queries:read"] */
  @MayBeAbsent()
  @IsArray()
  @ArrayUnique()
  @IsIn(PERMISSIONS, { each: true })
  permissions?: Permission[];
}

export class ReplaceRolesDto {
  /** Names of all roles that the person shall have. @example ["analyst"] */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(50, { each: true })
  roles!: string[];
}
