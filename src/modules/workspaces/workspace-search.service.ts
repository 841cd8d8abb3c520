import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, In } from 'typeorm';
import type { Principal } from '../../platform/security/index.js';
import type { Found, WorkspaceSearchQuery } from './dto/item.dto.js';
import { WorkspaceItem } from './entities/workspace-item.entity.js';
import { workspacesOf } from './shared-items.js';
import { WorkspaceItemKinds } from './workspace-item-kinds.js';
import { WorkspacesService } from './workspaces.service.js';

/** Finding workspaces, and what lies in them, by their names. */
@Injectable()
export class WorkspaceSearchService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly workspaces: WorkspacesService,
    private readonly kinds: WorkspaceItemKinds,
  ) {}

  /** Workspaces first, then things, of each kind the newest first; a thing once for every workspace that it lies in. */
  async search({ text, limit }: WorkspaceSearchQuery, caller: Principal): Promise<Found[]> {
    if (caller.dataSourceIds !== null) return [];
    const wanted = { text: text.trim(), limit };
    const { items } = await this.workspaces.list({ ...wanted }, caller);
    const found: Found[] = items.map(({ workspace: { id, name } }) => ({
      workspaceId: id,
      workspaceName: name,
      item: null,
      title: name,
    }));
    for (const type of this.kinds.types) {
      if (found.length >= limit) break;
      const within = `SELECT item_id FROM workspace_items WHERE item_type = '${type}'
        AND workspace_id IN (${workspacesOf(':callerId', 'view')})`;
      const titles = await this.kinds.named(type, { ...wanted, within }, caller);
      found.push(...(await this.placesOf(type, titles, caller)));
    }
    return found.slice(0, limit);
  }

  private async placesOf(
    itemType: WorkspaceItem['itemType'],
    titles: ReadonlyMap<number, string>,
    caller: Principal,
  ): Promise<Found[]> {
    if (titles.size === 0) return [];
    const places = await this.dataSource.manager
      .createQueryBuilder(WorkspaceItem, 'item')
      .innerJoinAndSelect('item.workspace', 'workspace')
      .where({ itemType, itemId: In([...titles.keys()]) })
      .andWhere(`item.workspaceId IN (${workspacesOf(':callerId', 'view')})`, { callerId: caller.userId })
      .orderBy('item.itemId', 'DESC')
      .addOrderBy('item.id', 'DESC')
      .getMany();
    return places.map((item) => ({
      workspaceId: item.workspaceId,
      workspaceName: item.workspace.name,
      item,
      title: titles.get(item.itemId) ?? '',
    }));
  }
}
