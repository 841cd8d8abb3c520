import type { Catalog } from '../../catalog/catalog.js';
import { literal } from '../duckdb/sql-text.js';
import { describedCatalog, newColumn, newTable } from '../remote/measured-columns.js';
import { trinoType } from './column-types.js';
import { measureTables, valueInclusion } from './measure-tables.js';
import type { SourceTable } from './source-table.js';
import { type Cell, catalogAndSchema, type TrinoSession } from './trino-session.js';

/** Comments are kept where not everybody may look. */
const COMMENTS_MS = 5_000;

/**
 * Describes the tables and views of a catalog, or of one schema of it, that the user may see: from the information
 * schema, from the statistics that the connector behind the catalog keeps, and from rows of small tables, a bounded number
 * of them for a bounded time. Keys are those that were seen to be unique and are named as such; relationships are inferred.
 *
 * @param database `catalog` or `catalog.schema`
 * @throws whatever the session throws
 */
export async function introspectTrino(session: TrinoSession, database: string): Promise<Catalog> {
  const { catalog, schema } = catalogAndSchema(database);
  const only = schema === undefined ? `table_schema <> 'information_schema'` : `table_schema = ${literal(schema)}`;
  const rows = await session.rows(
    `SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE ${only} ORDER BY 1, 2`,
  );
  const tables = new Map(rows.map((row) => [key(row), tableOf(row, schema !== undefined)]));
  const columns = await session.rows(
    `SELECT table_schema, table_name, column_name, data_type, is_nullable FROM information_schema.columns
     WHERE ${only} ORDER BY 1, 2, ordinal_position`,
  );
  for (const row of columns) addColumn(tables.get(key(row)), row);
  await addComments(session, tables, { catalog, schema });
  const described = [...tables.values()].filter(({ entry }) => entry.columns.length > 0);
  await measureTables(session, described);
  return describedCatalog(
    described.map(({ entry }) => entry),
    valueInclusion(session, described),
  );
}

function tableOf([schema, relation, type]: Cell[], isBare: boolean): SourceTable {
  const [schemaName, name] = [textOf(schema), textOf(relation)];
  return {
    schema: schemaName,
    relation: name,
    isView: textOf(type) === 'VIEW',
    isSmall: false,
    entry: newTable({ name: isBare ? name : `${schemaName}.${name}`, description: null, rowCount: 0 }),
  };
}

function addColumn(table: SourceTable | undefined, [, , name, type, nullable]: Cell[]): void {
  const nativeType = textOf(type);
  table?.entry.columns.push(
    newColumn({
      name: textOf(name),
      type: trinoType(nativeType).type,
      nativeType,
      nullable: textOf(nullable) !== 'NO',
      description: null,
    }),
  );
}

async function addComments(
  session: TrinoSession,
  tables: ReadonlyMap<string, SourceTable>,
  { catalog, schema }: { catalog: string; schema: string | undefined },
): Promise<void> {
  const within = (catalogColumn: string, schemaColumn: string): string =>
    `${catalogColumn} = ${literal(catalog)}${schema === undefined ? '' : ` AND ${schemaColumn} = ${literal(schema)}`}`;
  const ofTables = await session.attempt(
    `SELECT schema_name, table_name, comment FROM system.metadata.table_comments
     WHERE ${within('catalog_name', 'schema_name')} AND comment IS NOT NULL`,
    COMMENTS_MS,
  );
  for (const row of ofTables ?? []) {
    const entry = tables.get(key(row))?.entry;
    if (entry) entry.description = textOf(row[2]) || null;
  }
  const ofColumns = await session.attempt(
    `SELECT table_schem, table_name, column_name, remarks FROM system.jdbc.columns
     WHERE ${within('table_cat', 'table_schem')} AND remarks IS NOT NULL`,
    COMMENTS_MS,
  );
  for (const row of ofColumns ?? []) {
    const column = tables.get(key(row))?.entry.columns.find(({ name }) => name === row[2]);
    if (column) column.description = textOf(row[3]) || null;
  }
}

function key([schema, relation]: Cell[]): string {
  return JSON.stringify([schema, relation]);
}

function textOf(cell: Cell | undefined): string {
  return typeof cell === 'string' ? cell : '';
}
