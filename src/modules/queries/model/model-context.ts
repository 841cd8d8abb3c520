/** What a model is told of a source to write SQL by: what the deterministic engine knows and has thought of, and no private values. */
import type { Catalog, CatalogColumn, CatalogTable, Dialect } from '../../../engine/catalog/catalog.js';
import { nameWords } from '../../../engine/catalog/name-words.js';
import type { ConversationState, QuestionOutcome } from '../../../engine/text-to-sql/index.js';
import { PrivateValues } from '../../../platform/llm/index.js';
import type { SourceKnowledge } from '../knowledge/taught-answers.js';

/** A reading of the deterministic engine. */
export interface CandidateReading {
  meaning: string;
  sql: string;
}

export interface ModelSubject {
  question: string;
  catalog: Catalog;
  dialect: Dialect;
  now: Date;
  previous: ConversationState | null;
  outcome: QuestionOutcome;
  candidates: readonly CandidateReading[];
  knowledge: SourceKnowledge;
}

export interface ModelContext {
  /** As it is sent. */
  told: Record<string, unknown>;
  hidden: PrivateValues;
}

const MOST_TABLES = 30;
/** Of the context as a whole, in characters: about 12,000 tokens. */
const LONGEST_CONTEXT = 40_000;
const MOST_SAMPLES = 5;
const LONGEST_SAMPLE = 40;
const LONGEST_DESCRIPTION = 300;
const MOST_VERIFIED = 8;
const MOST_TERMS = 30;
const MOST_TURNS = 6;

/** The context of a question, so much of it as fits: the tables that it seems to be about come first. */
export function contextOf(subject: ModelSubject): ModelContext {
  const { catalog, knowledge, candidates, outcome, previous, dialect, now } = subject;
  const hidden = new PrivateValues(privateValuesOf(catalog));
  const hide = (text: string): string => hidden.hide(text);
  const told: Record<string, unknown> = {
    dialect,
    today: now.toISOString().slice(0, 10),
    question: hide(subject.question),
    ...(previous === null
      ? {}
      : { asked_before: previous.turns.slice(-MOST_TURNS).map(({ question }) => hide(question)) }),
    words_found: outcome.interpretation.map(({ phrase, meaning, table, column }) => ({
      phrase: hide(phrase),
      meaning: hide(meaning),
      ...(table === undefined ? {} : { table }),
      ...(column === undefined ? {} : { column }),
    })),
    readings: candidates.map(({ meaning, sql }) => ({ meaning: hide(meaning), sql: hide(sql) })),
    verified_queries: nearest(knowledge.taught, subject.question).map(({ question, sql }) => ({
      question: hide(question),
      sql: hide(sql),
    })),
    glossary: knowledge.glossary.slice(0, MOST_TERMS),
    tables: [] as unknown[],
  };
  const tables = tablesThatFit(subject, LONGEST_CONTEXT - JSON.stringify(told).length);
  told['tables'] = tables.map(tableTold);
  told['relationships'] = relationshipsTold(catalog, new Set(tables.map(({ name }) => name)));
  return { told, hidden };
}

/** Values that the catalogue knows of columns that are about people: none of them may stand in what is sent. */
function* privateValuesOf({ tables }: Catalog): Iterable<string> {
  for (const { columns } of tables) {
    for (const { sensitivity, values, stats } of columns) {
      if (sensitivity !== 'none') yield* values ?? stats.samples;
    }
  }
}

function tablesThatFit(subject: ModelSubject, room: number): CatalogTable[] {
  const chosen: CatalogTable[] = [];
  let left = room;
  for (const table of inOrder(subject).slice(0, MOST_TABLES)) {
    left -= JSON.stringify(tableTold(table)).length;
    if (left < 0 && chosen.length > 0) break;
    chosen.push(table);
  }
  return chosen;
}

