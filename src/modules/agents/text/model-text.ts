import { z } from 'zod';
import type { CellValue } from '../../../engine/charts/index.js';
import {
  ABOUT_DATA_BLOCKS,
  dataBlock,
  type LanguageModel,
  type ModelUse,
  PrivateValues,
} from '../../../platform/llm/index.js';
import { figuresIn, isAmong, relationIn } from './figures.js';
import type { Subject } from './subject.js';

const MOST_ROWS = 30;
const LONGEST_CELL = 200;
const LONGEST_TEXT = 3000;
export const MOST_OUTPUT_TOKENS = 1500;

const CITE = z.object({
  row: z.number().int().nullable(),
  column: z.string().nullable(),
  finding: z.string().nullable(),
});
const SENTENCE = z.object({ text: z.string(), cites: z.array(CITE) });
const ANSWER = z.object({ sentences: z.array(SENTENCE) });
type Sentences = z.infer<typeof SENTENCE>[];

/** Where a sentence has its figures from. */
export interface Citation {
  /** The place of the sentence, from 0. */
  sentence: number;
  /** The place of the row in the result, from 0, with the name of a column; or the key of a finding. */
  row?: number;
  column?: string;
  finding?: string;
}

export type ModelText = { use: ModelUse } & (
  | { kind: 'text'; text: string; citations: Citation[] }
  /** What the model wrote cannot be relied on, for this reason. */
  | { kind: 'refused'; because: string }
);

/**
 * A text that a model writes about a result, with where it has every figure from. One figure that is not there, and nothing of
 * the text is used.
 *
 * @throws ModelError
 */
export async function modelText(model: LanguageModel, subject: Subject, signal: AbortSignal): Promise<ModelText> {
  const hidden = new PrivateValues(privateCells(subject));
  const told = toldOf(subject, hidden);
  const prompt = dataBlock('A question, and the result that answers it', told);
  const request = { purpose: 'text', instructions: INSTRUCTIONS, prompt, maxOutputTokens: MOST_OUTPUT_TOKENS, signal };
  const { value, use } = await model.propose(request, ANSWER);
  const refusal = refusalOf(value.sentences, told, hidden);
  if (refusal !== null) return { kind: 'refused', because: refusal, use };
  const text = value.sentences.map((sentence) => hidden.restore(sentence.text.trim())).join(' ');
  const citations = value.sentences.flatMap(({ cites }, sentence) =>
    cites.map(({ row, column, finding }) => ({
      sentence,
      ...(row === null ? {} : { row }),
      ...(column === null ? {} : { column }),
      ...(finding === null ? {} : { finding }),
    })),
  );
  return { kind: 'text', text, citations, use };
}

/** A sentence as soon as it is written: null for one that cannot be relied on, and is not told. */
export type WrittenSentence = string | null;

/**
 * The same, sentence by sentence as it is written: each is looked up by itself, and one that does not hold is left out.
 *
 * @param signal to be aborted by who reads no further
 * @returns what it cost
 * @throws ModelError also after sentences have come; these hold
 */
export async function* modelSentences(
  model: LanguageModel,
  subject: Subject,
  signal: AbortSignal,
): AsyncGenerator<WrittenSentence, ModelUse, void> {
  const hidden = new PrivateValues(privateCells(subject));
  const told = toldOf(subject, hidden);
  const prompt = dataBlock('A question, and the result that answers it', told);
  const instructions = `${INSTRUCTIONS}\n\n${LINES}`;
  const pieces = model.stream({ purpose: 'reply', instructions, prompt, maxOutputTokens: MOST_OUTPUT_TOKENS, signal });
  let line = '';
  for (;;) {
    const next = await pieces.next();
    const lines = `${line}${next.done === true ? '\n' : next.value}`.split('\n');
    line = lines.pop() ?? '';
    for (const whole of lines) {
      const sentence = sentenceIn(whole);
      if (sentence === null) continue;
      yield refusalOf([sentence], told, hidden) === null ? hidden.restore(sentence.text.trim()) : null;
    }
    if (next.done === true) return next.value.use;
  }
}

/** Null for a line that is no sentence: a fence of Markdown, an empty one, or what somebody made up. */
function sentenceIn(line: string): Sentences[number] | null {
  try {
    return SENTENCE.safeParse(JSON.parse(line.trim().replace(/,$/, ''))).data ?? null;
  } catch {
    return null;
  }
}

interface Told {
  question: string | null;
  meaning: string | null;
  row_count: number;
  columns: { name: string; type: string }[];
  rows: CellValue[][];
  findings: { key: string; sentence: string }[];
}

