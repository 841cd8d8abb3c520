import { setImmediate } from 'node:timers/promises';
import { type CsvDialect, type CsvRecord, CsvRecordScanner, isBlank, type LineEnd } from './csv-records.js';

export interface DetectedDialect extends CsvDialect {
  columns: number;
  /** Lines before the table begins: a title, remarks, blank lines. */
  skippedLines: number;
  /** The kinds of line end in the sample; more than one confuses DuckDB's reader. */
  lineEnds: LineEnd[];
}

/** What the caller knows already. */
export interface KnownDialect {
  delimiter?: string;
  /** Empty: nothing is quoted. */
  quote?: string;
}

/** In order of preference where two explain the sample equally well: a comma also stands in numbers and sentences. */
const DELIMITERS = ['\t', ';', '|', ','];
/** Characters that no text holds, for a file of one column. */
const UNUSED_DELIMITERS = [',', ';', '\t', '|', '\x1f', '\x1e'];
const MIN_CONSISTENCY = 0.5;
/** Weight of more columns against a few more consistent rows. */
const COLUMNS_BONUS = 0.02;
const MAX_PREAMBLE_LINES = 100;
/** A line that fills no more of the columns is a title or a remark above the table. */
const TITLE_SHARE = 0.34;
/** A line that fills so many of them may be the first one of the table below titles. */
const HEADER_SHARE = 0.6;
const HASH = 35;

interface Reading {
  dialect: CsvDialect;
  records: CsvRecord[];
  lineEnds: LineEnd[];
  /** The number of fields that most records have, and their share. */
  columns: number;
  consistency: number;
  problems: number;
}

/**
 * Finds delimiter and quote of a delimited text: the pair under which most records have the same number of fields, more
 * than one. Rows that differ do not change the choice, so that they can be named instead of making the whole file look
 * like a single column.
 *
 * @param sample UTF-8, or any encoding that contains ASCII
 * @param complete false when the text continues beyond the sample
 */
export async function detectDialect(
  sample: Uint8Array,
  complete: boolean,
  known: KnownDialect = {},
): Promise<DetectedDialect> {
  const delimiters = known.delimiter ? [known.delimiter] : DELIMITERS;
  const readings: Reading[] = [];
  for (const delimiter of delimiters) readings.push(await bestQuote(sample, complete, delimiter, known.quote));
  const score = ({ consistency, columns }: Reading): number => consistency + COLUMNS_BONUS * Math.log2(columns);
  const tables = readings.filter(({ columns, consistency }) => columns > 1 && consistency >= MIN_CONSISTENCY);
  const table = tables.sort((a, b) => score(b) - score(a))[0];
  return describe(
    (table ?? known.delimiter) ? (table ?? firstOf(readings)) : await singleColumn(sample, complete, known.quote),
  );
}

function firstOf(readings: readonly Reading[]): Reading {
  const [first] = readings;
  if (!first) throw new RangeError('A dialect needs at least one delimiter to choose from.');
  return first;
}

function singleColumn(sample: Uint8Array, complete: boolean, quote: string | undefined): Promise<Reading> {
  const unused = UNUSED_DELIMITERS.find((delimiter) => !sample.includes(delimiter.charCodeAt(0))) ?? '\x1f';
  return bestQuote(sample, complete, unused, quote);
}

async function bestQuote(
  sample: Uint8Array,
  complete: boolean,
  delimiter: string,
  quote: string | undefined,
): Promise<Reading> {
  const read = (mark: string, escape: string): Promise<Reading> =>
    scan(sample, complete, { delimiter, quote: mark, escape });
  if (quote === '') return read('', '');
  const doubled = await read(quote ?? '"', quote ?? '"');
  if (doubled.problems > 0) {
    const backslash = await read(quote ?? '"', '\\');
    if (backslash.problems === 0) return backslash;
  }
  const quoted = (reading: Reading): number => reading.records.reduce((sum, record) => sum + record.quotedFields, 0);
  if (quote === undefined && quoted(doubled) === 0) {
    const single = await read("'", "'");
    if (quoted(single) > 1 && single.problems === 0 && single.consistency > doubled.consistency) return single;
  }
  // Tab-separated files are often written without any quoting; a quote is then a character like others.
  if (quote === undefined && delimiter === '\t' && doubled.problems > 0) {
    const bare = await read('', '');
    if (bare.consistency === 1) return bare;
  }
  return doubled;
}

/** Requests are served between one reading of the sample and the next. */
async function scan(sample: Uint8Array, complete: boolean, dialect: CsvDialect): Promise<Reading> {
  await setImmediate();
  const records: CsvRecord[] = [];
  const scanner = new CsvRecordScanner(dialect, (record) => records.push(record));
  scanner.push(sample);
  scanner.end();
  // The last record of a sample is cut somewhere.
  if (!complete && records.length > 1) records.pop();
  const filled = records.filter((record) => !isBlank(record));
  const counts = new Map<number, number>();
  for (const { fields } of filled) counts.set(fields, (counts.get(fields) ?? 0) + 1);
  const [columns, frequency] = [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [1, 0]);
  return {
    dialect,
    records: filled,
    lineEnds: [...scanner.lineEnds],
    columns,
    consistency: filled.length === 0 ? 0 : frequency / filled.length,
    problems: filled.filter(({ problem }) => problem !== null).length,
  };
}

function describe({ dialect, records, columns, lineEnds }: Reading): DetectedDialect {
  // "a,b" above rows such as "1,2,": the comma at the end opens no third column.
  const trailing = records.filter(({ fields }) => fields === columns).every(({ lastFieldEmpty }) => lastFieldEmpty);
  const header = records.find(({ fields }) => fields >= columns - 1);
  if (trailing && header?.fields === columns - 1 && columns > 2) {
    return { ...dialect, columns: columns - 1, skippedLines: linesBefore(header), lineEnds };
  }
  const start = startOfTable(records, columns);
  const before = records.slice(0, start);
  const mostOfTitle = Math.max(1, Math.floor(columns * TITLE_SHARE));
  const isPreamble =
    columns > 1 &&
    start <= MAX_PREAMBLE_LINES &&
    before.every(({ filledFields, firstByte }) => filledFields <= mostOfTitle || firstByte === HASH);
  return { ...dialect, columns, skippedLines: linesBefore(isPreamble ? records[start] : records[0]), lineEnds };
}

/** The first record of the table's width; spreadsheets write titles with as many delimiters as the table has, behind one text. */
function startOfTable(records: readonly CsvRecord[], columns: number): number {
  const first = records.findIndex(({ fields }) => fields === columns);
  if (columns < 3) return first;
  const filled = records.findIndex((record) => record.fields === columns && record.filledFields > 1);
  return (records[filled]?.filledFields ?? 0) >= columns * HEADER_SHARE ? filled : first;
}

function linesBefore(record: CsvRecord | undefined): number {
  return record ? record.line - 1 : 0;
}
