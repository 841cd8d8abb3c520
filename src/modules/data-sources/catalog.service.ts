import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { LRUCache } from 'lru-cache';
import { DataSource, type EntityManager } from 'typeorm';
import type { Catalog, CatalogColumn, CatalogTable } from '../../engine/catalog/catalog.js';
import { readDefaultSchema } from './default-schema.js';
import type { DataSourceEntity } from './entities/data-source.entity.js';
import { SourceColumn } from './entities/source-column.entity.js';
import { SourceRelationship } from './entities/source-relationship.entity.js';
import { type CatalogView, readRules, rulesFor, type StoredRule, viewUnder } from './access-rules.js';
import { SourceTable } from './entities/source-table.entity.js';
import type { StoredFile } from './stored-files.js';

/** What a source holds, for asking questions of it. */
export interface LoadedCatalog {
  catalog: Catalog;
  tables: Pick<SourceTable, 'name' | 'location' | 'sizeBytes'>[];
  rules: StoredRule[];
  defaultSchema: string | null;
}

/** Catalogues kept in memory, most recently used ones. */
const CACHED_CATALOGS = 50;

/** Keeps the catalogue of every source in the database, and the ones in use in memory. */
@Injectable()
export class CatalogService {
  private readonly cache = new LRUCache<string, LoadedCatalog>({ max: CACHED_CATALOGS });
  private readonly views = new LRUCache<string, CatalogView>({ max: CACHED_CATALOGS });

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** The catalogue as it is now; the same object until data or descriptions change. */
  async load(source: Pick<DataSourceEntity, 'id' | 'version' | 'schemaVersion'>): Promise<LoadedCatalog> {
    const key = keyOf(source);
    const cached = this.cache.get(key);
    if (cached !== undefined) return cached;
    const loaded = await this.read(this.dataSource.manager, source.id);
    this.cache.set(key, loaded);
    return loaded;
  }

  /** The source as somebody with these roles sees it; the same object until something of that changes. */
  async view(source: Parameters<CatalogService['load']>[0], roleIds: readonly number[]): Promise<CatalogView> {
    const { catalog, tables, rules, defaultSchema } = await this.load(source);
    const applied = rulesFor(rules, roleIds);
    const key = `${keyOf(source)}:${applied.map(({ id }) => id).join(',')}`;
    const cached = this.views.get(key);
    if (cached !== undefined) return cached;
    const locations = new Map(tables.map(({ name, location }) => [name, location]));
    const view = viewUnder(catalog, { locations, defaultSchema }, applied);
    this.views.set(key, view);
    return view;
  }

  /** Writes the tables, columns and relationships of a new source. */
  async insert(
    manager: EntityManager,
    dataSourceId: number,
    catalog: Catalog,
    files: ReadonlyMap<string, StoredFile>,
  ): Promise<void> {
    for (const [position, table] of catalog.tables.entries()) {
      const { name, description, synonyms, hidden, rowCount, primaryKey } = table;
      const file = files.get(name);
      const stored = await manager.save(
        manager.create(SourceTable, {
          dataSourceId,
          name,
          position,
          description,
          synonyms,
          hidden,
          rowCount,
          primaryKey,
          location: file?.location ?? null,
          sizeBytes: file?.bytes ?? 0,
        }),
      );
      const columns = table.columns.map((column, place) => ({ ...column, tableId: stored.id, position: place }));
      await manager.insert(SourceColumn, columns);
    }
    await manager.insert(
      SourceRelationship,
      catalog.relationships.map(({ from, to, origin, confidence }) => ({
        dataSourceId,
        origin,
        confidence,
        fromTable: from.table,
        fromColumn: from.column,
        toTable: to.table,
        toColumn: to.column,
      })),
    );
  }

  /** The catalogue as it is inside a transaction. */
  async read(manager: EntityManager, dataSourceId: number): Promise<LoadedCatalog> {
    const tables = await manager.find(SourceTable, {
      where: { dataSourceId },
      relations: { columns: true },
      order: { position: 'ASC', columns: { position: 'ASC' } },
    });
    const relationships = await manager.find(SourceRelationship, { where: { dataSourceId }, order: { id: 'ASC' } });
    return {
      rules: await readRules(manager, dataSourceId),
      defaultSchema: await readDefaultSchema(manager, dataSourceId),
      tables: tables.map(({ name, location, sizeBytes }) => ({ name, location, sizeBytes })),
      catalog: {
        tables: tables.map(toCatalogTable),
        relationships: relationships.map((row) => ({
          from: { table: row.fromTable, column: row.fromColumn },
          to: { table: row.toTable, column: row.toColumn },
          origin: row.origin,
          confidence: row.confidence,
        })),
      },
    };
  }
}

function keyOf({ id, version, schemaVersion }: Pick<DataSourceEntity, 'id' | 'version' | 'schemaVersion'>): string {
  return `${id}:${version}:${schemaVersion}`;
}

function toCatalogTable(table: SourceTable): CatalogTable {
  const { name, description, synonyms, hidden, rowCount, primaryKey } = table;
  return { name, description, synonyms, hidden, rowCount, primaryKey, columns: table.columns.map(toCatalogColumn) };
}

function toCatalogColumn(column: SourceColumn): CatalogColumn {
  const { name, type, nativeType, nullable, description, synonyms, hidden, sensitivity, stats, values } = column;
  return { name, type, nativeType, nullable, description, synonyms, hidden, sensitivity, stats, values };
}
