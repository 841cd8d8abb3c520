/** Filters that whoever looks at a result may set: only some rows of a table count. */
import {
  type ColumnCondition,
  type ConditionKind,
  conditionKindsOf,
  isValueOf,
  printColumnCondition,
} from '../../engine/text-to-sql/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { dialectOf, type OpenedSource, type OpenedTable, type SqlGuards } from '../data-sources/index.js';

/** A column whose values can be chosen. */
export interface FilterColumn {
  table: string;
  column: string;
}

/** A column with the values that were chosen. */
export type TableFilter = FilterColumn & Pick<ColumnCondition, 'values' | 'from' | 'to'>;

/** What a filter can be set to, for one person. */
export interface FilterChoices {
  kinds: readonly ConditionKind[];
  type: ColumnCondition['type'];
  /** All values, where they are known and few; null otherwise. */
  values: string[] | null;
}

/**
 * How a column can be filtered by somebody.
 *
 * @throws DomainError `validation_failed` when there is no such column, or its values are not to be seen: to learn which rows a
 *   value has would be to learn the values
 */
export function filterChoices({ catalog, tables }: OpenedSource, { table, column }: FilterColumn): FilterChoices {
  const opened = tables.find(({ name }) => name === table);
  const described = catalog.tables.find(({ name }) => name === table)?.columns.find(({ name }) => name === column);
  if (opened === undefined || described === undefined || isMasked(opened, column)) throw notFilterable(table, column);
  const kinds = conditionKindsOf(described.type);
  if (kinds.length === 0) throw notFilterable(table, column);
  return { kinds, type: described.type, values: described.values };
}

/**
 * The tables as they are read with filters set: each is one more condition that the rows of its table must meet, as access rules
 * are, so it is applied to the checked tree of the statement, or to the views that it reads, and never to its text.
 *
 * @throws DomainError `validation_failed` as `filterChoices`; EngineError `sql_*`
 */
export async function filteredTables(
  opened: OpenedSource,
  filters: readonly TableFilter[],
  guards: SqlGuards,
): Promise<OpenedTable[]> {
  const dialect = dialectOf(opened.source.type);
  const conditions = new Map<string, string[]>();
  for (const { table, column, ...chosen } of filters) {
    const { type } = filterChoices(opened, { table, column });
    const named = opened.tables.find(({ name }) => name === table);
    if (named === undefined) throw notFilterable(table, column);
    const values = [...(chosen.values ?? []), chosen.from, chosen.to].filter((value) => value !== undefined);
    if (!values.every((value) => isValueOf(type, value))) throw notFilterable(table, column);
    const printed = printColumnCondition(dialect, { column, type, ...chosen });
    const checked = await guards.checkPredicate(printed, dialect, named);
    conditions.set(table, [...(conditions.get(table) ?? []), checked]);
  }
  return opened.tables.map((table) => {
    const more = conditions.get(table.name);
    return more === undefined ? table : { ...table, rowRules: [...(table.rowRules ?? []), ...more] };
  });
}

function isMasked({ masks = {}, behind }: OpenedTable, column: string): boolean {
  return Object.hasOwn(masks, column) || Object.hasOwn(behind?.masks ?? {}, column);
}

function notFilterable(table: string, column: string): DomainError {
  return new DomainError('validation_failed', `${table}.${column} cannot be filtered by, or not by you.`, {
    errors: [{ field: 'filters', message: 'name a column of text, numbers, dates or truth values that you may see' }],
  });
}
