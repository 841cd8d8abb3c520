/** Says how each phrase was read, what was not understood, and how sure the reading is. */
import type { ColumnRef } from '../../catalog/catalog.js';
import type { Interpretation } from '../contract.js';
import type { Formula } from '../evidence/entries.js';
import type { Cue, Lexicon } from '../lexicon/lexicon.js';
import type { Ambiguity, Decision } from '../planning/resolver.js';
import type { Query } from '../planning/algebra.js';
import type { Frame } from '../reading/frame.js';
import type { Segment } from '../reading/segments.js';
import { filtersInWords } from './conditions-in-words.js';
import { idleVerbs } from './idle-verbs.js';
import { nodesOf } from './query-tree.js';
import { columnsRead, tablesRead } from './reads.js';

const CUE_MEANINGS: Partial<Record<Cue['kind'], string>> = {
  'how-many': 'a number of things',
  'number-of': 'a number of things',
  each: 'one row for each',
  'group-by': 'one row for each',
  not: 'the opposite of what follows',
  without: 'nothing of what follows',
  except: 'everything but what follows',
  distinct: 'each different value once',
  both: 'all of what follows',
  'order-by': 'sorted by what follows',
  frequent: 'counted and sorted',
  share: 'a part of the whole',
};

/** How each phrase of the question was read, in the order of the question; `query` is what it came to, if it came to one. */
export function interpret(
  segments: readonly Segment[],
  decisions: ReadonlyMap<Segment, Decision>,
  query: Query | null,
): Interpretation[] {
  const interpretations: Interpretation[] = [];
  const amounts = new Set(query === null ? [] : nodesOf(query).map((node) => node['value']));
  for (const segment of segments) {
    const decision = decisions.get(segment);
    if (decision) {
      const table = decision.table.table.name;
      const recalled = decision.isRecalled ? ', as it was answered before' : '';
      if (decision.column && decision.value !== null) {
        const column = decision.column.column.name;
        interpretations.push({
          phrase: segment.phrase,
          meaning: `the value “${decision.value}” of the column \`${column}\` of \`${table}\`${recalled}`,
          table,
          column,
        });
      } else if (decision.column?.metric) {
        interpretations.push({ phrase: segment.phrase, meaning: 'a metric of the glossary', table });
      } else if (decision.column?.formula) {
        interpretations.push({
          phrase: segment.phrase,
          meaning: formulaMeaning(decision.column.formula, table),
          table,
        });
      } else if (decision.column) {
        const column = decision.column.column.name;
        interpretations.push({
          phrase: segment.phrase,
          meaning: `the column \`${column}\` of \`${table}\`${recalled}`,
          table,
          column,
        });
      } else {
        interpretations.push({ phrase: segment.phrase, meaning: `the table \`${table}\``, table });
      }
      continue;
    }
    const meaning = plainMeaning(segment, amounts);
    if (meaning !== null) interpretations.push({ phrase: segment.phrase, meaning });
  }
  return interpretations;
}

function formulaMeaning({ factors, discount }: Formula, table: string): string {
  const product = factors.map((factor) => `\`${factor.column.name}\``).join(' × ');
  return `${product}${discount ? ` less \`${discount.column.column.name}\`` : ''} of each row of \`${table}\``;
}

function plainMeaning(segment: Segment, amounts: ReadonlySet<unknown>): string | null {
  // 2000 may be a year and an amount.
  const isAmount = segment.number !== null && amounts.has(segment.number);
  if (segment.period && !isAmount) return `from ${segment.period.from} until before ${segment.period.to}`;
  if (segment.number !== null) return `the number ${segment.number}${segment.percent ? ' %' : ''}`;
  const { cue } = segment;
  if (!cue) return null;
  switch (cue.kind) {
    case 'aggregate':
      return `the ${{ count: 'number', sum: 'sum', avg: 'average', min: 'smallest', max: 'largest', median: 'median', stddev: 'standard deviation' }[cue.name]}`;
    case 'superlative':
    case 'top':
      return cue.direction === 'desc' ? 'the largest first' : 'the smallest first';
    case 'compare':
      return `compared by ${cue.op}`;
    case 'direction':
      return cue.direction === 'desc' ? 'from large to small' : 'from small to large';
    case 'trend':
      return cue.unit ? `one row for each ${cue.unit}` : 'its development over time';
    default:
      return CUE_MEANINGS[cue.kind] ?? null;
  }
}

