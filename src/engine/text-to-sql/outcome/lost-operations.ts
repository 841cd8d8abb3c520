/** Finds what a question wants done (counted, added up, divided, sorted) where the query does not do it. */
import type { Cue } from '../lexicon/lexicon.js';
import { isAggregate } from '../planning/algebra.js';
import { isMention, isMeasure } from '../reading/phrases.js';
import type { Segment } from '../reading/segments.js';
import { fold } from '../language/tokens.js';
import { splitName } from '../evidence/names.js';
import { columnsRead } from './reads.js';
import { type Carried, isEmpty } from './query-tree.js';

/** The phrases that ask for an operation which no part of the query carries out. */
export function lostOperations(carried: Carried): Segment[] {
  return [
    ...lostSorting(carried),
    ...lostDivision(carried),
    ...lostCounts(carried),
    ...lostAggregates(carried),
    ...lostRatios(carried),
    ...lostDirections(carried),
    ...lostBoth(carried),
  ];
}

/** "order the pets by age": something is sorted, or the rows of each group are. */
function lostSorting({ segments, queries, query, decisions }: Carried): Segment[] {
  const isSorted = queries.some((one) => !isEmpty(one['orderBy']));
  // One row has no order.
  if (isSorted || isOneRow(query)) return [];
  // "customers who ordered a desk" bought one.
  return segments.filter(
    (segment) =>
      (segment.cue?.kind === 'order-by' || segment.cue?.kind === 'direction') &&
      !decisions.has(segment) &&
      !(segment.isParticiple && segment.length === 1),
  );
}

/** "the average weight for each kind": one number for all rows is not one for each. */
function lostDivision(carried: Carried): Segment[] {
  const { segments, query, nodes } = carried;
  if (!isOneRow(query) || query.limit !== null) return [];
  // "the average number of orders per customer" is one number, and divided all the same.
  if (nodes.some((node) => node['kind'] === 'ratio' || node['kind'] === 'over')) return [];
  if (nodes.some((node) => Array.isArray(node['groupBy']) && !isEmpty(node['groupBy']))) return [];
  return segments.filter(
    (segment) =>
      isDividing(segment.cue) && !isInName(segment, query) && !isPerRow(segment, segments[segment.index + 1], carried),
  );
}

/** "the average amount per order", of orders, is the average over the rows. */
function isPerRow({ cue }: Segment, next: Segment | undefined, { decisions, query }: Carried): boolean {
  const thing = next && decisions.get(next);
  return (
    cue?.kind === 'each' && cue.isApart !== true && thing?.column === null && thing.table.table.name === query.from
  );
}

/** "how many": a number is shown, compared or sorted by. */
function lostCounts({ segments, nodes, decisions }: Carried): Segment[] {
  const isCounted = nodes.some((node) => node['kind'] === 'aggregate' || node['kind'] === 'ratio');
  if (isCounted) return [];
  return segments.filter((segment) => {
    if (segment.cue?.kind !== 'how-many' && segment.cue?.kind !== 'number-of') return false;
    if (decisions.has(segment)) return false;
    // "how many seats has the largest hall": the number stands in a column.
    const of = segments.slice(segment.index + 1).find((next) => isMention(next));
    const column = of && decisions.get(of)?.column;
    return !column || column.isKey || !isMeasure({ ...of, names: [{ entry: column, score: 1, qualified: true }] });
  });
}

/** "total", "average": what is worked out is a sum, an average, or a column that is called so. */
function lostAggregates({ segments, nodes, decisions }: Carried): Segment[] {
  const names = new Set(nodes.filter((node) => node['kind'] === 'aggregate').map((node) => node['name']));
  const isDivided = nodes.some((node) => ['ratio', 'percentage', 'over'].includes(String(node['kind'])));
  return segments.filter((segment) => {
    const { cue } = segment;
    if (cue?.kind !== 'aggregate' || decisions.has(segment)) return false;
    if (cue.name === 'sum') return !names.has('sum') && !names.has('count') && !names.has('avg') && !isDivided;
    if (cue.name === 'avg') return !names.has('avg') && !isDivided;
    return (cue.name === 'median' || cue.name === 'stddev') && !names.has(cue.name);
  });
}

/** "the ratio of … to …", "percentage of": one number is divided by another. */
function lostRatios({ segments, nodes, decisions, query }: Carried): Segment[] {
  const isDivided = nodes.some((node) => ['ratio', 'percentage', 'over'].includes(String(node['kind'])));
  if (isDivided) return [];
  return segments.filter(
    (segment) =>
      (segment.cue?.kind === 'ratio' || segment.cue?.kind === 'share') &&
      !decisions.has(segment) &&
      !isInName(segment, query),
  );
}

/** "who reports to Ada": not whom Ada reports to. */
function lostDirections({ segments, decisions, catalog }: Carried): Segment[] {
  return segments.filter((segment) => {
    const column = decisions.get(segment)?.column;
    const next = segments[segment.index + 1];
    const value = next && decisions.get(next)?.column;
    if (!column || !value || value === column || value.table !== column.table) return false;
    const { table } = column.table;
    return catalog.relationships.some(
      ({ from, to }) => from.table === table.name && to.table === table.name && from.column === column.column.name,
    );
  });
}

/** "in both 2014 and 2015": one or the other is not enough. */
function lostBoth({ segments, nodes }: Carried): Segment[] {
  const isAlternative = nodes.some((node) => node['kind'] === 'or');
  const saysOr = segments.some(({ cue }) => cue?.kind === 'or');
  return isAlternative && !saysOr ? segments.filter(({ cue }) => cue?.kind === 'both') : [];
}

function isDividing(cue: Cue | null): boolean {
  return (cue?.kind === 'each' && cue.isUniversal !== true) || cue?.kind === 'group-by' || cue?.kind === 'trend';
}

/** True where the result is one row, worked out over all rows. */
function isOneRow({ groupBy, select }: Carried['query']): boolean {
  return groupBy.length === 0 && select.some(({ expression }) => isAggregate(expression));
}

/** "weekly" where a column is called "weekly rank". */
function isInName({ phrase }: Segment, query: Carried['query']): boolean {
  const names = columnsRead(query).flatMap(({ column }) => splitName(column));
  return fold(phrase)
    .split(' ')
    .some((word) => names.includes(word));
}
