/** How far SQL that a model wrote is to be trusted, by what can be seen of it; what the model thinks of it does not count. */
import type { Catalog, ColumnRef } from '../../../engine/catalog/catalog.js';
import { nameWords } from '../../../engine/catalog/name-words.js';
import type { GuardedStatement } from '../../../engine/sql/index.js';
import type { Check, Interpretation } from '../../../engine/text-to-sql/index.js';

/** Below it, people are asked whether the reading is what they mean. */
export const LEAST_TRUST = 0.6;
/** More than this no reading of a model is trusted without a person. */
const MOST_TRUST = 0.9;
const BEGINNING = 0.3;
const OF_COVERAGE = 0.35;
const OF_AGREEMENT = 0.25;
/** Where the engine had no reading to agree with, the words of the question have to bear more. */
const OF_COVERAGE_ALONE = 0.45;

export interface Evidence {
  confidence: number;
  checks: Check[];
}

type Read = Pick<GuardedStatement, 'tables' | 'columns'>;

export interface Proposed {
  question: string;
  sql: string;
  statement: Read;
}

/**
 * Weighs a proposal.
 *
 * @param links what the engine found the words of the question to be
 * @param candidates what the readings of the engine read, as the guard has seen it
 */
export function weigh(
  { question, sql, statement }: Proposed,
  catalog: Catalog,
  links: readonly Interpretation[],
  candidates: readonly Read[],
): Evidence {
  const coverage = coverageOf(question, sql, statement, catalog, links);
  const agreement = agreementWith(statement, candidates);
  const trust =
    agreement === null
      ? BEGINNING + OF_COVERAGE_ALONE * coverage.share
      : BEGINNING + OF_COVERAGE * coverage.share + OF_AGREEMENT * agreement;
  const confidence = Math.min(MOST_TRUST, trust);
  const words =
    coverage.missing.length === 0 ? '' : ` Not in it: ${coverage.missing.map((word) => `“${word}”`).join(', ')}.`;
  return {
    confidence: Math.round(confidence * 100) / 100,
    checks: [
      {
        name: 'model_coverage',
        ok: coverage.share >= 0.5,
        detail: `The statement names ${Math.round(coverage.share * 100)} % of the telling words of the question.${words}`,
      },
      ...(agreement === null
        ? []
        : [
            {
              name: 'model_agreement',
              ok: agreement >= 0.5,
              detail: `It reads ${Math.round(agreement * 100)} % of the same columns as the nearest reading of the deterministic engine.`,
            },
          ]),
    ],
  };
}

/** The likeness to the nearest candidate by what both read, 0 to 1; null where there is no candidate. */
export function agreementWith(statement: Read, candidates: readonly Read[]): number | null {
  if (candidates.length === 0) return null;
  const own = namesOf(statement);
  return Math.max(...candidates.map((candidate) => likeness(own, namesOf(candidate))));
}

function namesOf({ tables, columns }: Read): Set<string> {
  return new Set([...tables, ...columns.map(({ table, column }) => `${table}.${column}`)]);
}

/** Jaccard's index. */
function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const common = [...a].filter((name) => b.has(name)).length;
  const all = new Set([...a, ...b]).size;
  return all === 0 ? 1 : common / all;
}

function coverageOf(
  question: string,
  sql: string,
  { tables, columns }: Read,
  catalog: Catalog,
  links: readonly Interpretation[],
): { share: number; missing: string[] } {
  const used = new Set([...namesInWords(catalog, tables, columns), ...nameWords(sql)]);
  const linked = new Map<string, boolean>();
  const saying = new Set<string>();
  for (const { phrase, table, column } of links) {
    for (const word of nameWords(phrase)) {
      if (table === undefined) saying.add(word);
      else linked.set(word, (linked.get(word) ?? false) || isRead({ table, column }, tables, columns));
    }
  }
  const telling = [...new Set(nameWords(question))].filter((word) => !saying.has(word) && isTelling(word));
  const missing = telling.filter((word) => !(linked.get(word) ?? false) && !used.has(word));
  return { share: telling.length === 0 ? 0 : 1 - missing.length / telling.length, missing };
}

function isRead(
  link: { table: string; column: string | undefined },
  tables: readonly string[],
  columns: readonly ColumnRef[],
): boolean {
  if (link.column === undefined) return tables.includes(link.table);
  return columns.some(({ table, column }) => table === link.table && column === link.column);
}

/** The words of the names, synonyms and descriptions of what is read. */
function namesInWords(catalog: Catalog, tables: readonly string[], columns: readonly ColumnRef[]): string[] {
  const texts = catalog.tables
    .filter(({ name }) => tables.includes(name))
    .flatMap((table) => [
      table.name,
      ...table.synonyms,
      table.description ?? '',
      ...table.columns
        .filter(({ name }) => columns.some((one) => one.table === table.name && one.column === name))
        .flatMap(({ name, synonyms, description }) => [name, ...synonyms, description ?? '']),
    ]);
  return texts.flatMap(nameWords);
}

function isTelling(word: string): boolean {
  return word.length > 2 && !FUNCTION_WORDS.has(word) && !/^\d+$/.test(word);
}

/** Words that say how, and not of what. */
const FUNCTION_WORDS = new Set(
  (
    'the and for with from that this these those are was were been has have had does did how many much what which who whom ' +
    'when where why all any each every per than more most less least not but into over under between show list give tell find ' +
    'get let can could would should will our their them they there its his her you your out off about also only just please ' +
    'number total sum average mean count amount top highest lowest largest smallest best worst first last year month week day ' +
    'quarter today yesterday ever both same different by'
  ).split(' '),
);
