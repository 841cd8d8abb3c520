/** Finds phrases that were read but that the query does not carry out: a number, a pattern, a unit of time, an order. */
import type { Catalog, ColumnRef, ColumnType } from '../../catalog/catalog.js';
import { endsWithId } from '../../catalog/key-columns.js';
import type { CueKind } from '../lexicon/lexicon.js';
import { isAggregate, type Query } from '../planning/algebra.js';
import type { Decision } from '../planning/resolver.js';
import type { Segment } from '../reading/segments.js';
import { fold } from '../language/tokens.js';
import { columnsRead } from './reads.js';
import { lostOperations } from './lost-operations.js';
import { impossible } from './impossible.js';
import { type Carried, isEmpty, isNode, type Node, nodesOf, phrasesOr } from './query-tree.js';

const RANKINGS: readonly CueKind[] = ['superlative', 'top', 'frequent'];
const ARITHMETIC: readonly unknown[] = ['avg', 'sum', 'median', 'stddev'];
/** Units that columns hold spans of time in, in milliseconds. */
const DURATIONS: readonly number[] = [1, 1_000, 60_000, 3_600_000];
const ID_PHRASE = /\bids?$/i;

/**
 * The phrases that the query would have to carry out and does not, in the words of the question. An answer that leaves
 * one of them out answers another question.
 */
export function lostPhrases(
  segments: readonly Segment[],
  decisions: ReadonlyMap<Segment, Decision>,
  query: Query,
  catalog: Catalog,
): string[] {
  const nodes = nodesOf(query);
  const queries = nodes.filter((node) => Array.isArray(node['select']));
  const reading: Carried = { segments, decisions, query, catalog, nodes, queries };
  const lost = [
    ...lostNumbers(reading),
    ...lostOrder(reading),
    ...lostRank(reading),
    ...sumsOfKeys(reading),
    ...averageCounts(reading),
    ...boundsWithoutGroups(reading),
    ...lostTimeUnits(reading),
    ...lostPatterns(reading),
    ...lostExclusions(reading),
    ...undecidedBy(reading),
    ...lostComparisons(reading),
    ...lostGroups(reading),
    ...lostOperations(reading),
    ...lostKeys(reading),
    ...impossible(reading),
  ];
  return [...new Set(lost.map((segment) => segment.phrase))];
}

/** "Which 10 states …": the number is a limit, a bound or a value somewhere in the query. */
function lostNumbers({ segments, decisions, nodes, queries }: Carried): Segment[] {
  const said = new Set<number>();
  const texts: string[] = [];
  for (const node of nodes) {
    for (const value of [node['value'], node['text'], node['whole'], node['digits']].concat(node['values'])) {
      if (typeof value === 'number') said.add(value);
      if (typeof value === 'string') texts.push(value);
    }
  }
  // A limit is so many rows, and a share of them only where it says so.
  const limits = nodes.map((node) => node['limit']);
  const shares = nodes.filter((node) => node['isPercent'] === true).map((node) => node['limit']);
  // "at least one" is in the query where a related row must exist.
  const isExistence = queries.length > 1;
  return segments.filter((segment) => {
    const { number, period, percent, duration } = segment;
    if (number === null || period !== null || decisions.has(segment)) return false;
    if (number <= 1 && isExistence) return false;
    // "5 minutes" are 300000 of a column of milliseconds.
    if (duration !== null && DURATIONS.some((unit) => said.has(duration / unit))) return false;
    if (said.has(number) || (percent ? said.has(number / 100) || shares.includes(number) : limits.includes(number)))
      return false;
    // "after 2003" begins with 2004.
    return !texts.some((text) => text.includes(String(number)) || text.includes(String(number + 1)));
  });
}

/** "Which 3 categories sell best": the first three by nothing are any three. */
function lostOrder({ segments, queries }: Carried): Segment[] {
  const isUnordered = queries.some(
    (query) => (query['limit'] !== null || query['perGroup'] !== null) && isEmpty(query['orderBy']),
  );
  return isUnordered ? segments.filter((segment) => isRanking(segment) && !isByPosition(segment)) : [];
}

/** "spent the most": something is picked by how much it is. */
function lostRank({ segments, nodes, queries, decisions }: Carried): Segment[] {
  const isRanked =
    queries.some((one) => one['limit'] !== null || one['perGroup'] !== null || isSortedList(one)) ||
    nodes.some((node) => node['kind'] === 'aggregate' && (node['name'] === 'min' || node['name'] === 'max'));
  return isRanked ? [] : segments.filter((segment) => isRanking(segment) && !decisions.has(segment));
}

