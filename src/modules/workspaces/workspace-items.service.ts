import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { UnitOfWork } from '../../platform/audit/index.js';
import { decodeCursor, encodeCursor, isDuplicate, type Page } from '../../platform/database/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { type ItemListQuery, MOST_ITEMS, type MoveItemDto, type NewItemDto, type SeenItem } from './dto/item.dto.js';
import { WorkspaceItem } from './entities/workspace-item.entity.js';
import { WorkspaceItemKinds } from './workspace-item-kinds.js';
import { WorkspacesService } from './workspaces.service.js';

/** What lies in workspaces. Positions are whole numbers from 0 without gaps; they change while the workspace is locked. */
@Injectable()
export class WorkspaceItemsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly workspaces: WorkspacesService,
    private readonly kinds: WorkspaceItemKinds,
  ) {}

  /** By position. @throws DomainError `not_found` */
  async list(id: number, wanted: ItemListQuery, caller: Principal): Promise<Page<SeenItem>> {
    await this.workspaces.get(id, caller);
    const { item_type: itemType, cursor, limit, include_total: counted = false } = wanted;
    const found = this.dataSource.manager
      .createQueryBuilder(WorkspaceItem, 'item')
      .where('item.workspaceId = :id', { id });
    if (itemType !== undefined) found.andWhere('item.itemType = :itemType', { itemType });
    const total = counted ? await found.getCount() : undefined;
    if (cursor !== undefined) found.andWhere('item.position >= :from', { from: decodeCursor(cursor) });
    const rows = await found
      .orderBy('item.position')
      .addOrderBy('item.id')
      .limit(limit + 1)
      .getMany();
    const next = rows[limit];
    const items = await this.seen(rows.slice(0, limit), caller);
    return { items, nextCursor: next === undefined ? null : encodeCursor(next.position), total };
  }

  /**
   * @throws DomainError `not_found` for the workspace, and for a thing that the caller may not see; `forbidden` for who may only look; `validation_failed` for a thing that is
   *   not the caller's to share; `conflict` when it is there already, or the workspace is full
   */
  async add(
    id: number,
    { item_type: itemType, item_id: itemId, position }: NewItemDto,
    caller: Principal,
  ): Promise<SeenItem> {
    const { role } = await this.workspaces.get(id, caller);
    const kind = this.kinds.get(itemType);
    if (role !== 'view' && !(await kind.mayShare(itemId, caller))) {
      const titles = await this.kinds.titles(itemType, [itemId], caller);
      throw titles.has(itemId) ? notYours() : notFound(itemType.replaceAll('_', ' '));
    }
    const item = await this.unitOfWork.run(async ({ manager, record }) => {
      await this.workspaces.lock(manager, id, caller, 'edit');
      const count = await manager.countBy(WorkspaceItem, { workspaceId: id });
      if (count >= MOST_ITEMS) throw full();
      const place = Math.min(position ?? count, count);
      await shift(manager, id, { from: place, to: MOST_ITEMS, by: 1 });
      const values = { workspaceId: id, itemType, itemId, position: place, addedBy: caller.userId };
      const { identifiers } = await manager.insert(WorkspaceItem, values).catch((error: unknown) => {
        throw isDuplicate(error) ? new DomainError('conflict', 'This is in the workspace already.') : error;
      });
      record({ action: 'workspace.item_added', objectId: id, after: { item_type: itemType, item_id: itemId } });
      return manager.findOneByOrFail(WorkspaceItem, { id: Number(identifiers[0]?.['id']) });
    });
    return this.seenOne(item, caller);
  }

  /** Moves it to a place; what is behind that moves on. @throws DomainError `not_found`, `forbidden` */
  async move(id: number, itemRowId: number, { position }: MoveItemDto, caller: Principal): Promise<SeenItem> {
    const item = await this.unitOfWork.run(async ({ manager, record }) => {
      await this.workspaces.lock(manager, id, caller, 'edit');
      const moved = await itemOf(manager, id, itemRowId);
      const count = await manager.countBy(WorkspaceItem, { workspaceId: id });
      const [from, to] = [moved.position, Math.min(position, count - 1)];
      if (from === to) return moved;
      await (from < to
        ? shift(manager, id, { from: from + 1, to, by: -1 })
        : shift(manager, id, { from: to, to: from - 1, by: 1 }));
      await manager.update(WorkspaceItem, { id: itemRowId }, { position: to });
      record({
        action: 'workspace.item_moved',
        objectId: id,
        before: { item: itemRowId, position: from },
        after: { item: itemRowId, position: to },
      });
      return { ...moved, position: to };
    });
    return this.seenOne(item, caller);
  }

  /** Takes it out of the workspace; the thing itself stays. Whoever put it in may do so in any case. @throws DomainError `not_found`, `forbidden` */
  async remove(id: number, itemRowId: number, caller: Principal): Promise<void> {
    await this.unitOfWork.run(async ({ manager, record }) => {
      await this.workspaces.lock(manager, id, caller, 'view');
      const { position, itemType, itemId, addedBy } = await itemOf(manager, id, itemRowId);
      if (addedBy !== caller.userId) await this.workspaces.lock(manager, id, caller, 'edit');
      await manager.delete(WorkspaceItem, { id: itemRowId });
      await shift(manager, id, { from: position + 1, to: MOST_ITEMS, by: -1 });
      record({ action: 'workspace.item_removed', objectId: id, before: { item_type: itemType, item_id: itemId } });
    });
  }

  /** With their titles, as far as the caller may see the things; one look per kind. */
  private async seen(items: readonly WorkspaceItem[], caller: Principal): Promise<SeenItem[]> {
    const titles = new Map<string, Map<number, string>>();
    for (const type of new Set(items.map(({ itemType }) => itemType))) {
      const ids = items.filter(({ itemType }) => itemType === type).map(({ itemId }) => itemId);
      titles.set(type, await this.kinds.titles(type, ids, caller));
    }
    return items.map((item) => ({ item, title: titles.get(item.itemType)?.get(item.itemId) ?? null }));
  }

  private async seenOne(item: WorkspaceItem, caller: Principal): Promise<SeenItem> {
    const [seen] = await this.seen([item], caller);
    return seen ?? { item, title: null };
  }
}

async function shift(
  manager: EntityManager,
  workspaceId: number,
  { from, to, by }: { from: number; to: number; by: number },
): Promise<void> {
  await manager.query(
    'UPDATE workspace_items SET position = position + $4 WHERE workspace_id = $1 AND position BETWEEN $2 AND $3',
    [workspaceId, from, to, by],
  );
}

/** @throws DomainError `not_found` */
async function itemOf(manager: EntityManager, workspaceId: number, id: number): Promise<WorkspaceItem> {
  const item = await manager.findOneBy(WorkspaceItem, { id, workspaceId });
  if (item === null) throw notFound('item of this workspace');
  return item;
}

function notYours(): DomainError {
  return new DomainError(
    'validation_failed',
    'This is not yours to share. Ask the person whose it is to put it here.',
    {
      errors: [{ field: 'item_id', message: 'is somebody else’s, who has only let you have it' }],
    },
  );
}

function full(): DomainError {
  return new DomainError(
    'conflict',
    `A workspace can hold ${MOST_ITEMS} things. Take one out first, or make another workspace.`,
  );
}
