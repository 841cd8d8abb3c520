/**
 * A page of an answer: a JSON object whose `data` are the rows. They are cut out as they are spelled, because a number of
 * JavaScript would lose digits of a bigint.
 */
import { notItsProtocol } from '../remote/source-errors.js';

export interface TrinoColumn {
  name: string;
  type: string;
}

export interface TrinoFailure {
  message: string;
  /** For example `COLUMN_NOT_FOUND`. */
  errorName: string;
  /** `USER_ERROR`, `INTERNAL_ERROR`, `INSUFFICIENT_RESOURCES` or `EXTERNAL`. */
  errorType: string;
}

/** What is read of the rest of a page ("Client REST API", QueryResults). */
export interface TrinoPage {
  nextUri?: string;
  columns?: TrinoColumn[];
  error?: TrinoFailure;
  /** The rows, between the brackets of their array. */
  rows: Buffer | undefined;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const SPACE = 0x20;

/** @throws EngineError `source_lost` for what is no page */
export function readPage(body: Buffer): TrinoPage {
  const data = findData(body);
  const rest = data ? Buffer.concat([body.subarray(0, data.from), Buffer.from('[]'), body.subarray(data.to)]) : body;
  const page = parsed(rest);
  if (!isPage(page)) throw notItsProtocol();
  return { ...page, rows: data && body.subarray(data.from + 1, data.to - 1) };
}

function parsed(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'));
  } catch (error) {
    throw notItsProtocol(error);
  }
}

function isPage(value: unknown): value is Omit<TrinoPage, 'rows'> {
  if (typeof value !== 'object' || value === null || !('id' in value) || typeof value.id !== 'string') return false;
  const { nextUri, columns, error } = value as Record<string, unknown>;
  const isText = (text: unknown): boolean => typeof text === 'string';
  const isColumn = (column: unknown): boolean =>
    typeof column === 'object' &&
    column !== null &&
    isText(Reflect.get(column, 'name')) &&
    isText(Reflect.get(column, 'type'));
  const isFailure = typeof error === 'object' && error !== null && isText(Reflect.get(error, 'errorName'));
  return (
    (nextUri === undefined || isText(nextUri)) &&
    (columns === undefined || (Array.isArray(columns) && columns.every(isColumn))) &&
    (error === undefined || isFailure)
  );
}

/** Where the array of the rows stands in the outermost object. */
function findData(body: Buffer): { from: number; to: number } | undefined {
  let at = skipBlanks(body, 0);
  if (body[at] !== OPEN_OBJECT) throw notItsProtocol();
  at = skipBlanks(body, at + 1);
  while (body[at] === QUOTE) {
    const afterName = skipValue(body, at);
    const name = body.toString('latin1', at + 1, afterName - 1);
    at = skipBlanks(body, afterName);
    if (body[at] !== COLON) throw notItsProtocol();
    const from = skipBlanks(body, at + 1);
    at = skipValue(body, from);
    if (name === 'data' && body[from] === OPEN) return { from, to: at };
    at = skipBlanks(body, at);
    if (body[at] === COMMA) at = skipBlanks(body, at + 1);
  }
  return undefined;
}

/** @returns where the value ends that begins here */
function skipValue(body: Buffer, from: number): number {
  let depth = 0;
  for (let at = from; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === QUOTE) {
      at = endOfText(body, at);
      if (depth === 0) return at + 1;
    } else if (byte === OPEN || byte === OPEN_OBJECT) depth += 1;
    else if (byte === CLOSE || byte === CLOSE_OBJECT) {
      depth -= 1;
      if (depth < 0) return at;
      if (depth === 0) return at + 1;
    } else if (byte === COMMA && depth === 0) return at;
  }
  throw notItsProtocol();
}

/** @returns where the closing quote is */
function endOfText(body: Buffer, from: number): number {
  for (let at = from + 1; at < body.length; at += 1) {
    if (body[at] === BACKSLASH) at += 1;
    else if (body[at] === QUOTE) return at;
  }
  throw notItsProtocol();
}

function skipBlanks(body: Buffer, from: number): number {
  let at = from;
  while ((body[at] ?? COLON) <= SPACE) at += 1;
  return at;
}
