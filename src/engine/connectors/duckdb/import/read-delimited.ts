import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { EngineError } from '../../../errors.js';
import { runLocked } from '../locked-run.js';
import { messageOf } from '../query-errors.js';
import { literal, TABLE_FORMAT } from '../sql-text.js';
import { type DetectedDialect, detectDialect } from './csv-dialect.js';
import { explainRefusal, plural } from './csv-explanation.js';
import { csvRows, type CsvTable } from './csv-table.js';
import {
  checkedValue,
  type CsvColumn,
  DECIMAL_COMMA,
  provenValue,
  readerType,
  typeTrials,
  unfitColumn,
} from './csv-types.js';
import { copyGoodRecords } from './csv-good-records.js';
import { readHead } from './file-format.js';
import { firstFitting } from './first-fitting.js';
import { MAX_COLUMNS, type ReaderRequest, type ReadTable, type TableReader } from './import-request.js';
import { sniffCsv } from './sniff-csv.js';
import { convertText, detectEncoding, NeedsConversion } from './text-encoding.js';

const SAMPLE_BYTES = 1024 * 1024;
/** From this part of the sample the dialect is told. */
const DIALECT_BYTES = 256 * 1024;

/** What holds every value. */
const AS_TEXT = { type: 'VARCHAR', format: null } as const;

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
  const encoding = request.options.encoding ?? detectEncoding(sample, complete);
  try {
    if (encoding !== 'utf-8') throw new NeedsConversion(encoding, true);
    return await readUtf8(request, request.file);
  } catch (error) {
    if (!(error instanceof NeedsConversion)) throw error;
    // Valid UTF-8 at the beginning would turn into other characters if all of it were read as windows-1252.
    const mixed = error.encoding !== 'utf-8' && encoding === 'utf-8' && sample.some((byte) => byte > 0x7f);
    if (mixed || (error.encoding !== 'utf-8' && request.options.encoding === 'utf-8'))
      throw mixedEncodings(request, error);
    return readConverted(request, error);
  }
};

async function readConverted(request: ReaderRequest, { encoding, unifyLineEnds }: NeedsConversion): Promise<ReadTable> {
  const converted = join(request.scratchDirectory, `text-${randomUUID()}.csv`);
  try {
    await convertText({ from: request.file, to: converted, encoding, unifyLineEnds, signal: request.signal });
    const table = await readUtf8(request, converted);
    const note =
      encoding === 'utf-8' ? 'Line ends of several kinds were made one.' : `The text was read as ${encoding}.`;
    return { ...table, notes: [note, ...table.notes], reading: { ...table.reading, encoding } };
  } catch (error) {
    if (!(error instanceof NeedsConversion)) throw error;
    throw mixedEncodings(request, error);
  } finally {
    await rm(converted, { force: true });
  }
}

function mixedEncodings({ fileName }: ReaderRequest, cause: unknown): EngineError {
  const message = `“${fileName}” mixes text encodings, or is not text. Save it as UTF-8 and upload it again.`;
  return new EngineError('file_malformed', message, { cause });
}

async function readUtf8(request: ReaderRequest, file: string): Promise<ReadTable> {
  const sample = await readHead(file, DIALECT_BYTES);
  const complete = sample.length < DIALECT_BYTES;
  const dialect = await detectDialect(sample, complete, request.options);
  if (complete && sample.toString('latin1').trim() === '') {
    throw new EngineError('file_empty', `“${request.fileName}” holds only blank lines. Upload a file that has rows.`);
  }
  if (dialect.lineEnds.length > 1 && file === request.file) throw new NeedsConversion('utf-8', true);
  if (dialect.columns > MAX_COLUMNS) {
    throw new EngineError(
      'file_malformed',
      `“${request.fileName}” has ${dialect.columns} columns; at most ${MAX_COLUMNS} can be imported.`,
      { details: { problem: 'too_many_columns' } },
    );
  }
  try {
    return await readTable(request, file, dialect);
  } catch (error) {
    if (error instanceof EngineError || error instanceof NeedsConversion || request.signal.aborted) throw error;
    const explained = await explainRefusal(error, file, dialect, request);
    const isAboutLines = explained instanceof EngineError && 'line' in explained.details;
    if (request.options.on_bad_lines !== 'skip' || !isAboutLines) throw explained;
    return readGoodRecords(request, file, dialect);
  }
}

async function readTable(request: ReaderRequest, file: string, dialect: DetectedDialect): Promise<ReadTable> {
  const { target, signal } = request;
  return runLocked({ ...request, files: [file, target] }, { signal }, async (connection) => {
    const table = await sniffCsv(connection, file, dialect, request);
    const written = await writeTyped(connection, table, request);
    const { delimiter, quote, skippedLines } = dialect;
    return {
      rowCount: written.rowCount,
      notes: notesOn(written.table),
      reading: { encoding: 'utf-8', dialect: { delimiter, quote, skippedLines, header: table.header } },
    };
  });
}

/** Reads what is left when every line that is not as the others has been left out. */
async function readGoodRecords(request: ReaderRequest, file: string, dialect: DetectedDialect): Promise<ReadTable> {
  const good = join(request.scratchDirectory, `lines-${randomUUID()}.csv`);
  try {
    const rejects = await copyGoodRecords({ from: file, to: good, dialect, ...request });
    return { ...(await readTable(request, good, dialect)), rejects };
  } catch (error) {
    if (error instanceof EngineError || request.signal.aborted) throw error;
    throw await explainRefusal(error, good, dialect, request);
  } finally {
    await rm(good, { force: true });
  }
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
  const allText = new Map(table.columns.map(({ name }) => [name, 'VARCHAR']));
  const found = await firstFitting(connection, csvRows(table, allText), uncertain.map(typeTrials));
  const fitting = new Map(
    uncertain.map((column, index) => {
      const type = found[index]?.type ?? 'VARCHAR';
      return [column.name, { ...column, type, format: type === column.type ? column.format : null }];
    }),
  );
  return { ...table, columns: table.columns.map((column) => fitting.get(column.name) ?? column) };
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
    if (format === DECIMAL_COMMA) notes.push(`The numbers of “${name}” were read with a decimal comma.`);
    else if (format !== null) notes.push(`The dates of “${name}” were read as ${readable(format)}.`);
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

function notOfType({ name, type }: CsvColumn, { fileName }: ReaderRequest, cause: unknown): EngineError {
  return new EngineError(
    'file_malformed',
    `“${fileName}” has values in column “${name}” that are not ${type}. Ask for text, or correct the values.`,
    { cause, details: { problem: 'type', column: name } },
  );
}
