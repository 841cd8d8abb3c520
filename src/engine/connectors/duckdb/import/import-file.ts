import { randomUUID } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../../errors.js';
import { cancelled } from '../interruption.js';
import { tableName } from '../table-names.js';
import { type Compression, compressionOf, unpack, unpackedName } from './compression.js';
import { type FileFormat, identifyFile, readHead } from './file-format.js';
import { checkImportOptions } from './import-options.js';
import type {
  ImportedTable,
  ImportRequest,
  ReaderRequest,
  ReadTable,
  TablePlace,
  TableReader,
} from './import-request.js';
import { readJson } from './json/read-json.js';
import { readDelimited } from './read-delimited.js';
import { readParquet } from './read-parquet.js';
import { readWorkbook } from './xlsx/read-workbook.js';

const READERS: Record<Exclude<FileFormat, 'xlsx'>, TableReader> = {
  delimited: readDelimited,
  json: readJson,
  parquet: readParquet,
};

/** Enough to tell how a file is compressed. */
const MAGIC_BYTES = 8;

/**
 * Makes Parquet tables (zstd) of one uploaded file: CSV, TSV, JSON, NDJSON and Parquet make one, a workbook one of every
 * sheet; each may come compressed with gzip or Zstandard. DuckDB does the work in an instance that can reach the file and
 * its target only. On any failure, and when the signal aborts, nothing is left behind.
 *
 * @throws EngineError `file_empty`, `file_malformed`, `file_format_mismatch`, `file_format_not_supported`,
 *   `file_unpacks_too_large`, `query_cancelled`
 */
export async function importFile(request: ImportRequest): Promise<ImportedTable[]> {
  const { file, fileName, directory, takenNames = [], options = {}, signal, scratchDirectory } = request;
  checkImportOptions(options);
  const places: TablePlace[] = [];
  const place = (wanted: string): TablePlace => {
    const name = tableName(wanted, [...takenNames, ...places.map((made) => made.name)]);
    const made = { name, target: join(directory, `${name}.parquet`) };
    places.push(made);
    return made;
  };
  const compression = compressionOf(await readHead(file, MAGIC_BYTES));
  const unpacked = join(scratchDirectory, `unpacked-${randomUUID()}`);
  let done = false;
  try {
    const inner = { ...request, options, file, fileName };
    if (compression !== null) {
      await unpack({ ...request, from: file, to: unpacked, compression });
      await refuseTwiceCompressed(unpacked, fileName);
      Object.assign(inner, { file: unpacked, fileName: unpackedName(fileName) });
    }
    const tables = await readTables(inner, place, compression);
    done = !signal.aborted;
    return tables;
  } catch (error) {
    throw signal.aborted ? cancelled() : error;
  } finally {
    if (compression !== null) await rm(unpacked, { force: true });
    if (!done) for (const { target } of places) await rm(target, { force: true });
  }
}

async function refuseTwiceCompressed(unpacked: string, fileName: string): Promise<void> {
  if (compressionOf(await readHead(unpacked, MAGIC_BYTES)) === null) return;
  throw new EngineError('file_format_not_supported', `“${fileName}” is compressed twice. Compress a file once only.`, {
    details: { found: 'a compressed file in a compressed file' },
  });
}

type Source = Omit<ReaderRequest, 'target'>;

async function readTables(
  source: Source,
  place: (wanted: string) => TablePlace,
  compression: Compression | null,
): Promise<ImportedTable[]> {
  const { file, fileName, options } = source;
  const format = await identifyFile(file, fileName);
  const finished = async (at: TablePlace, read: ReadTable): Promise<ImportedTable> => ({
    name: at.name,
    file: at.target,
    rowCount: read.rowCount,
    bytes: (await stat(at.target)).size,
    notes: read.notes,
    reading: { format, compression, encoding: null, dialect: null, sheet: null, ...read.reading },
    rejects: read.rejects ?? { count: 0, lines: [] },
  });
  if (format === 'xlsx') {
    const sheets = await readWorkbook(source, place);
    return Promise.all(sheets.map(({ at, ...read }) => finished(at, read)));
  }
  const at = place(options.table ?? fileName);
  const read = await READERS[format]({ ...source, target: at.target });
  // A Parquet file says what its columns are even when it has no rows; a text file without rows does not.
  if (read.rowCount === 0 && format !== 'parquet') {
    const nothing =
      read.rejects !== undefined && read.rejects.count > 0
        ? 'has no line that can be read. Check delimiter and quotes, or give them in the options.'
        : format === 'json'
          ? 'holds no records. Upload a file with rows.'
          : 'has no rows below its column names. If its first line is data, set the option header to false.';
    throw new EngineError('file_empty', `“${fileName}” ${nothing}`);
  }
  return [await finished(at, read)];
}
