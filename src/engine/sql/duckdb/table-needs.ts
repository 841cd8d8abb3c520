/** What a statement needs of each table that it reads: columns, and conditions that may be tried on the table alone. */
import type { ColumnRef } from '../../catalog/catalog.js';
import type { GuardedTable } from '../guard.js';
import type { ColumnFilter, TableNeed } from '../table-need.js';
import { conjunctsOf, readFilter, type ReadFilter } from './column-filters.js';
import { type Frame, lookUpName, type Relation } from './frame.js';
import { foldName } from './names.js';
import type { ResolutionObserver } from './resolver.js';
import type { BaseTable, Expression, Join, SelectNode, SelectStatement, TableReference, TreeNode } from './tree.js';
import { childrenOf, isExpression } from './walker.js';

/** One place in which a statement reads a table. */
interface Place {
  table: GuardedTable;
  relation: Relation;
  filters: ColumnFilter[];
}

/** A table that a condition on the rows around it may be tried on, and whether an outer join may fill it with nulls. */
interface Reach {
  base: BaseTable;
  padded: boolean;
}

/**
 * Collects, while the names of a statement are resolved, which conditions may be tried on which table before anything is
 * joined. They are tried again afterwards, so that all of this is only about rows that cannot be missed:
 *
 * - A condition of WHERE is tried on a table below it, also through outer joins: whatever row has the table's columns from
 *   another row, or filled with nulls, does not fulfil it. `IS NULL`, which nulls fulfil, passes no join that fills.
 * - A condition of ON is tried only on the side that has no rows of its own in the result: on the right of LEFT, on neither
 *   of FULL.
 * - Nothing passes a sample, ASOF and POSITIONAL, for which it matters which other rows there are.
 */
export class TableNeeds implements ResolutionObserver {
  private readonly places = new Map<BaseTable, Place>();

  table(reference: BaseTable, table: GuardedTable, relation: Relation): void {
    this.places.set(reference, { table, relation, filters: [] });
  }

  select(node: SelectNode, frame: Frame): void {
    // A sample is taken of what FROM gives.
    if (node.sample === null) this.lower(node.where_clause, reachOf(node.from_table), frame);
    for (const join of joinsOf(node.from_table)) this.lower(join.condition, partnersOf(join), frame);
  }

  /**
   * @param columns what the statement reads, from the resolution that this has watched
   * @param rules the conditions of row rules, by the name of their table
   */
  of(
    statement: SelectStatement,
    columns: readonly ColumnRef[],
    rules: ReadonlyMap<string, TableNeed['rules']>,
  ): TableNeed[] {
    const tables = [...new Set([...this.places.values()].map(({ table }) => table))];
    const namesColumns = hasPickyStar(statement.node);
    return tables.map((table) => {
      const read = new Set(columns.filter((one) => one.table === table.name).map(({ column }) => column));
      const references = [...this.places].filter(([, place]) => place.table === table);
      // New names are given by position.
      const needsAll = namesColumns || references.some(([{ column_name_alias: names }]) => names.length > 0);
      const filters = references.map(([, place]) => place.filters);
      return {
        table: table.name,
        columns: needsAll ? [...table.columns] : table.columns.filter((column) => read.has(column)),
        places: filters.some((ofPlace) => ofPlace.length === 0) ? [] : filters,
        passesThrough: this.passage(statement, table),
        rules: rules.get(table.name) ?? [],
      };
    });
  }

  /** The only table's own conditions, in their order: null for those that are not made of a column and values. */
  conditionsOf({ node }: SelectStatement): TableNeed['rules'] {
    const [place] = this.places.values();
    if (node.type !== 'SELECT_NODE' || place === undefined) return [];
    const frame: Frame = { relations: [place.relation], aliases: new Set(), outer: null };
    return conjunctsOf(node.where_clause).map((condition) => {
      const filter = readFilter(condition);
      const found = filter === null ? null : columnBehind(filter, frame);
      return filter === null || found === null ? null : { ...filter, column: found.column };
    });
  }

  private lower(condition: Expression | null, reach: readonly Reach[], frame: Frame): void {
    for (const conjunct of conjunctsOf(condition)) {
      const filter = readFilter(conjunct);
      const found = filter === null ? null : columnBehind(filter, frame);
      if (filter === null || found === null) continue;
      for (const { base, padded } of reach) {
        const place = this.places.get(base);
        if (place?.relation !== found.relation || (padded && filter.operator === 'is null')) continue;
        place.filters.push({ ...filter, column: found.column });
      }
    }
  }

