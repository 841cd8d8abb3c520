/** What a follow-up goes on from. */
import type { ColumnEntry, NamedEntry, SchemaIndex, TableEntry } from '../evidence/schema-index.js';
import { isAggregate, type Query } from '../planning/algebra.js';
import type { Plan } from '../planning/planner.js';
import type { Frame } from '../reading/frame.js';
import type { Segment } from '../reading/segments.js';

/** What was asked before, and the things that its rows are. */
export interface Asked {
  frame: Frame;
  query: Query;
  /** The chance that it was understood. */
  confidence: number;
  entity: TableEntry;
  /** The column that is all that was shown, where many rows share its values: each of them is a group of rows. */
  label: ColumnEntry | null;
  /** True where numbers were worked out over rows, rather than rows listed or picked. */
  worksOut: boolean;
  /** The columns that were shown, besides what was worked out. */
  shown: readonly ColumnEntry[];
}

/** What was asked, as it was planned. */
export function askedIn(frame: Frame, { query, main }: Plan, schema: SchemaIndex, confidence: number): Asked {
  return {
    frame,
    query,
    confidence,
    entity: main,
    label: labelOf(query, main),
    shown: shownIn(query, schema),
    worksOut: worksOut(query, frame),
  };
}

/** The one column that is shown, where the rows that share a value of it are many. */
function labelOf({ select }: Query, main: TableEntry): ColumnEntry | null {
  const [only] = select;
  if (select.length !== 1 || only?.expression.kind !== 'column') return null;
  const { table, column } = only.expression;
  const entry = main.table.name === table ? main.columns.find(({ column: { name } }) => name === column) : undefined;
  const distinct = entry?.column.stats.distinct ?? null;
  return entry && distinct !== null && distinct < main.table.rowCount ? entry : null;
}

function worksOut({ groupBy, select }: Query, { superlatives }: Frame): boolean {
  return superlatives.length === 0 && (groupBy.length > 0 || select.some(({ expression }) => isAggregate(expression)));
}

/** The columns that are shown as they stand. */
function shownIn({ select }: Query, schema: SchemaIndex): ColumnEntry[] {
  return select.flatMap(({ expression }) => {
    if (expression.kind !== 'column') return [];
    const entry = schema.table(expression.table)?.columns.find(({ column }) => column.name === expression.column);
    return entry ? [entry] : [];
  });
}

/** A phrase that names something known, in the place of another phrase. */
export function namingSegment(entry: NamedEntry, place: Segment): Segment {
  return {
    ...place,
    cue: null,
    names: [{ entry, score: 1, qualified: false }],
    verbNames: [],
    values: [],
    number: null,
    period: null,
    mark: null,
    quoted: false,
    capital: false,
    isParticiple: false,
    isPlural: true,
  };
}
