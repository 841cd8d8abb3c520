import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, In } from 'typeorm';
import type { Catalog } from '../../engine/catalog/catalog.js';
import { combineCatalogs } from '../../engine/catalog/combine-catalogs.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { CatalogService, type LoadedCatalog } from './catalog.service.js';
import { replaceTables } from './catalog-changes.js';
import { MemberDto } from './dto/combined-source.dto.js';
import { CombinedTable } from './entities/combined-table.entity.js';
import { DataSourceEntity } from './entities/data-source.entity.js';
import { SourceRelationship } from './entities/source-relationship.entity.js';
import { SourceTable } from './entities/source-table.entity.js';
import { RuledNames } from './ruled-names.js';
import { lostNames, type LostNames } from './schema-dependents.js';
import type { StoredFile } from './stored-files.js';

/** Where one table of a combined source comes from. */
export type MemberRef = Pick<CombinedTable, 'name' | 'memberId' | 'memberTable'>;

/** What a combined source is made of, as its members are now. */
export interface Composition {
  catalog: Catalog;
  /** Where the tables lie, by name. */
  files: Map<string, StoredFile>;
  /** For the row of the source. Its data is as old as the oldest of the members. */
  facts: Pick<DataSourceEntity, 'rowCount' | 'sizeBytes' | 'loadedAt'>;
}

/** A combined source that has followed a change of a member, and what it has lost by it. */
export interface Follower {
  id: number;
  lost: LostNames;
}

/** Keeps combined sources as their members are. */
@Injectable()
export class CombinedMembers {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly catalogs: CatalogService,
    private readonly ruled: RuledNames,
  ) {}

  /** The tables of combined sources with the sources that they come from, in their order. */
  async of(ids: readonly number[]): Promise<CombinedTable[]> {
    if (ids.length === 0) return [];
    return this.dataSource.manager.find(CombinedTable, {
      where: { dataSourceId: In(ids) },
      relations: { member: true },
      order: { dataSourceId: 'ASC', position: 'ASC' },
    });
  }

  /** The tables of combined sources as they are told to people, by the id of the source. */
  async describe(ids: readonly number[]): Promise<Map<number, MemberDto[]>> {
    const described = new Map<number, MemberDto[]>(ids.map((id) => [id, []]));
    if (ids.length === 0) return described;
    const tables = await this.dataSource.manager.find(SourceTable, {
      where: { dataSourceId: In(ids) },
      select: { dataSourceId: true, name: true },
    });
    const isThere = ({ dataSourceId, name }: CombinedTable): boolean =>
      tables.some((table) => table.dataSourceId === dataSourceId && table.name === name);
    for (const part of await this.of(ids)) {
      described.get(part.dataSourceId)?.push(MemberDto.from(part, isThere(part)));
    }
    return described;
  }

  /** Puts together what the members have now; a table that its member does not have is left out. */
  async compose(manager: EntityManager, refs: readonly MemberRef[]): Promise<Composition> {
    const ids = [...new Set(refs.map(({ memberId }) => memberId))];
    const members = new Map<number, LoadedCatalog>();
    for (const id of ids) members.set(id, await this.catalogs.read(manager, id));
    const files = new Map<string, StoredFile>();
    const parts = refs.flatMap(({ name, memberId: source, memberTable }) => {
      const member = members.get(source);
      const table = member?.catalog.tables.find((one) => one.name === memberTable);
      const stored = member?.tables.find((one) => one.name === memberTable);
      if (table === undefined || stored === undefined) return [];
      files.set(name, { location: stored.location, bytes: stored.sizeBytes });
      return [{ name, source, table }];
    });
    const relationships = new Map([...members].map(([id, { catalog }]) => [id, catalog.relationships]));
    const catalog = await combineCatalogs(parts, relationships);
    const sources = await manager.findBy(DataSourceEntity, { id: In(ids) });
    return {
      catalog,
      files,
      facts: {
        rowCount: catalog.tables.reduce((sum, { rowCount }) => sum + rowCount, 0),
        sizeBytes: [...files.values()].reduce((sum, { bytes }) => sum + bytes, 0),
        loadedAt: new Date(Math.min(...sources.map(({ loadedAt }) => loadedAt.getTime()))),
      },
    };
  }

  /**
   * Brings every source that is combined from a member to what the member has become, in the transaction that changes it.
   *
   * @throws DomainError `conflict` when rules of a combined source speak of what would not be there any more
   */
  async follow(manager: EntityManager, memberId: number): Promise<Follower[]> {
    const rows: { id: number; name: string }[] = await manager.query(
      `SELECT id, name FROM data_sources
       WHERE id IN (SELECT data_source_id FROM combined_tables WHERE member_id = $1) ORDER BY id FOR UPDATE`,
      [memberId],
    );
    const followers: Follower[] = [];
    for (const { id, name } of rows) {
      const { catalog: before } = await this.catalogs.read(manager, id);
      const refs = await manager.find(CombinedTable, { where: { dataSourceId: id }, order: { position: 'ASC' } });
      const composition = await this.compose(manager, refs);
      await this.rewrite(manager, id, composition, name);
      followers.push({ id, lost: lostNames(before, composition.catalog) });
    }
    return followers;
  }

  /**
   * Gives a combined source a new version, with these tables.
   *
   * @param name said in a refusal when it is not the combined source that is being changed
   * @throws DomainError `conflict` when its rules speak of what would not be there any more
   */
  async rewrite(
    manager: EntityManager,
    id: number,
    { catalog, files, facts }: Composition,
    name?: string,
  ): Promise<void> {
    await this.ruled.refuseLoss(manager, id, 'duckdb', catalog, name);
    // Nobody declares anything here: what comes from the members comes again.
    await manager.delete(SourceRelationship, { dataSourceId: id, origin: 'declared' });
    await replaceTables(manager, id, catalog, files);
    await manager.update(DataSourceEntity, { id }, { ...facts, version: () => 'version + 1' });
  }

  /**
   * @param table of the member; any of them when left out
   * @param tellsNames whether the one who asks may know what the others are called
   * @throws DomainError `conflict` when sources are combined from it
   */
  async refuseUse(manager: EntityManager, memberId: number, tellsNames: boolean, table?: string): Promise<void> {
    // Whoever combines sources holds them, so that from here on nobody takes it in.
    await manager.query('SELECT FROM data_sources WHERE id = $1 FOR UPDATE', [memberId]);
    const rows: { name: string }[] = await manager.query(
      `SELECT name FROM data_sources WHERE id IN (
         SELECT data_source_id FROM combined_tables WHERE member_id = $1 AND member_table = coalesce($2, member_table))
       ORDER BY id`,
      [memberId, table ?? null],
    );
    if (rows.length > 0) throw inUse(table === undefined, tellsNames ? rows.map(({ name }) => name) : []);
  }
}

/** What a source that others are combined from is not removed with. */
function inUse(isSource: boolean, names: readonly string[]): DomainError {
  const what = isSource ? 'This data source' : 'This table';
  const where = names.length === 0 ? 'combined data sources' : names.map((name) => `“${name}”`).join(', ');
  return new DomainError(
    'conflict',
    `${what} is a part of ${where}. Choose other tables there (PUT /data-sources/{id}/tables), or remove it, first.`,
  );
}