/** Tables by how much they seem to be meant: those that words were linked to, those whose names are in the question, their neighbours. */
function inOrder({ catalog, outcome, question, candidates }: ModelSubject): CatalogTable[] {
  const words = new Set(nameWords(question));
  const linked = new Set(outcome.interpretation.flatMap(({ table }) => table ?? []));
  const scores = new Map<string, number>();
  const tables = catalog.tables.filter(({ hidden }) => !hidden);
  for (const table of tables) {
    const names = [table.name, ...table.synonyms].flatMap(nameWords);
    const columns = table.columns.filter(({ hidden }) => !hidden).flatMap(({ name, synonyms }) => [name, ...synonyms]);
    const inColumns = columns.filter((name) => nameWords(name).some((word) => words.has(word))).length;
    const inCandidates = candidates.some(({ sql }) => sql.includes(table.name));
    scores.set(
      table.name,
      (linked.has(table.name) ? 8 : 0) +
        (inCandidates ? 4 : 0) +
        (names.some((word) => words.has(word)) ? 4 : 0) +
        Math.min(inColumns, 3),
    );
  }
  const near = new Map(scores);
  for (const { from, to } of catalog.relationships) {
    for (const [one, other] of [
      [from.table, to.table],
      [to.table, from.table],
    ] as const) {
      near.set(one, Math.max(near.get(one) ?? 0, (scores.get(other) ?? 0) / 2));
    }
  }
  return tables.toSorted((a, b) => (near.get(b.name) ?? 0) - (near.get(a.name) ?? 0));
}

function tableTold({ name, description, synonyms, primaryKey, columns }: CatalogTable): Record<string, unknown> {
  return {
    name,
    ...(description === null ? {} : { description: description.slice(0, LONGEST_DESCRIPTION) }),
    ...(synonyms.length === 0 ? {} : { synonyms }),
    ...(primaryKey.length === 0 ? {} : { primary_key: primaryKey }),
    columns: columns.filter(({ hidden }) => !hidden).map(columnTold),
  };
}

/**
 * Values only of columns that are about nobody. Masked columns, and all columns of tables with row rules, come without any:
 * the catalogue of whoever asks has none.
 */
function columnTold(column: CatalogColumn): Record<string, unknown> {
  const { name, nativeType, description, synonyms, sensitivity, stats } = column;
  const isOpen = sensitivity === 'none';
  const samples = stats.samples.filter((sample) => sample.length <= LONGEST_SAMPLE).slice(0, MOST_SAMPLES);
  return {
    name,
    type: nativeType,
    ...(description === null ? {} : { description: description.slice(0, LONGEST_DESCRIPTION) }),
    ...(synonyms.length === 0 ? {} : { synonyms }),
    ...(isOpen && column.type === 'text' && samples.length > 0 ? { examples: samples.map(withoutPrivate) } : {}),
    ...(isOpen && column.type !== 'text' && stats.min !== null ? { from: stats.min, to: stats.max } : {}),
  };
}

/** Free text about nobody can still name somebody. */
function withoutPrivate(sample: string): string {
  return new PrivateValues().hide(sample).replaceAll(/\[\[value_\d+\]\]/g, '…');
}

function relationshipsTold({ relationships }: Catalog, tables: ReadonlySet<string>): string[] {
  return relationships
    .filter(({ from, to }) => tables.has(from.table) && tables.has(to.table))
    .map(({ from, to }) => `${from.table}.${from.column} = ${to.table}.${to.column}`);
}

/** Those that share the most words with the question. */
function nearest(taught: SourceKnowledge['taught'], question: string): SourceKnowledge['taught'] {
  const words = new Set(nameWords(question));
  const shared = (other: string): number => nameWords(other).filter((word) => words.has(word)).length;
  return taught
    .map((one) => ({ one, score: shared(one.question) }))
    .filter(({ score }) => score > 1)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, MOST_VERIFIED)
    .map(({ one }) => one);
}
