/** Brings the stored catalogue of a source to a new version, and keeps what people have said of what is still there. */
import type { EntityManager } from 'typeorm';
import type { Catalog, CatalogTable } from '../../engine/catalog/catalog.js';
import { SourceColumn } from './entities/source-column.entity.js';
import { SourceRelationship } from './entities/source-relationship.entity.js';
import { SourceTable } from './entities/source-table.entity.js';
import type { StoredFile } from './stored-files.js';

/**
 * @param catalog all tables of the new version
 * @param files of the tables that are new or replaced; the others stay as they are
 */
export async function replaceTables(
  manager: EntityManager,
  dataSourceId: number,
  catalog: Catalog,
  files: ReadonlyMap<string, StoredFile>,
): Promise<void> {
  const stored = await manager.find(SourceTable, { where: { dataSourceId }, relations: { columns: true } });
  const known = new Map(stored.map((table) => [table.name, table]));
  const names = new Set(catalog.tables.map(({ name }) => name));
  for (const table of stored) if (!names.has(table.name)) await manager.delete(SourceTable, { id: table.id });
  let position = Math.max(-1, ...stored.map((table) => table.position));
  for (const table of catalog.tables) {
    const file = files.get(table.name);
    if (file === undefined) continue;
    const earlier = known.get(table.name);
    const facts = {
      rowCount: table.rowCount,
      primaryKey: table.primaryKey,
      location: file.location,
      sizeBytes: file.bytes,
    };
    if (earlier === undefined) {
      position += 1;
      const { name, description, synonyms, hidden } = table;
      const added = { ...facts, dataSourceId, name, description, synonyms, hidden, position };
      const { id } = await manager.save(manager.create(SourceTable, added));
      await insertColumns(manager, id, table, []);
    } else {
      await manager.update(SourceTable, { id: earlier.id }, facts);
      await manager.delete(SourceColumn, { tableId: earlier.id });
      await insertColumns(manager, earlier.id, table, earlier.columns);
    }
  }
  await replaceRelationships(manager, dataSourceId, catalog);
}

/** A column of the same name keeps what was said of it; how sensitive it is, too, because people may have said that. */
async function insertColumns(
  manager: EntityManager,
  tableId: number,
  table: CatalogTable,
  earlier: readonly SourceColumn[],
): Promise<void> {
  const said = new Map(
    earlier.map(({ name, description, synonyms, hidden, sensitivity }) => [
      name,
      { description, synonyms, hidden, sensitivity },
    ]),
  );
  await manager.insert(
    SourceColumn,
    table.columns.map((column, position) => ({ ...column, ...said.get(column.name), tableId, position })),
  );
}

/** What people have related stays as long as both columns do; what was found is found anew. */
async function replaceRelationships(manager: EntityManager, dataSourceId: number, catalog: Catalog): Promise<void> {
  const columns = new Map(catalog.tables.map((table) => [table.name, new Set(table.columns.map(({ name }) => name))]));
  const isThere = (table: string, column: string): boolean => columns.get(table)?.has(column) === true;
  await manager.delete(SourceRelationship, { dataSourceId, origin: 'inferred' });
  for (const row of await manager.findBy(SourceRelationship, { dataSourceId })) {
    if (isThere(row.fromTable, row.fromColumn) && isThere(row.toTable, row.toColumn)) continue;
    await manager.delete(SourceRelationship, { id: row.id });
  }
  const rows = catalog.relationships.map(({ from, to, origin, confidence }) => ({
    dataSourceId,
    origin,
    confidence,
    fromTable: from.table,
    fromColumn: from.column,
    toTable: to.table,
    toColumn: to.column,
  }));
  if (rows.length === 0) return;
  await manager.createQueryBuilder().insert().into(SourceRelationship).values(rows).orIgnore().execute();
}