interface Assessment {
  confidence: number;
  /** Words that mean something but match nothing in the data. */
  missing: string[];
  /** Words that match the data but that nothing could be done with. */
  unclear: string[];
  /** The phrase whose two best readings are about equally likely, when there is one. */
  ambiguity: Ambiguity | null;
}

/** Two readings nearer to each other than this are equally likely. */
const CLOSE_READINGS = 0.04;

/**
 * Weighs the evidence for a reading: the share of telling words that were used, the strength of the links, and how
 * simple the query is; `before` is the query of the question that it goes on from. Whether the second-best reading of some phrase is as good is told apart.
 */
export function assess(
  segments: readonly Segment[],
  frame: Frame,
  decisions: ReadonlyMap<Segment, Decision>,
  ambiguities: readonly Ambiguity[],
  query: Query,
  lexicon: Lexicon,
  before: Query | null,
): Assessment {
  const columns = columnsRead(query);
  const tables = tablesRead(query);
  const inConditions = conditionSegments(frame);
  const idle = idleVerbs(
    segments,
    (segment) => decisions.has(segment) || inConditions.has(segment),
    decisions,
    columns,
    tables,
    lexicon,
  );
  const unread = new Set(frame.unread);
  const unapplied = new Set(frame.unapplied);
  const missing: string[] = [];
  const unclear: string[] = [];
  let telling = 0;
  let used = 0;
  let weakest = 1;
  const hints = new Set(frame.hints);
  for (const segment of segments) {
    if (hints.has(segment)) continue;
    const isUnknown =
      unread.has(segment) ||
      idle.has(segment) ||
      (segment.mark === null &&
        segment.cue === null &&
        !inConditions.has(segment) &&
        segment.names.length + segment.values.length === 0 &&
        segment.number === null &&
        segment.period === null &&
        !segment.quoted);
    if (segment.mark !== null || (segment.cue !== null && !isUnknown && !unapplied.has(segment))) continue;
    telling += 1;
    const decision = decisions.get(segment);
    if (isUnknown) (segment.names.length + segment.values.length > 0 ? unclear : missing).push(segment.phrase);
    else if (unapplied.has(segment) && (!decision?.column || isUnused(decision, columns))) unclear.push(segment.phrase);
    else if (
      segment.cue === null &&
      decision &&
      (isUnused(decision, columns) || isLostGroup(segments, segment, decision, tables))
    )
      unclear.push(segment.phrase);
    else if (decision) {
      used += 1;
      weakest = Math.min(weakest, decision.link);
    } else if (segment.names.length + segment.values.length > 0 && segment.number === null && segment.period === null) {
      used += 0.5;
    } else {
      used += 1;
    }
  }
  // "How many are there?" says nothing by itself: what it goes on from was covered.
  const coverage = telling === 0 ? Number(before !== null) : used / telling;
  const close = ambiguities.find((ambiguity) => {
    const [first, second] = ambiguity.readings;
    return first !== undefined && second !== undefined && first.score - second.score < CLOSE_READINGS;
  });
  const words = longestSentence(segments.filter((segment) => !hints.has(segment)));
  const evidence = { coverage, weakest, words, telling };
  const confidence = telling === 0 && before === null ? 0 : trust(query, evidence, before);
  return { confidence: Math.max(0, Math.min(1, confidence)), missing, unclear, ambiguity: close ?? null };
}

