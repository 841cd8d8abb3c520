import { Injectable } from '@nestjs/common';
import { restrictCatalog, type TableRestriction } from '../../engine/catalog/restrict-catalog.js';
import type { CatalogView, MemberTable, OpenedTable } from './access-rules.js';
import { CatalogService } from './catalog.service.js';
import { CombinedMembers } from './combined-members.js';
import type { DataSourceEntity } from './entities/data-source.entity.js';

/** What was made of the views that a combined source's is made of. */
interface Composed {
  members: readonly CatalogView[];
  catalog: CatalogView['catalog'];
}

/** Sources as people of some roles see them. In a combined source the rules of every member hold, and then its own. */
@Injectable()
export class SourceViews {
  /** By the view of the combined source alone. */
  private readonly composed = new WeakMap<CatalogView, Composed>();

  constructor(
    private readonly catalogs: CatalogService,
    private readonly members: CombinedMembers,
  ) {}

  /** Its catalogue is the same object until something of what they see changes. */
  async of(source: DataSourceEntity, roleIds: readonly number[]): Promise<CatalogView> {
    const own = await this.catalogs.view(source, roleIds);
    if (source.type !== 'combined') return own;
    const parts = await this.members.of([source.id]);
    const views = new Map<number, CatalogView>();
    for (const { member } of parts) {
      if (!views.has(member.id)) views.set(member.id, await this.catalogs.view(member, roleIds));
    }
    const behind = new Map<string, MemberTable>();
    for (const { name, member, memberTable } of parts) {
      const view = views.get(member.id);
      const table = view?.tables.find((one) => one.name === memberTable);
      const described = view?.catalog.tables.find((one) => one.name === memberTable)?.columns;
      if (table !== undefined && described !== undefined) behind.set(name, { ...table, source: member, described });
    }
    // A table that its member has lost a moment ago is not shown without the rules of the member.
    const tables = own.tables.flatMap((table): OpenedTable[] => {
      const member = behind.get(table.name);
      return member === undefined ? [] : [{ ...table, behind: member }];
    });
    return { tables, catalog: this.catalogOf(own, [...views.values()], tables) };
  }

  private catalogOf(own: CatalogView, members: CatalogView[], tables: readonly OpenedTable[]): CatalogView['catalog'] {
    const known = this.composed.get(own);
    if (known?.members.length === members.length && members.every((view, index) => view === known.members[index])) {
      return known.catalog;
    }
    const restrictions = new Map<string, TableRestriction>(
      tables.flatMap(({ name, behind }) => {
        const maskedColumns = new Set(Object.keys(behind?.masks ?? {}));
        const someRows = (behind?.rowRules ?? []).length > 0;
        return someRows || maskedColumns.size > 0 ? [[name, { someRows, maskedColumns }] as const] : [];
      }),
    );
    const shown = new Set(tables.map(({ name }) => name));
    const catalog = restrictCatalog(
      { ...own.catalog, tables: own.catalog.tables.filter(({ name }) => shown.has(name)) },
      restrictions,
    );
    this.composed.set(own, { members, catalog });
    return catalog;
  }
}