  private passage({ node }: SelectStatement, table: GuardedTable): TableNeed['passesThrough'] {
    if (node.type !== 'SELECT_NODE' || node.from_table.type !== 'BASE_TABLE') return null;
    const isBare =
      this.places.get(node.from_table)?.table === table &&
      this.places.size === 1 &&
      (table.rowRules ?? []).length === 0 &&
      node.from_table.sample === null &&
      node.cte_map.map.length === 0 &&
      node.where_clause === null &&
      node.group_expressions.length + node.group_sets.length === 0 &&
      node.aggregate_handling === 'STANDARD_HANDLING' &&
      node.having === null &&
      node.sample === null &&
      node.qualify === null &&
      node.select_list.every(isPlainItem);
    const [modifier, ...others] = node.modifiers;
    if (!isBare || others.length > 0) return null;
    if (modifier === undefined) return { limit: null, offset: 0 };
    if (modifier.type !== 'LIMIT_MODIFIER') return null;
    const [limit, offset] = [wholeNumber(modifier.limit), wholeNumber(modifier.offset)];
    return limit === undefined || offset === undefined ? null : { limit, offset: offset ?? 0 };
  }
}

/** The tables that a condition on the rows of `table` may be tried on. */
function reachOf(table: TableReference, padded = false): Reach[] {
  if (table.sample !== null) return [];
  if (table.type === 'BASE_TABLE') return [{ base: table, padded }];
  if (table.type !== 'JOIN' || table.ref_type === 'ASOF' || table.ref_type === 'POSITIONAL') return [];
  const { left, right } = table;
  switch (table.join_type) {
    case 'INNER':
      return [...reachOf(left, padded), ...reachOf(right, padded)];
    case 'LEFT':
      return [...reachOf(left, padded), ...reachOf(right, true)];
    case 'RIGHT':
      return [...reachOf(left, true), ...reachOf(right, padded)];
    case 'FULL':
    case 'OUTER':
      return [...reachOf(left, true), ...reachOf(right, true)];
    case 'SEMI':
    case 'ANTI':
      return reachOf(left, padded);
    default:
      return [];
  }
}

/** The tables that the condition of a join may be tried on. */
function partnersOf({ join_type: type, ref_type: kind, left, right }: Join): Reach[] {
  if (kind !== 'REGULAR') return [];
  const fromLeft = ['INNER', 'RIGHT', 'SEMI'].includes(type) ? reachOf(left) : [];
  const fromRight = ['INNER', 'LEFT', 'SEMI', 'ANTI'].includes(type) ? reachOf(right) : [];
  return [...fromLeft, ...fromRight];
}

/** The joins of a FROM, those in sub-queries left out: they have names of their own. */
function joinsOf(table: TableReference): Join[] {
  return table.type === 'JOIN' ? [table, ...joinsOf(table.left), ...joinsOf(table.right)] : [];
}

/** The one table of this FROM that the column can only be of, and its name there. */
function columnBehind({ column }: ReadFilter, frame: Frame): { relation: Relation; column: string } | null {
  const path = column.column_names.map(foldName);
  const isQualified = path.length === 2 && frame.relations.some(({ name }) => name === path[0]);
  // Anything longer may be a field of a value.
  if (path.length !== 1 && !isQualified) return null;
  const meaning = lookUpName(path, { ...frame, outer: null });
  if (meaning.kind !== 'column') return null;
  const candidates = meaning.relations.filter(({ columns }) => columns === null || columns.has(meaning.column));
  const [relation] = candidates;
  const source = relation?.columns?.get(meaning.column);
  return candidates.length === 1 && relation !== undefined && source ? { relation, column: source.column } : null;
}

/** A star that leaves out, renames or picks columns by name: all that it may name must be there. */
function hasPickyStar(node: TreeNode): boolean {
  if (isExpression(node) && node.class === 'STAR' && !isPlainItem(node)) return true;
  return childrenOf(node).some(hasPickyStar);
}

function isPlainItem(item: Expression): boolean {
  if (item.class === 'COLUMN_REF' || item.class === 'CONSTANT') return true;
  if (item.class !== 'STAR') return false;
  const lists = [item.exclude_list, item.qualified_exclude_list, item.replace_list, item.rename_list];
  return !item.columns && item.expr === null && lists.every((list) => list.length === 0);
}

/** Null when it is left out, undefined when it is not written as a number. */
function wholeNumber(expression: Expression | null): number | null | undefined {
  if (expression === null) return null;
  const value = expression.class === 'CONSTANT' ? expression.value.value : undefined;
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
