/** Answers a question by a verified one that asks the same of other values. */
import type { VerifiedQuery } from '../contract.js';
import type { Evidence } from '../evidence/evidence.js';
import { PeriodReader, type Period } from '../language/periods.js';
import { normalizeValue, type Token, tokenize } from '../language/tokens.js';

export interface VerifiedAnswer {
  sql: string;
  verified: VerifiedQuery;
  /** What stands in the place of what: "France" in that of "Germany". */
  exchanged: { from: string; to: string }[];
}

/** A part of a question: a word, or something that another question may say instead. */
type Part =
  | { kind: 'word'; text: string }
  | { kind: 'value'; text: string; values: { column: string; value: string }[] }
  | { kind: 'number'; text: string; value: number }
  | { kind: 'period'; text: string; period: Period };

const LONGEST_VALUE = 6;
const STRING = /'(?:[^']|'')*'/g;

/**
 * The verified query whose question differs from this one in nothing but values, numbers and periods, with those of this
 * question put in their places. Each must stand in the statement exactly once as a literal, or nothing is exchanged;
 * a date stands for the period that begins or ends with it.
 */
export function answerByVerified(
  question: string,
  verified: readonly { query: VerifiedQuery; asRead: string }[],
  evidence: Evidence,
  now: Date,
): VerifiedAnswer | null {
  const asked = partsOf(question, evidence, now);
  if (asked.length === 0) return null;
  for (const { query, asRead } of verified) {
    const known = partsOf(asRead, evidence, now);
    const answer = exchange(asked, known, query);
    if (answer) return answer;
  }
  return null;
}

function exchange(asked: readonly Part[], known: readonly Part[], verified: VerifiedQuery): VerifiedAnswer | null {
  if (asked.length !== known.length) return null;
  const literals = new Map<string, string>();
  const exchanged: VerifiedAnswer['exchanged'] = [];
  for (const [index, part] of asked.entries()) {
    const other = known[index];
    if (!other) return null;
    if (part.text === other.text) continue;
    const pairs = literalPairs(part, other);
    if (!pairs) return null;
    for (const [from, to] of pairs) {
      if (literals.has(from) && literals.get(from) !== to) return null;
      literals.set(from, to);
    }
    exchanged.push({ from: other.text, to: part.text });
  }
  const sql = replaceLiterals(verified.sql, literals);
  return sql === null ? null : { sql, verified, exchanged };
}

/** What has to be exchanged in the statement, as SQL literals; null where the parts are not of one kind. */
function literalPairs(part: Part, other: Part): [string, string][] | null {
  if (part.kind === 'number' && other.kind === 'number') return [[String(other.value), String(part.value)]];
  if (part.kind === 'period' && other.kind === 'period') {
    const dates: [string, string][] = [
      [quoted(other.period.from), quoted(part.period.from)],
      [quoted(other.period.to), quoted(part.period.to)],
    ];
    const { year } = other.period;
    return year === null || part.period.year === null ? dates : [...dates, [String(year), String(part.period.year)]];
  }
  if (part.kind !== 'value' || other.kind !== 'value') return null;
  for (const known of other.values) {
    const hit = part.values.find(({ column }) => column === known.column);
    if (hit) return [[quoted(known.value), quoted(hit.value)]];
  }
  return null;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The statement with each literal exchanged; null where one of a pair is nowhere, or a value stands there twice. */
function replaceLiterals(sql: string, literals: ReadonlyMap<string, string>): string | null {
  const seen = new Map<string, number>();
  const swap = (literal: string): string => {
    const wanted = literals.get(literal);
    if (wanted === undefined) return literal;
    seen.set(literal, (seen.get(literal) ?? 0) + 1);
    return wanted;
  };
  let replaced = '';
  let position = 0;
  for (const match of sql.matchAll(STRING)) {
    replaced += swapNumbers(sql.slice(position, match.index), swap) + swap(match[0]);
    position = match.index + match[0].length;
  }
  replaced += swapNumbers(sql.slice(position), swap);
  // A period may be said by its dates or by its year.
  const dates = [...literals.keys()].filter((literal) => /^'\d{4}-\d\d-\d\d'$/.test(literal));
  const isDated = dates.every((date) => seen.has(date));
  const others = [...literals.keys()].filter((literal) => !dates.includes(literal));
  const years = others.filter((literal) => /^\d{4}$/.test(literal));
  const isSaid = (literal: string): boolean => seen.get(literal) === 1;
  if (dates.length > 0 && years.length > 0)
    return (isDated || years.every(isSaid)) && others.every((literal) => years.includes(literal) || isSaid(literal))
      ? replaced
      : null;
  return isDated && others.every(isSaid) ? replaced : null;
}

function swapNumbers(sql: string, swap: (literal: string) => string): string {
  return sql.replaceAll(/(?<![\w.])\d+(?:\.\d+)?(?![\w.])/g, (number) => swap(number));
}

/** The words that tell something, with what may be exchanged taken together. */
function partsOf(question: string, { lexicon, values, calendar }: Evidence, now: Date): Part[] {
  const tokens = tokenize(question);
  const periods = new PeriodReader(lexicon, now, calendar);
  const parts: Part[] = [];
  for (let at = 0; at < tokens.length;) {
    const token = tokens[at];
    if (!token) break;
    const period = periods.read(tokens, at);
    const value = valueAt(tokens, at, question);
    const isNumber = token.kind === 'number' && token.value !== null;
    if (period) {
      const text = question.slice(token.start, tokens[at + period.length - 1]?.end);
      parts.push({ kind: 'period', text, period: period.period });
      at += period.length;
    } else if (value) {
      parts.push(value.part);
      at += value.length;
    } else {
      const isPassed = token.kind === 'mark' || lexicon.cues.get(token.norm)?.kind === 'filler';
      if (isNumber) parts.push({ kind: 'number', text: token.norm, value: token.value ?? 0 });
      else if (!isPassed) parts.push({ kind: 'word', text: lexicon.lemma(token.norm) });
      at += 1;
    }
  }
  return parts;

  function valueAt(all: readonly Token[], at: number, text: string): { part: Part; length: number } | null {
    for (let length = Math.min(LONGEST_VALUE, all.length - at); length > 0; length -= 1) {
      const [first, last] = [all[at], all[at + length - 1]];
      if (!first || !last || first.kind === 'mark' || last.kind === 'mark' || lexicon.cues.has(first.norm)) continue;
      const phrase = first.kind === 'quoted' ? first.text : text.slice(first.start, last.end);
      const hits = values.find(normalizeValue(phrase), phrase).filter(({ score }) => score > 0.95);
      if (hits.length === 0) continue;
      const found = hits.map(({ column, value }) => ({
        column: JSON.stringify([column.table.table.name, column.column.name]),
        value,
      }));
      return { part: { kind: 'value', text: normalizeValue(phrase), values: found }, length };
    }
    return null;
  }
}