function toldOf(subject: Subject, hidden: PrivateValues): Told & Record<string, unknown> {
  const { question, meaning, columns, rows, rowCount, truncated, findings, warnings, privateColumns } = subject;
  const privateNames = new Set(columns.flatMap(({ name }, index) => (privateColumns.has(index) ? [name] : [])));
  return {
    question: question === null ? null : hidden.hide(question),
    meaning: meaning === null ? null : hidden.hide(meaning),
    row_count: rowCount,
    ...(truncated ? { note: 'The result has more rows than were kept.' } : {}),
    columns: columns.map(({ name, type }) => ({ name, type })),
    rows: rows
      .slice(0, MOST_ROWS)
      .map((row) => row.map((cell, index) => toldCell(cell, privateColumns.has(index), hidden))),
    findings: findings
      .filter((finding) => !finding.columns.some((name) => privateNames.has(name)))
      .map(({ key, sentence }) => ({ key, sentence: hidden.hide(sentence) })),
    warnings,
  };
}

function toldCell(cell: CellValue, isPrivate: boolean, hidden: PrivateValues): CellValue {
  if (cell === null || typeof cell === 'boolean') return isPrivate && cell !== null ? hidden.token(String(cell)) : cell;
  if (isPrivate) return hidden.token(plain(cell));
  if (typeof cell === 'number') return cell;
  const text = plain(cell).slice(0, LONGEST_CELL);
  // Decimals and large integers come as text, and may look like numbers of accounts.
  return /^-?\d+(\.\d+)?$/.test(text) ? text : hidden.hide(text);
}

function privateCells({ rows, privateColumns }: Subject): string[] {
  return rows.flatMap((row) =>
    row.flatMap((cell, index) => (privateColumns.has(index) && typeof cell === 'string' ? [cell] : [])),
  );
}

function plain(cell: CellValue): string {
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell);
}

/** Why a text is not used; null when it can be. */
function refusalOf(sentences: Sentences, told: Told, hidden: PrivateValues): string | null {
  const whole = sentences.map(({ text }) => text).join(' ');
  if (whole.trim() === '' || whole.length > LONGEST_TEXT) return 'its text was empty or too long';
  if (/https?:|www\.|\]\(|<[a-z/!]/i.test(whole)) return 'its text had links or markup in it';
  if (/\[\[|\]\]/.test(hidden.restore(whole))) return 'its text named a value that it was not told';
  const anywhere = [told.row_count, ...numbersIn(`${told.question ?? ''} ${told.meaning ?? ''}`)];
  for (const { text, cites } of sentences) {
    const known = [...anywhere];
    for (const { row, column, finding } of cites) {
      const cited = citedText(row, column, finding, told);
      if (cited === null) return 'it cited what is not in the result';
      known.push(...numbersIn(cited));
    }
    const relation = relationIn(text);
    if (relation !== null && !saysSo(relation, told)) {
      return `it claimed a relation of figures (“${relation}”) that is not in the findings`;
    }
    const unknown = figuresIn(withoutTokens(text)).find((figure) => !isAmong(figure, known));
    if (unknown !== undefined) return `its figure ${unknown.text} is not in what it cited`;
  }
  return null;
}

/** Whether a word of the text is a finding's own. */
function saysSo(relation: string, { findings, question }: Told): boolean {
  const own = [question ?? '', ...findings.map(({ sentence }) => sentence)].join(' ').toLowerCase();
  return own.includes(relation.toLowerCase());
}

function citedText(row: number | null, column: string | null, finding: string | null, told: Told): string | null {
  if (finding !== null) return told.findings.find(({ key }) => key === finding)?.sentence ?? null;
  if (row === null || column === null) return null;
  const place = told.columns.findIndex(({ name }) => name === column);
  const cells = told.rows[row];
  if (place < 0 || cells === undefined) return null;
  return plain(cells[place] ?? null);
}

function numbersIn(text: string): number[] {
  // Every run of digits as well: days and months of dates.
  const runs = Array.from(withoutTokens(text).matchAll(/\d+/g), ([digits]) => Number(digits));
  return [...figuresIn(withoutTokens(text)).map(({ value }) => value), ...runs];
}

function withoutTokens(text: string): string {
  return text.replaceAll(/\[\[value_\d+\]\]/g, ' ');
}

const LINES =
  'Write every sentence as one line of JSON, {"text": "…", "cites": […]}, each on a line of its own, and nothing else.';

const INSTRUCTIONS = `You write a short text, of three sentences at the most, that tells somebody what the result of their question says.

- Say only what is in the rows and findings. No figure that is not there: compute nothing, not even a difference or a share.
- For every sentence, "cites" has where each of its figures is from: {"row": 0, "column": "name", "finding": null} for a cell (rows are
  counted from 0), or {"row": null, "column": null, "finding": "key"} for a finding.
- [[value_1]] and the like stand for values that you are not told. Use them as they are.
- Say what the warnings say. No Markdown, no links. The language of the question.

${ABOUT_DATA_BLOCKS}`;
