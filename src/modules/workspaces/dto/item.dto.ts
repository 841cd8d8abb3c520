import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { type Page, PageQuery } from '../../../platform/database/index.js';
import { LARGEST_ID, MayBeAbsent } from '../../../platform/http/index.js';
import { WORKSPACE_ITEM_TYPES, type WorkspaceItem, type WorkspaceItemType } from '../entities/workspace-item.entity.js';

/** Things that one workspace can hold. */
export const MOST_ITEMS = 1000;
const MOST_FOUND = 50;

export class NewItemDto {
  @IsIn(WORKSPACE_ITEM_TYPES)
  item_type!: WorkspaceItemType;

  /** @example 7 */
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  item_id!: number;

  /** Where it stands, from 0; what stands there moves on. At the end when left out. @example 0 */
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(MOST_ITEMS)
  position?: number;
}

export class MoveItemDto {
  /** Where it is to stand, from 0. @example 0 */
  @IsInt()
  @Min(0)
  @Max(MOST_ITEMS)
  position!: number;
}

export class ItemListQuery extends PageQuery {
  /** Only those of this kind. */
  @IsOptional()
  @IsIn(WORKSPACE_ITEM_TYPES)
  item_type?: WorkspaceItemType;
}

export class WorkspaceSearchQuery {
  /** What the name or the title is to have in it. @example 'revenue' */
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(200)
  text!: string;

  /** How many to find, at most. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MOST_FOUND)
  limit: number = 20;
}

/** What lies in a workspace, as the caller may know it. */
export interface SeenItem {
  item: WorkspaceItem;
  /** Null when it is gone, or not the caller's to see. */
  title: string | null;
}

/** Something that lies in a workspace. */
export class ItemDto {
  /** Of its place in the workspace. @example 3 */
  id!: number;
  item_type!: WorkspaceItemType;
  /** Of the thing itself. @example 7 */
  item_id!: number;
  /** @example 'Revenue by month' */
  title!: string | null;
  /** False when the thing is gone, or when you may not see it. */
  available!: boolean;
  /** @example 0 */
  position!: number;
  /** Who put it there. @example 1 */
  added_by!: number | null;
  created_at!: Date;

  static from({ item, title }: SeenItem): ItemDto {
    const { id, itemType, itemId, position, addedBy, createdAt } = item;
    const available = title !== null;
    return {
      id,
      item_type: itemType,
      item_id: itemId,
      title,
      available,
      position,
      added_by: addedBy,
      created_at: createdAt,
    };
  }
}

export class ItemPageDto {
  items!: ItemDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<SeenItem>): ItemPageDto {
    return {
      items: items.map((seen) => ItemDto.from(seen)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}

export interface Found {
  workspaceId: number;
  workspaceName: string;
  item: WorkspaceItem | null;
  title: string;
}

/** A workspace, or something that lies in one. */
export class FoundDto {
  /** @example 1 */
  workspace_id!: number;
  /** @example 'Sales team' */
  workspace_name!: string;
  /** Null when it is the workspace itself. */
  item_type!: WorkspaceItemType | null;
  /** @example 7 */
  item_id!: number | null;
  /** @example 'Revenue by month' */
  title!: string;

  static from({ workspaceId, workspaceName, item, title }: Found): FoundDto {
    return {
      workspace_id: workspaceId,
      workspace_name: workspaceName,
      item_type: item?.itemType ?? null,
      item_id: item?.itemId ?? null,
      title,
    };
  }
}

export class WorkspaceSearchDto {
  /** Workspaces first, then what lies in them. */
  results!: FoundDto[];
}
