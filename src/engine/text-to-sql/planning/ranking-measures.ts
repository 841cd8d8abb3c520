/** What things could be ranked by, where the question does not say. */
import { holdsShares, holdsYears, isNumeric, type ColumnEntry, type TableEntry } from '../evidence/schema-index.js';
import type { Evidence } from '../evidence/evidence.js';
import type { JoinGraph } from './join-graph.js';
import type { Ambiguity } from './resolver.js';

const MOST_MEASURES = 5;

type Reading = Omit<Ambiguity['readings'][number], 'score' | 'value'>;

/** Measures of the things themselves, then the totals and the numbers of what belongs to each of them. */
export function rankingMeasures(main: TableEntry, { schema, lexicon }: Evidence, graph: JoinGraph): Reading[] {
  const measuresOf = (table: TableEntry): TableEntry['columns'] =>
    table.columns.filter((column) => isNumeric(column) && !column.isKey && !holdsYears(column));
  const isAdditive = (column: ColumnEntry): boolean =>
    !holdsShares(column) && !column.words.some((word) => lexicon.rateWords.has(word));
  const owned = schema.tables.filter((table) => {
    const path = graph.path(main.table.name, table.table.name);
    return path?.length === 1 && path[0]?.fansOut === true;
  });
  const isEarnedBy = (table: TableEntry): boolean =>
    graph.path(table.table.name, main.table.name)?.every((step) => !step.fansOut) === true;
  const revenues = [...schema.revenues.values()].filter(({ table }) => isEarnedBy(table));
  const readings: Reading[] = [
    ...revenues.map((column) => ({ column, use: 'sum' as const })),
    ...measuresOf(main).map((column) => ({ column })),
    ...owned.flatMap((table) =>
      measuresOf(table)
        .filter(isAdditive)
        .map((column) => ({ column, use: 'sum' as const })),
    ),
    ...owned.flatMap((table) =>
      schema
        .keyColumns(table)
        .slice(0, 1)
        .map((column) => ({ column, use: 'count' as const })),
    ),
  ];
  return readings.slice(0, MOST_MEASURES);
}
