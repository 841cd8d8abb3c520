/**
 * PIVOT whose values come from the data. DuckDB parses `PIVOT t ON c USING …` into two statements, the first of which
 * looks for the values, and serialises neither. Here it is parsed with a marker in the place of the values, checked like
 * any other statement, and printed without the marker.
 */
import { isDeepStrictEqual } from 'node:util';
import { EngineError } from '../../errors.js';
import { assertStatement } from './grammar.js';
import { normalise } from './normalise.js';
import { type DuckDbParser, unprintable } from './parser.js';
import { refuseConstruct } from './shape.js';
import { type Token, tokensOf } from './text-tokens.js';
import type { Expression, Pivot, SelectStatement, TableReference, TreeNode } from './tree.js';
import { selectOf, star } from './tree-building.js';
import { isTable, replaceChildren } from './walker.js';

const PIVOT_WORDS = new Set(['PIVOT', 'PIVOT_WIDER']);
const ENDS_OF_ON = new Set(['USING', 'GROUP', 'ORDER', 'LIMIT', 'OFFSET', 'UNION', 'EXCEPT', 'INTERSECT', ';']);

/** Each is looked at from its word to the end of the text, so their number is bounded. */
const MAX_PIVOTS = 16;

/**
 * Adds `IN ('marker')` to every column of a PIVOT that has no values. What is added in a wrong place makes another tree
 * than the one that is printed, which {@link printDynamicPivots} refuses.
 *
 * @throws EngineError `sql_too_large` for more PIVOTs than anyone writes
 */
export function markPivots(sql: string, marker: string): string {
  const tokens = tokensOf(sql);
  const pivots = tokens.flatMap((token, index) => (PIVOT_WORDS.has(token.text) ? [index] : []));
  if (pivots.length > MAX_PIVOTS) {
    throw new EngineError('sql_too_large', `A statement may hold at most ${MAX_PIVOTS} PIVOTs. Split it.`);
  }
  const places = pivots.flatMap((index) => columnsWithoutValues(tokens, index));
  let marked = '';
  let written = 0;
  for (const place of [...new Set(places)].sort((a, b) => a - b)) {
    marked += `${sql.slice(written, place)} IN ('${marker}')`;
    written = place;
  }
  return marked + sql.slice(written);
}

/** The ends of the elements of `PIVOT … ON a, b IN (…)` that do not say IN. */
function columnsWithoutValues(tokens: Token[], pivot: number): number[] {
  const depth = tokens[pivot]?.depth ?? 0;
  const places: number[] = [];
  let inList = false;
  let hasValues = false;
  let end = 0;
  const endElement = (): void => {
    if (inList && !hasValues) places.push(end);
    hasValues = false;
  };
  for (const token of tokens.slice(pivot + 1)) {
    if (token.depth === depth) {
      const endsList = ENDS_OF_ON.has(token.text) || (depth > 0 && ')]}'.includes(token.text));
      if (endsList) break;
      if (token.text === ',') endElement();
      else if (token.text === 'ON') inList = true;
      else if (token.text === 'IN') hasValues = true;
    }
    end = token.end;
  }
  endElement();
  return places;
}

/**
 * Prints a statement parsed from a marked text, without the marker. The tree is changed on the way.
 *
 * @throws EngineError `sql_construct_not_allowed` when the print does not parse to the same tree again
 */
export async function printDynamicPivots(
  parser: DuckDbParser,
  statement: SelectStatement,
  marker: string,
): Promise<string> {
  const pivots: Pivot[] = [];
  const nameOf = (index: number): string => `${marker}_${index}_`;
  replaceTables(statement.node, (table) => {
    if (table.type !== 'PIVOT' || !JSON.stringify(table.pivots).includes(marker)) return table;
    pivots.push(table);
    return namedTable(nameOf(pivots.length - 1), table.alias);
  });

  let { sql } = await parser.printStatement(statement);
  // From the outermost in: the text of a PIVOT holds the names of those in its source.
  for (const [index, pivot] of [...pivots.entries()].toReversed()) {
    const text = await pivotText(parser, pivot, marker);
    sql = sql.replace(nameOf(index), () => `(${text})`);
  }

  const byName = new Map(pivots.map((pivot, index) => [nameOf(index), pivot]));
  replaceTables(statement.node, function restore(table): TableReference {
    const pivot = table.type === 'BASE_TABLE' ? byName.get(table.table_name) : undefined;
    if (pivot === undefined) return table;
    replaceTables(pivot, restore);
    return asSubquery({ ...pivot, alias: '', source: asSubquery(pivot.source) }, pivot.alias);
  });
  const parsed = await parser.parse(markPivots(sql, marker));
  const [tree] = parsed.kind === 'statements' && parsed.trees.length === 1 ? parsed.trees : [];
  assertStatement(tree);
  normalise(tree);
  if (!isDeepStrictEqual(tree, statement)) throw unprintable();
  return sql;
}

/** Puts `replace(table)` in the place of every table reference below a node, the innermost first. */
function replaceTables(node: TreeNode, replace: (table: TableReference) => TableReference): void {
  replaceChildren(node, (child) => {
    replaceTables(child, replace);
    return isTable(child) ? replace(child) : child;
  });
}

async function pivotText(parser: DuckDbParser, pivot: Pivot, marker: string): Promise<string> {
  const listOf = async (expressions: Expression[]): Promise<string> => {
    const { sql } = await parser.printStatement(selectOf(expressions, { type: 'EMPTY', alias: '', sample: null }));
    return sql.slice('SELECT '.length);
  };
  const on: string[] = [];
  for (const { pivot_expressions: expressions, entries } of pivot.pivots) {
    if (entries.length !== 1 || entries[0]?.values[0]?.value !== marker) {
      refuseConstruct('PIVOT with values for some columns and without for others');
    }
    const columns = await listOf(expressions);
    on.push(expressions.length > 1 ? `(${columns})` : columns);
  }
  const source = await parser.printStatement(selectOf([star()], pivot.source));
  const using = pivot.aggregates.length === 0 ? '' : ` USING ${await listOf(pivot.aggregates)}`;
  const groups = pivot.groups.map((name) => `"${name.replaceAll('"', '""')}"`).join(', ');
  return `PIVOT (${source.sql}) ON ${on.join(', ')}${using}${groups === '' ? '' : ` GROUP BY ${groups}`}`;
}

function namedTable(name: string, alias: string): TableReference {
  return {
    type: 'BASE_TABLE',
    alias,
    sample: null,
    catalog_name: '',
    schema_name: '',
    table_name: name,
    column_name_alias: [],
    at_clause: null,
  };
}

function asSubquery(table: TableReference, alias = ''): TableReference {
  return { type: 'SUBQUERY', alias, sample: null, subquery: selectOf([star()], table), column_name_alias: [] };
}
