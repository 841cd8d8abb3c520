import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { EngineError } from '../../../errors.js';
import { distinctNames } from '../column-names.js';
import { runLocked } from '../locked-run.js';
import { messageOf } from '../query-errors.js';
import { literal, TABLE_FORMAT } from '../sql-text.js';
import { type CsvDefect, findDefect } from './csv-defects.js';
import { type DetectedDialect, detectDialect } from './csv-dialect.js';
import { checkedValue, type CsvColumn, provenValue, readerType, typeTrials, unfitColumn } from './csv-types.js';
import { readHead } from './file-format.js';
import { MAX_COLUMNS, type ReaderRequest, type TableReader } from './import-request.js';
import { requestedType } from './import-options.js';
import { convertText, detectEncoding, type TextEncodingName } from './text-encoding.js';

const SAMPLE_BYTES = 1024 * 1024;
/** From this part of the sample the dialect is told. */
const DIALECT_BYTES = 256 * 1024;
/** Rows from which DuckDB guesses header and types. */
const SNIFFED_ROWS = 20_480;
/** Longest line, in bytes. */
const MAX_LINE_BYTES = 2 * 1024 * 1024;
/** What the reader takes at once; DuckDB's own choice, 16 lines, doubles the memory and gains no time. */
const BUFFER_BYTES = 4 * MAX_LINE_BYTES;

/** What holds every value. */
const AS_TEXT = { type: 'VARCHAR', format: null } as const;

interface CsvTable {
  file: string;
  dialect: DetectedDialect;
  header: boolean;
  columns: CsvColumn[];
}

/** The text has to be written again before DuckDB's reader can take it. */
class NeedsConversion extends Error {
  constructor(
    readonly encoding: TextEncodingName,
    readonly unifyLineEnds: boolean,
  ) {
    super('The text needs another encoding or other line ends.');
  }
}

/**
 * Makes one Parquet table of a delimited text. The dialect is told from a sample, header and types by DuckDB's sniffer;
 * the file is then read once, with every conversion checked. Only when that fails is it read again: to write it anew in
 * UTF-8 with one kind of line end, to find types for all its values, or to name the line that is wrong.
 *
 * @throws EngineError `file_empty`, `file_malformed` with `line` in its details where there is one, `query_cancelled`
 */
export const readDelimited: TableReader = async (request) => {
  const sample = await readHead(request.file, SAMPLE_BYTES);
  const complete = sample.length < SAMPLE_BYTES;
  const encoding = detectEncoding(sample, complete);
  try {
    if (encoding !== 'utf-8') throw new NeedsConversion(encoding, true);
    return await readUtf8(request, request.file);
  } catch (error) {
    if (!(error instanceof NeedsConversion)) throw error;
    return readConverted(request, error);
  }
};

async function readConverted(
  request: ReaderRequest,
  { encoding, unifyLineEnds }: NeedsConversion,
): Promise<{ rowCount: number; notes: string[] }> {
  const converted = join(request.scratchDirectory, `text-${randomUUID()}.csv`);
  try {
    await convertText({ from: request.file, to: converted, encoding, unifyLineEnds, signal: request.signal });
    const table = await readUtf8(request, converted);
    const note =
      encoding === 'utf-8' ? 'Line ends of several kinds were made one.' : `The text was read as ${encoding}.`;
    return { ...table, notes: [note, ...table.notes] };
  } catch (error) {
    if (!(error instanceof NeedsConversion)) throw error;
    throw new EngineError(
      'file_malformed',
      `“${request.fileName}” mixes text encodings, or is not text. Save it as UTF-8 and upload it again.`,
      { cause: error },
    );
  } finally {
    await rm(converted, { force: true });
  }
}

async function readUtf8(request: ReaderRequest, file: string): Promise<{ rowCount: number; notes: string[] }> {
  const sample = await readHead(file, DIALECT_BYTES);
  const complete = sample.length < DIALECT_BYTES;
  const dialect = detectDialect(sample, complete, request.options);
  if (complete && sample.toString('latin1').trim() === '') {
    throw new EngineError('file_empty', `“${request.fileName}” holds only blank lines. Upload a file that has rows.`);
  }
  if (dialect.lineEnds.length > 1 && file === request.file) throw new NeedsConversion('utf-8', true);
  if (dialect.columns > MAX_COLUMNS) {
    throw new EngineError(
      'file_malformed',
      `“${request.fileName}” has ${dialect.columns} columns; at most ${MAX_COLUMNS} can be imported.`,
    );
  }
  const { target } = request;
  try {
    return await runLocked({ ...request, files: [file, target] }, { signal: request.signal }, async (connection) => {
      const table = await sniff(connection, file, dialect, request);
      const written = await writeTyped(connection, table, request);
      return { rowCount: written.rowCount, notes: notesOn(written.table) };
    });
  } catch (error) {
    if (error instanceof EngineError || error instanceof NeedsConversion || request.signal.aborted) throw error;
    throw await explain(error, file, dialect, request);
  }
}

