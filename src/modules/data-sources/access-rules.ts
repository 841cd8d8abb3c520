/** What access rules make of a source for one person. */
import type { EntityManager } from 'typeorm';
import type { Catalog, CatalogColumn } from '../../engine/catalog/catalog.js';
import { restrictCatalog, type TableRestriction } from '../../engine/catalog/restrict-catalog.js';
import type { ColumnMask, GuardedTable } from '../../engine/sql/index.js';
import type { DataSourceEntity } from './entities/data-source.entity.js';

/** A rule, and the ids of the roles that it is for; it is for everybody when there are none. */
export interface StoredRule {
  id: number;
  table: string;
  /** The column that is masked; null in a row rule. */
  column: string | null;
  mask: ColumnMask | null;
  /** What must hold for a row to be seen; null in a mask. */
  predicate: string | null;
  roleIds: number[];
}

/** A table as somebody may read it, and where it lies: null when it is in a database. */
export interface OpenedTable extends GuardedTable {
  location: string | null;
  /** The schema of the tables of its source whose name has none; null where there is no such thing. */
  defaultSchema: string | null;
  /** In a combined source: the table that it shows. */
  behind?: MemberTable;
}

/** A table of a member of a combined source, as somebody may read it there. */
export interface MemberTable extends OpenedTable {
  source: DataSourceEntity;
  /** Its columns with their types. */
  described: readonly CatalogColumn[];
}

/** A source as somebody sees it. */
export interface CatalogView {
  catalog: Catalog;
  tables: OpenedTable[];
}

/** The rules of a source, in the order in which they were given. */
export async function readRules(manager: EntityManager, dataSourceId: number): Promise<StoredRule[]> {
  return manager.query<StoredRule[]>(
    `SELECT rule.id, rule.table_name AS table, rule.column_name AS column, rule.mask, rule.predicate,
            ARRAY(SELECT role_id FROM access_rule_roles WHERE access_rule_id = rule.id ORDER BY role_id) AS "roleIds"
     FROM access_rules rule WHERE rule.data_source_id = $1 ORDER BY rule.id`,
    [dataSourceId],
  );
}

/** Those rules that hold for somebody with these roles. */
export function rulesFor(rules: readonly StoredRule[], roleIds: readonly number[]): StoredRule[] {
  return rules.filter((rule) => rule.roleIds.length === 0 || rule.roleIds.some((id) => roleIds.includes(id)));
}

/** The strictest comes first: of two masks of one column the stricter holds. */
const STRICTNESS: readonly ColumnMask[] = ['hide', 'hash', 'partial'];

/**
 * What is left of a catalogue under rules. Rules about tables and columns that are not there change nothing.
 *
 * @param places by table name, and the schema of those whose name has none
 */
export function viewUnder(
  catalog: Catalog,
  { locations, defaultSchema }: { locations: ReadonlyMap<string, string | null>; defaultSchema: string | null },
  rules: readonly StoredRule[],
): CatalogView {
  const restrictions = new Map<string, TableRestriction>();
  const tables = catalog.tables.map(({ name, columns, primaryKey }) => {
    const ofTable = rules.filter(({ table }) => table === name);
    const rowRules = ofTable.flatMap(({ predicate }) => predicate ?? []);
    const masks = masksOf(ofTable);
    if (ofTable.length > 0) {
      restrictions.set(name, { someRows: rowRules.length > 0, maskedColumns: new Set(Object.keys(masks)) });
    }
    const location = locations.get(name) ?? null;
    return {
      name,
      columns: columns.map((column) => column.name),
      primaryKey,
      rowRules,
      masks,
      location,
      defaultSchema,
    };
  });
  return { catalog: restrictions.size === 0 ? catalog : restrictCatalog(catalog, restrictions), tables };
}

function masksOf(rules: readonly StoredRule[]): Record<string, ColumnMask> {
  const masks = new Map<string, ColumnMask>();
  for (const wanted of STRICTNESS.toReversed()) {
    for (const { column, mask } of rules) if (mask === wanted && column !== null) masks.set(column, mask);
  }
  // So that a column may have any name.
  return Object.fromEntries(masks);
}