/** Groups are sorted whether that is asked for or not. */
function isSortedList(query: Node): boolean {
  return !isEmpty(query['orderBy']) && isEmpty(query['groupBy']);
}

/** A key names a row; its sum and its average say nothing, unless the question asks for them by its name. */
function sumsOfKeys({ segments, decisions, catalog, nodes }: Carried): Segment[] {
  const isNamed = (column: string): boolean =>
    segments.some(
      (segment) => ID_PHRASE.test(segment.phrase) && decisions.get(segment)?.column?.column.name === column,
    );
  const isKeySummed = nodes.some((node) => {
    if (node['kind'] !== 'aggregate' || !ARITHMETIC.includes(node['name'])) return false;
    const of = node['of'];
    if (!isNode(of) || of['kind'] !== 'column') return false;
    const column = String(of['column']);
    return isKey(catalog, String(of['table']), column) && !isNamed(column);
  });
  return isKeySummed ? phrasesOr(segments, (segment) => segment.cue?.kind === 'aggregate') : [];
}

/** "average number of orders": the average of a count, unless a column holds that number. */
function averageCounts({ segments, decisions, nodes }: Carried): Segment[] {
  if (nodes.some((node) => node['kind'] === 'ratio')) return [];
  return segments.filter((segment) => {
    if (segment.cue?.kind !== 'aggregate' || !segment.cue.counts) return false;
    const counted = segments[segment.index + 1];
    const decision = counted && decisions.get(counted);
    return decision !== undefined && (decision.column === null || decision.column.isKey);
  });
}

/** A bound on groups where there are none bounds all rows together. */
function boundsWithoutGroups({ segments, queries }: Carried): Segment[] {
  const isUngrouped = queries.some((query) => query['having'] !== null && isEmpty(query['groupBy']));
  return isUngrouped ? phrasesOr(segments, (segment) => segment.cue?.kind === 'compare') : [];
}

/** "which year had the highest freight": a year is asked for, so a day is no answer. */
function lostTimeUnits({ segments, query, nodes, catalog }: Carried): Segment[] {
  if (!segments.some(isRanking) || nodes.some((node) => node['kind'] === 'truncate')) return [];
  const types = query.select.map(({ expression }) =>
    expression.kind === 'column' ? columnType(catalog, expression.table, expression.column) : undefined,
  );
  return segments.filter(
    ({ index, cue }) =>
      cue?.kind === 'unit' &&
      segments[index - 1]?.cue?.kind === 'what' &&
      types.some((type) => type === 'timestamp' || type === 'timestamptz' || (type === 'date' && cue.unit !== 'day')),
  );
}

/** "whose name starts with A": a pattern is asked for. "Including" may as well name a value or a column. */
function lostPatterns({ segments, decisions, nodes }: Carried): Segment[] {
  if (nodes.some((node) => node['kind'] === 'like')) return [];
  return segments.filter((segment) => {
    if (segment.cue?.kind !== 'match') return false;
    const isValueRead = segments.slice(segment.index + 1).some((next) => decisions.has(next));
    return segment.cue.how !== 'contains' || !isValueRead;
  });
}

/**
 * "ordered in 1996 but not in 1997": no single row is in both years, so it is the thing they belong to that is left out,
 * which takes a sub-query of its own. The same holds for values of related rows.
 */
function lostExclusions({ segments, queries, nodes }: Carried): Segment[] {
  const not = segments.find(
    ({ index, cue }) =>
      cue?.kind === 'except' || (cue?.kind === 'not' && ['but', 'and'].includes(segments[index - 1]?.cue?.kind ?? '')),
  );
  if (!not) return [];
  const isLeftOut = nodes.some(
    (node) => (node['kind'] === 'member' && node['negated'] === true) || (node['kind'] === 'not' && holdsMember(node)),
  );
  if (isLeftOut) return [];
  const [first, second] = segments.filter((segment) => segment.period !== null);
  const isOfPeriods =
    first !== undefined && second !== undefined && first.index < not.index && not.index < second.index;
  const isOnOneRow = queries
    .slice(1)
    .some(({ where }) => isNode(where) && where['kind'] === 'and' && holdsNegation(where));
  return isOfPeriods || isOnOneRow ? [not] : [];
}

