/** The tables that a sentence may speak of, before it is settled which ones it does. */
import type { TableEntry } from '../evidence/schema-index.js';
import type { Frame, Mention } from '../reading/frame.js';
import type { NameReading } from '../reading/name-linking.js';
import type { JoinGraph } from './join-graph.js';

export const tableOf = ({ entry }: NameReading): TableEntry => (entry.kind === 'table' ? entry : entry.table);

/** The readings of a phrase that are about as good as its best; a shortened name gives way to a whole one. */
export function rivalsOf({ segment: { names } }: Mention): NameReading[] {
  const best = names[0];
  if (!best) return [];
  const rivals = names.filter((reading) => reading.score > best.score - 0.08);
  const isWhole = (reading: NameReading): boolean => reading.entry.kind !== 'table' || !reading.entry.isShortened;
  return isWhole(best) ? rivals.filter(isWhole) : rivals;
}

export function likelyTables(mention: Mention): TableEntry[] {
  return [...new Set(rivalsOf(mention).map(tableOf))];
}

/** Of the readings of one phrase, those whose tables can be joined to the most of what else is spoken of. */
export function joinable(
  rivals: readonly NameReading[],
  spoken: readonly TableEntry[][],
  graph: JoinGraph,
): NameReading[] {
  const reached = rivals.map((reading) => {
    const { name } = tableOf(reading).table;
    return spoken.filter((tables) => tables.some((table) => graph.distance(name, table.table.name) < Infinity)).length;
  });
  const most = Math.max(...reached);
  return rivals.filter((_, index) => reached[index] === most);
}

/** Every mention of a frame, those of nested frames left out. */
export function frameMentions(frame: Frame): Mention[] {
  const mentions: (Mention | null)[] = [
    ...frame.subjects.flatMap((subject) => [subject.owner, subject]),
    ...frame.outputs.flatMap(({ of, ratio, elapsed }) => [
      of,
      of?.owner ?? null,
      ...(ratio ? [...frameMentions(ratio.numerator), ...frameMentions(ratio.denominator)] : []),
      ...(elapsed ? [elapsed.from, elapsed.to] : []),
    ]),
    ...frame.groups.flatMap((group) => [group.mention?.owner ?? null, group.mention]),
    ...frame.superlatives.flatMap((superlative) => [
      superlative.entity,
      superlative.measure.of?.owner ?? null,
      superlative.measure.of,
    ]),
    ...frame.orders.flatMap((order) => [order.measure.of?.owner ?? null, order.measure.of]),
  ];
  for (const condition of frame.conditions) {
    if (condition.kind === 'compare') mentions.push(condition.left?.of?.owner ?? null, condition.left?.of ?? null);
    else if (condition.kind === 'related') mentions.push(condition.entity);
    else if (condition.column) mentions.push(condition.column);
  }
  return mentions.filter((mention) => mention !== null);
}
