import { Injectable } from '@nestjs/common';
import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import type { WorkspaceItemType } from './entities/workspace-item.entity.js';

/** What workspaces need to know of a kind of things. */
export interface ItemKind {
  /** All that the caller may see. */
  visible(caller: Principal): SelectQueryBuilder<ObjectLiteral>;
  /** What people know one by: an SQL expression over the alias of `visible`. */
  title: string;
  /** Whether it is the caller's to let others have. False also when there is no such thing. */
  mayShare(id: number, caller: Principal): Promise<boolean>;
}

/** Later modules say here what of theirs can lie in a workspace; workspaces themselves know none of them. */
@Injectable()
export class WorkspaceItemKinds {
  private readonly kinds = new Map<WorkspaceItemType, ItemKind>();

  add(type: WorkspaceItemType, kind: ItemKind): void {
    this.kinds.set(type, kind);
  }

  get types(): WorkspaceItemType[] {
    return [...this.kinds.keys()];
  }

  /** @throws DomainError `validation_failed` when such things cannot lie in a workspace */
  get(type: WorkspaceItemType): ItemKind {
    const kind = this.kinds.get(type);
    if (kind !== undefined) return kind;
    throw new DomainError('validation_failed', `A workspace can hold ${this.types.join(', ')}.`, {
      errors: [{ field: 'item_type', message: 'cannot lie in a workspace' }],
    });
  }

  /** The titles of those of the things that the caller may see, by id. */
  async titles(type: WorkspaceItemType, ids: readonly number[], caller: Principal): Promise<Map<number, string>> {
    const kind = this.kinds.get(type);
    if (kind === undefined || ids.length === 0) return new Map();
    const visible = kind.visible(caller);
    const rows = await visible
      .select(`${visible.alias}.id`, 'id')
      .addSelect(kind.title, 'title')
      .andWhere(`${visible.alias}.id = ANY(:titledIds)`, { titledIds: ids })
      .getRawMany<{ id: number; title: string }>();
    return new Map(rows.map(({ id, title }) => [id, title]));
  }

  /**
   * Those of the things that the caller may see and whose title has the text in it, by id.
   *
   * @param within a sub-select of the ids that count, with the parameter `:callerId`
   */
  async named(
    type: WorkspaceItemType,
    { text, within, limit }: { text: string; within: string; limit: number },
    caller: Principal,
  ): Promise<Map<number, string>> {
    const kind = this.get(type);
    const visible = kind.visible(caller);
    const rows = await visible
      .select(`${visible.alias}.id`, 'id')
      .addSelect(kind.title, 'title')
      .andWhere(`${visible.alias}.id IN (${within})`)
      .andWhere(`strpos(lower(${kind.title}), lower(:wantedText)) > 0`, { wantedText: text })
      .setParameter('callerId', caller.userId)
      .orderBy(`${visible.alias}.id`, 'DESC')
      .limit(limit)
      .getRawMany<{ id: number; title: string }>();
    return new Map(rows.map(({ id, title }) => [id, title]));
  }
}
