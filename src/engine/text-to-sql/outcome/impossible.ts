/** Finds questions that were read so that no row, or always the same, can come out. */
import type { CueKind } from '../lexicon/lexicon.js';
import type { Join } from '../planning/algebra.js';
import type { Segment } from '../reading/segments.js';
import { type Carried, isNode, type Node, phrasesOr } from './query-tree.js';

const COUNTING: readonly CueKind[] = ['how-many', 'number-of', 'compare', 'each'];

/** The phrases that cannot have been meant as they were read: bounds that no row meets, counts that are always one. */
export function impossible(reading: Carried): Segment[] {
  return [
    ...impossibleBounds(reading),
    ...countsOfOne(reading),
    ...countsOfThemselves(reading),
    ...missingKeys(reading),
  ];
}

/** "founded before 2003 and after 2003": no row is both. */
function impossibleBounds({ segments, nodes }: Carried): Segment[] {
  const isImpossible = nodes.some((node) => {
    if (node['kind'] !== 'and' || !Array.isArray(node['terms'])) return false;
    const bounds = flatBounds(node);
    return bounds.some((low) =>
      bounds.some(
        (high) =>
          low.op.startsWith('>') &&
          high.op.startsWith('<') &&
          low.of === high.of &&
          (low.value > high.value || (low.value === high.value && low.op + high.op !== '>=<=')),
      ),
    );
  });
  return isImpossible ? phrasesOr(segments, (segment) => segment.cue?.kind === 'compare') : [];
}

interface Bound {
  of: string;
  op: string;
  value: number | string;
}

/** The comparisons with a number or a date that must hold together. */
function flatBounds(node: Node): Bound[] {
  if (node['kind'] === 'and' && Array.isArray(node['terms'])) return node['terms'].filter(isNode).flatMap(flatBounds);
  const { left, op, right } = node;
  if (node['kind'] !== 'compare' || !isNode(left) || !isNode(right) || typeof op !== 'string') return [];
  const { value } = right;
  const of = isNode(left['of']) && left['kind'] === 'cast' ? left['of'] : left;
  return typeof value === 'number' || right['kind'] === 'date'
    ? [{ of: JSON.stringify(of), op, value: value as string }]
    : [];
}

/** The number of rows for each key of one table is one, always. */
function countsOfOne({ segments, query, catalog }: Carried): Segment[] {
  const key = catalog.tables.find(({ name }) => name === query.from)?.primaryKey ?? [];
  // A join to the one row that belongs to each repeats none.
  const isLookUp = ({ table }: Join): boolean =>
    catalog.relationships.some(({ to }) => to.table === table) &&
    !catalog.relationships.some(({ from }) => from.table === table);
  const grouped = query.groupBy.flatMap((group) =>
    group.kind === 'column' && group.table === query.from ? [group.column] : [],
  );
  const isByKey = key.length > 0 && key.every((column) => grouped.includes(column)) && query.joins.every(isLookUp);
  const counts = [
    ...query.select.map(({ expression }) => expression),
    ...query.orderBy.map(({ expression }) => expression),
  ];
  const isCounted = counts.some((expression) => expression.kind === 'aggregate' && expression.name === 'count');
  if (!isByKey || (!isCounted && query.having === null)) return [];
  return phrasesOr(segments, ({ cue }) => cue !== null && COUNTING.includes(cue.kind));
}

/** The number of different brands of each brand is one. */
function countsOfThemselves({ segments, query }: Carried): Segment[] {
  const isCounted = query.select.some(
    ({ expression }) =>
      expression.kind === 'aggregate' &&
      expression.name === 'count' &&
      expression.distinct &&
      query.groupBy.some((group) => JSON.stringify(group) === JSON.stringify(expression.of)),
  );
  return isCounted ? phrasesOr(segments, ({ cue }) => cue !== null && COUNTING.includes(cue.kind)) : [];
}

/** "which of them are not used": no row lacks its own key. */
function missingKeys({ segments, nodes, catalog }: Carried): Segment[] {
  const isImpossible = nodes.some((node) => {
    const of = node['of'];
    if (node['kind'] !== 'missing' || node['negated'] === true || !isNode(of)) return false;
    const key = catalog.tables.find(({ name }) => name === of['table'])?.primaryKey ?? [];
    return key.length === 1 && key[0] === of['column'];
  });
  return isImpossible ? phrasesOr(segments, ({ cue }) => ['missing', 'not', 'without'].includes(cue?.kind ?? '')) : [];
}
