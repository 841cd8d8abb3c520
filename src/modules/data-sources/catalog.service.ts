import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { LRUCache } from 'lru-cache';
import { DataSource, type EntityManager, In } from 'typeorm';
import type { Catalog, CatalogColumn, CatalogTable } from '../../engine/catalog/catalog.js';
import { readDefaultSchema } from './default-schema.js';
import { readCalendar } from './source-calendar.js';
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

/** Tables that are written or read at once: other requests get their turn in between. */
const TABLES_AT_ONCE = 50;

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
    const stored = catalog.tables.map((table, position) => {
      const { location = null, bytes = 0 } = files.get(table.name) ?? {};
      return { ...table, columns: numbered(table.columns), position, location, sizeBytes: bytes };
    });
    for (const some of portions(stored, TABLES_AT_ONCE)) {
      await manager.query(INSERT_TABLES, [dataSourceId, JSON.stringify(some)]);
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
    const tables = await manager.find(SourceTable, { where: { dataSourceId }, order: { position: 'ASC' } });
    for (const some of portions(tables, TABLES_AT_ONCE)) {
      const columns = await manager.find(SourceColumn, {
        where: { tableId: In(some.map(({ id }) => id)) },
        order: { tableId: 'ASC', position: 'ASC' },
      });
      const ofTable = new Map(some.map(({ id }) => [id, [] as SourceColumn[]]));
      for (const column of columns) ofTable.get(column.tableId)?.push(column);
      for (const table of some) table.columns = ofTable.get(table.id) ?? [];
    }
    const relationships = await manager.find(SourceRelationship, { where: { dataSourceId }, order: { id: 'ASC' } });
    const calendar = await readCalendar(manager, dataSourceId);
    return {
      rules: await readRules(manager, dataSourceId),
      defaultSchema: await readDefaultSchema(manager, dataSourceId),
      tables: tables.map(({ name, location, sizeBytes }) => ({ name, location, sizeBytes })),
      catalog: {
        ...(calendar && { calendar }),
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

/** Tables with their columns, as JSON: a parameter for each of their values would cost more than all else. */
const INSERT_TABLES = `
  WITH given AS (
    SELECT * FROM jsonb_to_recordset($2::jsonb) AS given (
      name varchar, position integer, description varchar, synonyms text[], hidden boolean, "rowCount" bigint,
      "sizeBytes" bigint, "primaryKey" text[], location varchar, columns jsonb
    )
  ), stored AS (
    INSERT INTO source_tables (data_source_id, name, position, description, synonyms, hidden, row_count, size_bytes, primary_key, location)
    SELECT $1, name, position, description, synonyms, hidden, "rowCount", "sizeBytes", "primaryKey", location FROM given
    ORDER BY position
    RETURNING id, position
  )
  INSERT INTO source_columns (table_id, name, position, type, native_type, nullable, description, synonyms, hidden, sensitivity,
                              stats, distinct_values)
  SELECT stored.id, entry.name, entry.position, entry.type, entry."nativeType", entry.nullable, entry.description, entry.synonyms,
         entry.hidden, entry.sensitivity, entry.stats, nullif(entry."values", 'null'::jsonb)
  FROM stored JOIN given USING (position), jsonb_to_recordset(given.columns) AS entry (
    name varchar, position integer, type varchar, "nativeType" text, nullable boolean, description varchar, synonyms text[],
    hidden boolean, sensitivity varchar, stats jsonb, "values" jsonb
  )
  ORDER BY stored.position, entry.position`;

function numbered<T extends object>(items: readonly T[]): (T & { position: number })[] {
  return items.map((item, position) => ({ ...item, position }));
}

function portions<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
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
