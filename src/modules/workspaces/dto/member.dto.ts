import { IsIn, IsInt, Max, Min } from 'class-validator';
import type { Page } from '../../../platform/database/index.js';
import { LARGEST_ID } from '../../../platform/http/index.js';
import { WORKSPACE_PERMISSIONS, type WorkspacePermission } from '../entities/workspace-member.entity.js';
import type { WorkspaceRole } from './workspace.dto.js';

export class NewMemberDto {
  /** @example 2 */
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  user_id!: number;

  @IsIn(WORKSPACE_PERMISSIONS)
  permission!: WorkspacePermission;
}

export class ChangeMemberDto {
  @IsIn(WORKSPACE_PERMISSIONS)
  permission!: WorkspacePermission;
}

export interface Member {
  userId: number;
  username: string;
  fullName: string | null;
  role: WorkspaceRole;
  addedAt: Date;
}

export class MemberDto {
  /** @example 2 */
  user_id!: number;
  /** @example 'ada' */
  username!: string;
  full_name!: string | null;
  role!: WorkspaceRole;
  added_at!: Date;

  static from({ userId, username, fullName, role, addedAt }: Member): MemberDto {
    return { user_id: userId, username, full_name: fullName, role, added_at: addedAt };
  }
}

export class MemberPageDto {
  items!: MemberDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<Member>): MemberPageDto {
    return {
      items: items.map((member) => MemberDto.from(member)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}
