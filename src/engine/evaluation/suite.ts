/** Evaluation suites on disk: databases as Parquet, questions with the results that are right for them. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Relationship } from '../catalog/catalog.js';
import type { CellValue } from '../charts/contract.js';

/** One acceptable result. */
export interface ExpectedResult {
  columns: string[];
  rows: CellValue[][];
  /** Rows must come in this order. */
  ordered: boolean;
  /** Groups of column positions of which any non-empty subset is enough. */
  any_of?: number[][];
}

/** What depends on ties: the order of the rows, or which rows there are. */
export type Unstable = 'order' | 'rows';

export interface SuiteTurn {
  id: string;
  question: string;
  category: string | null;
  unstable: Unstable | null;
  /** Null where the data cannot answer; empty where the turn is only there for those that follow. */
  expected: ExpectedResult[] | null;
}

/** Questions that lean on those before them; a single question is a conversation of one turn. */
export type SuiteConversation = SuiteTurn[];

export interface SuiteTable {
  name: string;
  file: string;
  /** Descriptions of columns by their name. */
  descriptions: Record<string, string>;
  primaryKey: string[];
}

export interface SuiteDatabase {
  suite: string;
  name: string;
  tables: SuiteTable[];
  relationships: Relationship[];
  conversations: SuiteConversation[];
}

interface SchemaFile {
  tables: { name: string; columns: { name: string; description?: string }[]; primary_key?: string[] }[];
  relationships?: Pick<Relationship, 'from' | 'to'>[];
}

interface QuestionLine {
  id: string;
  question: string;
  category?: string | number;
  unstable?: Unstable;
  expected?: ExpectedResult[];
}

interface DialogueLine {
  id: string;
  turns: Omit<QuestionLine, 'id'>[];
}

/**
 * Finds every database with questions in a folder and below it, in the order of their names. The folder may be one
 * database, a suite of them, or several suites.
 */
export function readSuites(folder: string): SuiteDatabase[] {
  const path = resolve(folder);
  const conversations = readConversations(path);
  if (conversations !== null) return [{ ...readDatabase(path), conversations }];
  return readdirSync(path)
    .filter((name) => statSync(join(path, name)).isDirectory())
    .sort()
    .flatMap((name) => readSuites(join(path, name)));
}

function readDatabase(path: string): Omit<SuiteDatabase, 'conversations'> {
  const elsewhere = join(path, 'database.json');
  const home = existsSync(elsewhere) ? resolve(path, (readJson(elsewhere) as { tables_of: string }).tables_of) : path;
  const schema = readJson(join(home, 'schema.json')) as SchemaFile;
  return {
    suite: basename(resolve(path, '..')),
    name: basename(path),
    tables: schema.tables.map(({ name, columns, primary_key = [] }) => ({
      name,
      file: join(home, 'tables', `${name}.parquet`),
      primaryKey: primary_key,
      descriptions: Object.fromEntries(
        columns.flatMap((column) => (column.description === undefined ? [] : [[column.name, column.description]])),
      ),
    })),
    relationships: (schema.relationships ?? []).map(({ from, to }) => ({
      from,
      to,
      origin: 'declared',
      confidence: 1,
    })),
  };
}

function readConversations(path: string): SuiteConversation[] | null {
  const questions = join(path, 'questions.jsonl');
  if (existsSync(questions)) return readLines<QuestionLine>(questions).map((line) => [turnOf(line, line.id)]);
  const dialogues = join(path, 'dialogues.jsonl');
  if (!existsSync(dialogues)) return null;
  return readLines<DialogueLine>(dialogues).map(({ id, turns }) =>
    turns.map((turn, index) => turnOf(turn, `${id}#${index + 1}`)),
  );
}

function turnOf({ question, category, unstable, expected }: Omit<QuestionLine, 'id'>, id: string): SuiteTurn {
  return {
    id,
    question,
    category: category === undefined ? null : String(category),
    unstable: unstable ?? null,
    expected: expected ?? null,
  };
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function readLines<T>(file: string): T[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as T);
}