/** How much each kind of evidence speaks for or against a reading, as weights of a logistic regression. */
const TRUST = {
  base: 2.3,
  /** Of the logarithm of the weakest link. */
  weakest: 1.9,
  /** Of the share of telling words that were not used. */
  uncovered: -2,
  /** Of each word beyond ten. */
  word: -0.065,
  /** Of each column beyond the first; all columns of a table are one thing. */
  output: -0.38,
  /** Of a chain of three tables or more. */
  chain: -1,
  /** Of each filter beyond the first. */
  filter: -0.23,
  /** Of a question that says one thing only. */
  single: 0.8,
} as const;

/**
 * The chance that a reading of this kind is right, from 0 to 1. The weights were fitted to questions with known answers:
 * long questions, wide results and chains of three tables are misread more often than short ones.
 */
function trust(
  query: Query,
  evidence: { coverage: number; weakest: number; words: number; telling: number },
  before: Query | null,
): number {
  const outputs = query.select.length;
  const filters = filtersInWords(query).length;
  // What was there before has been doubted already.
  const known = { filters: before ? filtersInWords(before).length : 0, tables: before ? tablesRead(before).length : 0 };
  const sum =
    TRUST.base +
    TRUST.weakest * Math.log(evidence.weakest) +
    TRUST.uncovered * (1 - evidence.coverage) +
    TRUST.word * Math.max(0, evidence.words - 10) +
    (isWholeRow(query) ? 0 : TRUST.output * (Math.min(outputs, MOST_OUTPUTS) - 1)) +
    (tablesRead(query).length >= CHAIN && known.tables < CHAIN ? TRUST.chain : 0) +
    TRUST.filter * Math.max(0, filters - Math.max(1, known.filters)) +
    (evidence.telling <= 1 ? TRUST.single : 0);
  return 1 / (1 + Math.exp(-sum));
}

/** "products by supplier": the suppliers are nowhere in the query. */
function isLostGroup(
  segments: readonly Segment[],
  segment: Segment,
  { table, column }: Decision,
  tables: readonly string[],
): boolean {
  const before = segments[segment.index - 1]?.cue?.kind;
  const verb = segments[segment.index - 2];
  // "owned by students" ties, and divides nothing.
  if (verb?.cue?.kind === 'verb' || verb?.isParticiple) return false;
  return column === null && (before === 'by' || before === 'each') && !tables.includes(table.table.name);
}

/** Words of the longest sentence: two short ones are no harder than one. */
function longestSentence(segments: readonly Segment[]): number {
  let longest = 0;
  let words = 0;
  for (const { mark, length } of segments) {
    words = mark !== null && /[.?!;]/.test(mark) ? 0 : words + (mark === null ? length : 0);
    longest = Math.max(longest, words);
  }
  return longest;
}

/** So many tables that are tied together are a chain. */
const CHAIN = 3;
/** More columns than these do not make a question harder. */
const MOST_OUTPUTS = 5;
/** So many plain columns of one table are all of it. */
const WHOLE_ROW = 4;

function isWholeRow({ select, from }: Query): boolean {
  return (
    select.length >= WHOLE_ROW &&
    select.every(({ expression }) => expression.kind === 'column' && expression.table === from)
  );
}

/** True when a column was read into the question but the query does not read it. */
function isUnused(decision: Decision, columns: readonly ColumnRef[]): boolean {
  const { column } = decision;
  if (!column || column.isKey) return false;
  if (column.formula)
    return column.formula.factors.some((factor) => isUnused({ ...decision, column: factor }, columns));
  return !columns.some((used) => used.table === column.table.table.name && used.column === column.column.name);
}

/** Phrases that conditions were made of, those of nested frames included. */
function conditionSegments(frame: Frame): Set<Segment> {
  const segments = new Set<Segment>();
  for (const condition of frame.conditions) {
    for (const segment of condition.segments) segments.add(segment);
    if (condition.kind === 'related') for (const segment of conditionSegments(condition.frame)) segments.add(segment);
  }
  for (const { ratio } of frame.outputs) {
    if (!ratio) continue;
    for (const part of [ratio.numerator, ratio.denominator])
      for (const segment of conditionSegments(part)) segments.add(segment);
  }
  return segments;
}
