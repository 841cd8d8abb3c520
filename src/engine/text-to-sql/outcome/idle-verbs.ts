/** Finds verbs that say something about the data which the query does not. */
import type { ColumnRef, ColumnType } from '../../catalog/catalog.js';
import { splitName } from '../evidence/names.js';
import { fold } from '../language/tokens.js';
import type { CueKind, Lexicon } from '../lexicon/lexicon.js';
import type { Decision } from '../planning/resolver.js';
import { isMention, nameScore } from '../reading/phrases.js';
import type { Segment } from '../reading/segments.js';

/** What may stand between a verb and what it ties to without changing its part in the sentence. */
const PASSED: ReadonlySet<CueKind> = new Set(['filler', 'any']);
/** What a clause goes on with after it has said all about its verb. */
const CLAUSE_ENDS: ReadonlySet<CueKind> = new Set([
  'and',
  'or',
  'but',
  'each',
  'group-by',
  'order-by',
  'direction',
  'trend',
]);

const NUMERIC: ReadonlySet<ColumnType> = new Set(['integer', 'decimal', 'float']);

/** Letters at the beginning that a verb and the noun made of it share. */
const LEAST_ROOT = 4;

/**
 * The verbs that narrow what the question is about, and that nothing in the query stands for: "paid" in "paid orders",
 * "orders that were paid" and "orders paid in 2024". A verb that ties two things together ("customers who bought a
 * desk") is in the query by their relationship; one that points to a column that is read is in it by that column; and
 * one that says of a measure what its table is about ("quantity sold", of the lines of orders) says nothing more.
 */
export function idleVerbs(
  segments: readonly Segment[],
  isRead: (segment: Segment) => boolean,
  decisions: ReadonlyMap<Segment, Decision>,
  columns: readonly ColumnRef[],
  tables: readonly string[],
  lexicon: Lexicon,
): Set<Segment> {
  const idle = new Set<Segment>();
  for (const segment of segments) {
    if (segment.cue?.kind !== 'verb' || segment.isEmptyVerb || isRead(segment)) continue;
    const points = segment.verbNames.some(({ entry, score }) =>
      score < 0.6
        ? false
        : entry.kind === 'table'
          ? tables.includes(entry.table.name)
          : columns.some((used) => used.table === entry.table.table.name && used.column === entry.column.name),
    );
    if (points || sharesRoot(segment, columns, tables)) continue;
    if (isOfMeasure(segments, segment, decisions, lexicon)) continue;
    if (isAttribute(segments, segment) || (!isTie(segments, segment, tables) && endsClause(segments, segment)))
      idle.add(segment);
  }
  return idle;
}

/** "does each supplier ship": two things that the query joins, and what the one does with the other. */
function isTie(segments: readonly Segment[], verb: Segment, tables: readonly string[]): boolean {
  return !verb.isParticiple && tables.length > 1 && isMention(neighbour(segments, verb.index, -1));
}

/** "published" says of a publication what its name says already. */
function sharesRoot(verb: Segment, columns: readonly ColumnRef[], tables: readonly string[]): boolean {
  const root = fold(verb.phrase).slice(0, LEAST_ROOT);
  if (root.length < LEAST_ROOT) return false;
  const names = [...tables, ...columns.map((used) => used.column)];
  return names.some((name) => splitName(name).some((word) => word.startsWith(root)));
}

/** "quantity sold", "the amount that was spent": said right behind a number that each row of the table holds. */
function isOfMeasure(
  segments: readonly Segment[],
  verb: Segment,
  decisions: ReadonlyMap<Segment, Decision>,
  lexicon: Lexicon,
): boolean {
  if (!verb.isParticiple) return false;
  let before = neighbour(segments, verb.index, -1);
  while (before?.cue && !decisions.has(before) && ['be', 'relative'].includes(before.cue.kind)) {
    before = neighbour(segments, before.index, -1);
  }
  const column = before && decisions.get(before)?.column;
  if (!column || column.isKey || !NUMERIC.has(column.column.type)) return false;
  const words = splitName(column.table.table.name).map((word) => fold(word));
  return lexicon.isImplied(fold(verb.phrase), words);
}

/** "the paid orders": a participle before its noun, where no noun before could be what acts. */
function isAttribute(segments: readonly Segment[], verb: Segment): boolean {
  const next = segments[verb.index + 1];
  if (!verb.isParticiple || !isMention(next) || !next || nameScore(next) < 0.6) return false;
  const before = neighbour(segments, verb.index, -1);
  if (!before) return true;
  return (
    !isMention(before) &&
    !['pronoun', 'be', 'relative', 'who', 'verb', 'superlative', 'frequent'].includes(before.cue?.kind ?? '')
  );
}

/** "orders that were paid", "orders paid in 2024", "who paid": nothing follows but a time or another clause. */
function endsClause(segments: readonly Segment[], verb: Segment): boolean {
  const before = neighbour(segments, verb.index, -1);
  if (!before || before.mark !== null) return false;
  // "when was it released", "the time they aired": the verb only says of what the time or the place is.
  if (segments.some((segment) => segment.cue?.kind === 'when' || segment.cue?.kind === 'where')) return false;
  if (before.cue?.kind === 'pronoun' && isMention(neighbour(segments, before.index, -1))) return false;
  const next = neighbour(segments, verb.index, 1);
  if (!next || next.mark !== null || next.period) return true;
  const kind = next.cue?.kind;
  if (kind === undefined || isMention(next)) return false;
  if (kind === 'in' || kind === 'compare' || kind === 'between') {
    const tied = neighbour(segments, next.index, 1);
    return tied?.period != null;
  }
  return CLAUSE_ENDS.has(kind);
}

function neighbour(segments: readonly Segment[], index: number, step: 1 | -1): Segment | undefined {
  for (let at = index + step; ; at += step) {
    const segment = segments[at];
    if (!segment?.cue || !PASSED.has(segment.cue.kind) || isMention(segment)) return segment;
  }
}
