import { IsIn, IsInt, Max, Min, ValidateIf } from 'class-validator';
import type { Page } from '../../../platform/database/index.js';
import { LARGEST_ID } from '../../../platform/http/index.js';
import {
  DASHBOARD_PERMISSIONS,
  type DashboardPermission,
  type DashboardShare,
} from '../entities/dashboard-share.entity.js';

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

/** Give either a person or a role. */
export class NewShareDto {
  /** @example 2 */
  @ValidateIf(({ user_id, role_id }: NewShareDto) => isGiven(user_id) || !isGiven(role_id))
  @IsInt({ message: 'give either user_id or role_id' })
  @Min(1)
  @Max(LARGEST_ID)
  user_id?: number | null;

  /** Everybody who has this role. */
  @ValidateIf(({ user_id, role_id }: NewShareDto) => isGiven(role_id) || !isGiven(user_id))
  @IsInt({ message: 'give either user_id or role_id' })
  @Min(1)
  @Max(LARGEST_ID)
  role_id?: number | null;

  /** `view`: look at it; `edit`: also change it and its charts; `manage`: also share it, publish it and remove it. */
  @IsIn(DASHBOARD_PERMISSIONS)
  permission!: DashboardPermission;
}

export class ShareDto {
  /** @example 1 */
  id!: number;
  /** @example 2 */
  user_id!: number | null;
  role_id!: number | null;
  permission!: DashboardPermission;
  created_at!: Date;

  static from({ id, sharedToUserId, sharedToRoleId, permission, createdAt }: DashboardShare): ShareDto {
    return { id, user_id: sharedToUserId, role_id: sharedToRoleId, permission, created_at: createdAt };
  }
}

export class SharePageDto {
  items!: ShareDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<DashboardShare>): SharePageDto {
    return {
      items: items.map((share) => ShareDto.from(share)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}