/** "orders by ship country": to count, to sort or to group is not said, and a list of all rows is the least likely. */
function undecidedBy({ segments, decisions, query, catalog }: Carried): Segment[] {
  const [thing, by, ...rest] = segments.filter((segment) => segment.mark === null);
  const thingRead = thing && decisions.get(thing);
  const [order] = query.orderBy;
  if (by?.cue?.kind !== 'by' || !thingRead || thingRead.column !== null || order?.expression.kind !== 'column')
    return [];
  const isList =
    query.groupBy.length === 0 && query.limit === null && !query.select.some((item) => isAggregate(item.expression));
  const type = columnType(catalog, order.expression.table, order.expression.column);
  const isDirected = rest.some((segment) => segment.cue?.kind === 'direction' || segment.cue?.kind === 'order-by');
  return isList && !isDirected && (type === 'text' || type === 'boolean') ? [by] : [];
}

/** "the last order of each customer": one row for each, and not one row. */
function lostGroups({ segments, query }: Carried): Segment[] {
  if (query.limit === null || query.perGroup !== null || query.groupBy.length > 0) return [];
  return segments.some(isRanking) ? segments.filter((segment) => segment.cue?.kind === 'each') : [];
}

/** "greater than this": something is compared. */
function lostComparisons({ segments, nodes, decisions }: Carried): Segment[] {
  const isCompared = nodes.some((node) => ['compare', 'in', 'member', 'like'].includes(String(node['kind'])));
  return isCompared ? [] : segments.filter((segment) => segment.cue?.kind === 'compare' && !decisions.has(segment));
}

/** "with their template ids": a key that is asked for by its name is read for more than to join tables. */
function lostKeys({ segments, decisions, query, catalog }: Carried): Segment[] {
  const isDivided = query.groupBy.length > 0;
  const isCounted = query.select.some(({ expression }) => isAggregate(expression));
  if (isCounted && !isDivided) return [];
  const read = columnsRead({ ...query, joins: [], groupBy: [] });
  return segments.filter((segment) => {
    const entry = decisions.get(segment)?.column;
    const last = entry?.words.at(-1);
    if (!entry?.isKey || last === undefined || decisions.get(segment)?.value != null) return false;
    if (!fold(segment.phrase).split(' ').at(-1)?.startsWith(last)) return false;
    const own = { table: entry.table.table.name, column: entry.column.name };
    // "how many models …" counts the rows that the key tells apart.
    if (isCounted && own.table === query.from) return false;
    return !read.some((other) => isSameColumn(own, other) || isTied(catalog, own, other));
  });
}

function isSameColumn(one: ColumnRef, other: ColumnRef): boolean {
  return one.table === other.table && one.column === other.column;
}

/** True for columns that a relationship holds to the same values. */
function isTied({ relationships }: Catalog, one: ColumnRef, other: ColumnRef): boolean {
  return relationships.some(
    ({ from, to }) =>
      (isSameColumn(from, one) && isSameColumn(to, other)) || (isSameColumn(from, other) && isSameColumn(to, one)),
  );
}

function isRanking({ cue }: Segment): boolean {
  return cue !== null && RANKINGS.includes(cue.kind);
}

function isByPosition({ cue }: Segment): boolean {
  return cue?.kind === 'top' && cue.byPosition === true;
}

function isKey({ tables, relationships }: Catalog, tableName: string, column: string): boolean {
  const primaryKey = tables.find((table) => table.name === tableName)?.primaryKey ?? [];
  return (
    endsWithId(column) ||
    (primaryKey.length === 1 && primaryKey[0] === column) ||
    relationships.some(({ from, to }) => [from, to].some((end) => end.table === tableName && end.column === column))
  );
}

function columnType({ tables }: Catalog, tableName: string, column: string): ColumnType | undefined {
  return tables.find((table) => table.name === tableName)?.columns.find((entry) => entry.name === column)?.type;
}

function holdsMember(node: Node): boolean {
  return nodesOf(node).some((inner) => inner['kind'] === 'member');
}

function holdsNegation(node: Node): boolean {
  return nodesOf(node).some(
    (inner) =>
      inner['negated'] === true || inner['kind'] === 'not' || (inner['kind'] === 'compare' && inner['op'] === '!='),
  );
}