async function sniff(
  connection: DuckDBConnection,
  file: string,
  dialect: DetectedDialect,
  { options, fileName }: ReaderRequest,
): Promise<CsvTable> {
  const header = options.header === undefined ? [] : [`header = ${options.header}`];
  const reader = await connection.runAndReadAll(
    `SELECT HasHeader, to_json(Columns), DateFormat, TimestampFormat
     FROM sniff_csv(${[literal(file), ...dialectOptions(dialect), `sample_size = ${SNIFFED_ROWS}`, ...header].join(', ')})`,
  );
  const [hasHeader, columnsJson, dateFormat, timestampFormat] = reader.getRows()[0] ?? [];
  const sniffed = JSON.parse(String(columnsJson)) as { name: string; type: string }[];
  if (sniffed.length !== dialect.columns) throw new Error('The sniffer found another number of columns.');
  const names = distinctNames(sniffed.map(({ name }) => name));
  const types = new Map(Object.entries(options.types ?? {}));
  const columns = sniffed.map(({ type }, index): CsvColumn => {
    const name = names[index] ?? '';
    const wanted = types.get(name);
    types.delete(name);
    if (wanted) return { name, type: requestedType(wanted), format: null, fixed: true };
    return { name, type, format: formatOf(type, dateFormat, timestampFormat), fixed: false };
  });
  const [unknown] = types.keys();
  if (unknown !== undefined) {
    throw new EngineError(
      'file_malformed',
      `“${fileName}” has no column “${unknown}” to give a type to. Its columns are ${names.slice(0, 20).join(', ')}.`,
    );
  }
  return { file, dialect, header: hasHeader === true, columns };
}

function formatOf(type: string, dateFormat: unknown, timestampFormat: unknown): string | null {
  const format = type === 'DATE' ? dateFormat : type === 'TIMESTAMP' ? timestampFormat : null;
  return typeof format === 'string' && format !== '' && format !== '%Y-%m-%d' ? format : null;
}

/** Writes the table, and once more with types that fit every value if those that the first rows suggest do not. */
async function writeTyped(
  connection: DuckDBConnection,
  table: CsvTable,
  request: ReaderRequest,
): Promise<{ table: CsvTable; rowCount: number }> {
  const attempt = async (candidate: CsvTable, valueOf: typeof checkedValue): Promise<number | null> => {
    try {
      return await write(connection, candidate, candidate.columns.map(valueOf), request.target);
    } catch (error) {
      const message = messageOf(error);
      const position = unfitColumn(message);
      if (position === null && !message.startsWith('Conversion Error')) throw error;
      const column = position === null ? undefined : candidate.columns[position];
      if (column?.fixed) throw notOfType(column, request, error);
      return null;
    }
  };
  const guessed = await attempt(table, checkedValue);
  if (guessed !== null) return { table, rowCount: guessed };
  const fitting = await withFittingTypes(connection, table);
  const fitted = await attempt(fitting, provenValue);
  if (fitted !== null) return { table: fitting, rowCount: fitted };
  const columns = table.columns.map((column) => (column.fixed ? column : { ...column, ...AS_TEXT }));
  const text = { ...table, columns };
  return { table: text, rowCount: await write(connection, text, columns.map(provenValue), request.target) };
}

async function write(
  connection: DuckDBConnection,
  table: CsvTable,
  output: readonly string[],
  target: string,
): Promise<number> {
  const types = new Map(table.columns.map((column) => [column.name, readerType(column)]));
  const copied = await connection.run(
    `COPY (SELECT ${output.join(', ')} FROM ${csvRows(table, types)})
     TO ${literal(target)} (${TABLE_FORMAT})`,
  );
  return copied.rowsChanged;
}

async function withFittingTypes(connection: DuckDBConnection, table: CsvTable): Promise<CsvTable> {
  const uncertain = table.columns.filter(({ type, fixed }) => type !== 'VARCHAR' && !fixed);
  const trials = uncertain.map((column) => ({ column, trials: typeTrials(column) }));
  const allText = new Map(table.columns.map(({ name }) => [name, 'VARCHAR']));
  const reader = await connection.runAndReadAll(
    `SELECT ${trials.flatMap((trial) => trial.trials.map(({ allFit }) => allFit)).join(', ')} FROM ${csvRows(table, allText)}`,
  );
  const verdicts = [...(reader.getRows()[0] ?? [])];
  const fitting = new Map(
    trials.map(({ column, trials: tried }) => {
      const fit = verdicts.splice(0, tried.length);
      const type = tried.find((_, index) => fit[index] === true)?.type ?? 'VARCHAR';
      return [column.name, { ...column, type, format: type === column.type ? column.format : null }];
    }),
  );
  return { ...table, columns: table.columns.map((column) => fitting.get(column.name) ?? column) };
}

