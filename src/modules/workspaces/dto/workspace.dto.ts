import { IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { type Page, PageQuery } from '../../../platform/database/index.js';
import { LARGEST_ID, MayBeAbsent } from '../../../platform/http/index.js';
import type { WorkspacePermission } from '../entities/workspace-member.entity.js';
import type { Workspace } from '../entities/workspace.entity.js';

/** What somebody may do in a workspace. */
export type WorkspaceRole = WorkspacePermission | 'owner';

/** A workspace, and what the caller may do in it. */
export interface SeenWorkspace {
  workspace: Workspace;
  role: WorkspaceRole;
}

export class NewWorkspaceDto {
  /** @example 'Sales team' */
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(200)
  name!: string;

  /** @example 'What we look at on Mondays' */
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  description?: string | null;
}

/** What to change: what is left out stays as it is. */
export class ChangeWorkspaceDto {
  /** @example 'Sales team' */
  @MayBeAbsent()
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(200)
  name?: string;

  /** Null empties it. @example 'What we look at on Mondays' */
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  description?: string | null;

  /** The version that you have seen: when somebody has made another since, nothing is changed. */
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID - 1)
  based_on?: number;
}

export class WorkspaceListQuery extends PageQuery {
  /** Only those with this text in their name. @example 'sales' */
  @IsOptional()
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(200)
  text?: string;
}

/** Where people keep what they work on together. */
export class WorkspaceDto {
  /** @example 1 */
  id!: number;
  /** @example 'Sales team' */
  name!: string;
  description!: string | null;
  /** Whose it is. @example 1 */
  owner_id!: number;
  /** What you may do in it. `view`: have what lies in it; `edit`: put things in and take them out; `manage`: also say who is a member. */
  role!: WorkspaceRole;
  /** Raised by every change. @example 1 */
  version!: number;
  created_at!: Date;
  updated_at!: Date;

  static from({ workspace, role }: SeenWorkspace): WorkspaceDto {
    const { id, name, description, userId, version, createdAt, updatedAt } = workspace;
    return { id, name, description, owner_id: userId, role, version, created_at: createdAt, updated_at: updatedAt };
  }
}

export class WorkspacePageDto {
  items!: WorkspaceDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<SeenWorkspace>): WorkspacePageDto {
    return {
      items: items.map((seen) => WorkspaceDto.from(seen)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}