function csvRows({ file, dialect, header, columns }: CsvTable, types: ReadonlyMap<string, string>): string {
  const fields = columns.map(({ name }) => `${literal(name)}: ${literal(types.get(name) ?? 'VARCHAR')}`);
  const format = (type: string): string | undefined =>
    columns.find((column) => column.type === type && column.format !== null && types.get(column.name) === type)
      ?.format ?? undefined;
  const dateFormat = format('DATE');
  const timestampFormat = format('TIMESTAMP');
  const options = [
    literal(file),
    ...dialectOptions(dialect),
    'auto_detect = false',
    `header = ${header}`,
    `columns = {${fields.join(', ')}}`,
    ...(dateFormat === undefined ? [] : [`dateformat = ${literal(dateFormat)}`]),
    ...(timestampFormat === undefined ? [] : [`timestampformat = ${literal(timestampFormat)}`]),
  ];
  return `read_csv(${options.join(', ')})`;
}

function dialectOptions({ delimiter, quote, escape, skippedLines }: DetectedDialect): string[] {
  return [
    `delim = ${literal(delimiter)}`,
    `quote = ${literal(quote)}`,
    `escape = ${literal(escape)}`,
    `comment = ''`,
    `skip = ${skippedLines}`,
    `max_line_size = ${MAX_LINE_BYTES}`,
    `buffer_size = ${BUFFER_BYTES}`,
    'hive_partitioning = false',
  ];
}

function notesOn({ dialect, columns, header }: CsvTable): string[] {
  const notes: string[] = [];
  if (dialect.skippedLines > 0) {
    notes.push(
      `${plural(dialect.skippedLines, 'line')} above the table ${dialect.skippedLines === 1 ? 'was' : 'were'} left out.`,
    );
  }
  if (!header) notes.push(`The first line is data, so the columns are named ${columns[0]?.name ?? ''} and so on.`);
  for (const { name, format } of columns) {
    if (format !== null) notes.push(`The dates of “${name}” were read as ${readable(format)}.`);
  }
  return notes;
}

/** strptime's letters as people write a pattern: `%d/%m/%Y` is `day/month/year`. */
function readable(format: string): string {
  const words: Record<string, string> = {
    d: 'day',
    m: 'month',
    Y: 'year',
    y: 'year',
    H: 'hour',
    M: 'minute',
    S: 'second',
  };
  return format.replace(/%-?([A-Za-z])/g, (code, letter: string) => words[letter] ?? code);
}

/** What is wrong with a file that DuckDB's reader has refused. */
async function explain(
  error: unknown,
  file: string,
  dialect: DetectedDialect,
  { fileName, signal, file: original }: ReaderRequest,
): Promise<Error> {
  const message = messageOf(error);
  if (message.startsWith('Out of Memory Error')) {
    return new EngineError('file_malformed', `“${fileName}” needs more memory to read than there is. Split it.`, {
      cause: error,
    });
  }
  const { columns, skippedLines } = dialect;
  const { defect, lineEnds } = await findDefect(file, {
    dialect,
    columns,
    skippedLines,
    maxLineBytes: MAX_LINE_BYTES,
    signal,
  });
  if (message.includes('not utf-8 encoded') && file === original) return new NeedsConversion('windows-1252', true);
  if (defect) return malformed(fileName, defect, error);
  if (lineEnds.length > 1 && file === original) return new NeedsConversion('utf-8', true);
  return new EngineError(
    'file_malformed',
    `“${fileName}” cannot be read as a table. Check delimiter and quotes, or give them in the options.`,
    { cause: error },
  );
}

function malformed(fileName: string, defect: CsvDefect, cause: unknown): EngineError {
  const { kind: problem, ...details } = defect;
  return new EngineError('file_malformed', `“${fileName}”, ${sentence(defect)}`, {
    cause,
    details: { problem, ...details },
  });
}

function sentence(defect: CsvDefect): string {
  switch (defect.kind) {
    case 'columns':
      return (
        `line ${defect.line} has ${plural(defect.found, 'column')} where ${defect.expected} are expected. ` +
        'Correct the line, or quote fields that hold the delimiter.'
      );
    case 'unterminated_quote':
      return `line ${defect.line} opens a quote that is never closed. Close it, or double it if it is part of the text.`;
    case 'text_after_quote':
      return `line ${defect.line} has text after a closing quote. Double the quotes that are part of a quoted text.`;
    case 'line_too_long':
      return `line ${defect.line} is longer than ${Math.round(defect.limit / 1024)} kB. Check its line ends and quotes.`;
  }
}

function notOfType({ name, type }: CsvColumn, { fileName }: ReaderRequest, cause: unknown): EngineError {
  return new EngineError(
    'file_malformed',
    `“${fileName}” has values in column “${name}” that are not ${type}. Ask for text, or correct the values.`,
    { cause, details: { problem: 'type', column: name } },
  );
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
