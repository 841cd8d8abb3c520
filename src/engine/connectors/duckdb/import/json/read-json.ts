import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { EngineError } from '../../../../errors.js';
import { runLocked } from '../../locked-run.js';
import { messageOf } from '../../query-errors.js';
import { literal } from '../../sql-text.js';
import { readHead } from '../file-format.js';
import {
  MAX_COLUMNS,
  MOST_REJECTS_TOLD,
  type ReaderRequest,
  type ReadTable,
  type Rejects,
  type TableReader,
} from '../import-request.js';
import { convertText, detectEncoding } from '../text-encoding.js';
import { type JsonDefect, JsonScanner, type JsonShape, MAX_DEPTH, MAX_RECORD_BYTES } from './scan-json.js';
import { writeRecords } from './write-records.js';

const SAMPLE_BYTES = 1024 * 1024;
const NO_REJECTS: Rejects = { count: 0, lines: [] };

/**
 * Makes one table of records: a list of objects, an object with one such list in it, or an object per line. Objects inside
 * of records become columns of their own, lists stay as JSON; whole numbers of any size keep all their digits.
 *
 * @throws EngineError `file_malformed` with `line` or `record` in its details where there is one, `query_cancelled`
 */
export const readJson: TableReader = async (request) => {
  const scratch = join(request.scratchDirectory, `json-${randomUUID()}`);
  const files = { utf8: `${scratch}.utf8`, part: `${scratch}.part`, columns: `${scratch}.parquet` };
  try {
    return await read(request, files);
  } finally {
    for (const file of Object.values(files)) await rm(file, { force: true });
  }
};

interface ScratchFiles {
  utf8: string;
  part: string;
  columns: string;
}

async function read(request: ReaderRequest, files: ScratchFiles): Promise<ReadTable> {
  const { fileName, signal, options, target } = request;
  const encoding = detectEncoding(await readHead(request.file, 4), false);
  let file = request.file;
  if (encoding.startsWith('utf-16')) {
    await convertText({ from: file, to: files.utf8, encoding, unifyLineEnds: false, signal });
    file = files.utf8;
  }
  const shape = await scan(file, request);
  let rejects = NO_REJECTS;
  if (shape.format === 'lines' && options.on_bad_lines === 'skip') {
    rejects = await copyGoodLines(file, files.part, signal);
    file = files.part;
  } else if (shape.strayLines[0] !== undefined) {
    throw malformed(request, `line ${shape.strayLines[0]} holds no object. Every line must be one.`, {
      problem: 'not_an_object',
      line: shape.strayLines[0],
    });
  } else if (shape.start > 0) {
    await pipeline(
      createReadStream(file, { start: shape.start, end: shape.end - 1 }),
      createWriteStream(files.part, { flags: 'wx', mode: 0o600 }),
      { signal },
    );
    file = files.part;
  }
  try {
    return await runLocked({ ...request, files: [file, files.columns, target] }, { signal }, async (connection) => {
      const keys = await keysOf(connection, file, shape, request);
      if (keys.length === 0) return { rowCount: 0, notes: [], rejects };
      await connection.run(
        `COPY (FROM read_json(${source(file, shape)}, columns = {${keys.map((key) => `${literal(key)}: 'JSON'`).join(', ')}}))
         TO ${literal(files.columns)} (FORMAT parquet, COMPRESSION lz4, USE_TMP_FILE false)`,
      );
      const written = await writeRecords(connection, { file: files.columns, keys }, request);
      return { ...written, rejects, reading: { encoding } };
    });
  } catch (error) {
    throw isAboutTheText(error) ? explained(error, shape, fileName) : error;
  }
}

async function scan(file: string, request: ReaderRequest): Promise<JsonShape> {
  const scanner = new JsonScanner(await firstLineIsWhole(file, request.fileName));
  for await (const bytes of createReadStream(file, { highWaterMark: 256 * 1024, signal: request.signal })) {
    scanner.push(bytes as Buffer);
    if (scanner.defect !== null) break;
  }
  const shape = scanner.end();
  if (shape === null) throw ofDefect(scanner.defect ?? { problem: 'cut_off' }, request);
  return shape;
}

/** Whether each line seems to be an object: the name says so, or the first line is one and others follow. */
async function firstLineIsWhole(file: string, fileName: string): Promise<boolean> {
  if (/\.(ndjson|jsonl)(\.\w+)?$/i.test(fileName)) return true;
  const head = (await readHead(file, SAMPLE_BYTES)).toString('utf8').trimStart();
  const [, first = '', rest = ''] = /^([^\n]*)\n([^]*)$/.exec(head) ?? [];
  return rest.trim() !== '' && first.startsWith('{') && isJson(first);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** The names of all records, in the order in which they first appear. */
async function keysOf(
  connection: DuckDBConnection,
  file: string,
  shape: JsonShape,
  request: ReaderRequest,
): Promise<string[]> {
  const reader = await connection.runAndReadAll(
    `SELECT key FROM (
       SELECT unnest(keys) AS key, row, unnest(range(len(keys))) AS place FROM (
         SELECT json_keys(json) AS keys, row_number() OVER () AS row FROM read_json_objects(${source(file, shape)})))
     GROUP BY key ORDER BY min(row), min(place) LIMIT ${MAX_COLUMNS + 1}`,
  );
  const keys = reader.getRows().map(([key]) => String(key));
  if (keys.length > MAX_COLUMNS) {
    throw malformed(request, `its records have more than ${MAX_COLUMNS} different keys.`, { problem: 'columns' });
  }
  if (keys.includes('')) throw malformed(request, 'a key has no name. Give it one.', { problem: 'key_without_name' });
  const same = keys.find((key, place) =>
    keys.some((other, otherPlace) => otherPlace < place && other.toLowerCase() === key.toLowerCase()),
  );
  if (same !== undefined) {
    throw malformed(request, `the key “${same.slice(0, 100)}” is written in several ways (upper and lower case).`, {
      problem: 'similar_keys',
    });
  }
  return keys;
}

function source(file: string, { format }: JsonShape): string {
  const formats = { array: 'array', lines: 'newline_delimited', values: 'unstructured' };
  return `${literal(file)}, format = '${formats[format]}', compression = 'uncompressed', hive_partitioning = false`;
}

/** Every line that is an object, written again; the others are told by their number. */
async function copyGoodLines(from: string, to: string, signal: AbortSignal): Promise<Rejects> {
  const rejects: Rejects = { count: 0, lines: [] };
  const reject = (line: number, reason: string): void => {
    rejects.count += 1;
    if (rejects.lines.length < MOST_REJECTS_TOLD) rejects.lines.push({ line, reason });
  };
  const lines = createInterface({ input: createReadStream(from, { signal }), crlfDelay: Infinity });
  await pipeline(
    async function* () {
      let number = 0;
      for await (const text of lines) {
        number += 1;
        const line = number === 1 ? text.replace(/^\ufeff/, '') : text;
        if (line.trim() === '') continue;
        if (line.includes('\ufffd')) reject(number, 'holds characters that are not UTF-8');
        else if (!isJson(line)) reject(number, 'is not JSON');
        else if (!line.trimStart().startsWith('{')) reject(number, 'holds no object');
        else yield `${line}\n`;
      }
    },
    createWriteStream(to, { flags: 'wx', mode: 0o600 }),
    { signal },
  );
  return rejects;
}

function ofDefect(defect: JsonDefect, request: ReaderRequest): EngineError {
  switch (defect.problem) {
    case 'too_deep':
      return malformed(request, `record ${defect.record} has more than ${MAX_DEPTH} brackets within brackets.`, defect);
    case 'record_too_large': {
      const size = `${MAX_RECORD_BYTES / (1024 * 1024)} MB`;
      return malformed(request, `record ${defect.record} is larger than ${size}. Make several of it.`, defect);
    }
    case 'not_an_object':
      return malformed(request, `record ${defect.record} is no object. A table is made of a list of objects.`, defect);
    case 'several_lists':
      return malformed(request, 'it holds several lists of objects. Upload each list as a file of its own.', defect);
    case 'cut_off':
      return malformed(request, 'it ends before its last bracket or text is closed. Upload it again, whole.', defect);
  }
}

function malformed({ fileName }: Pick<ReaderRequest, 'fileName'>, what: string, details: object): EngineError {
  return new EngineError('file_malformed', `“${fileName}”: ${what}`, { details: { ...details } });
}

function isAboutTheText(error: unknown): boolean {
  return /Malformed JSON|JSON transform error|^Out of Memory|maximum_object_size/.test(messageOf(error));
}

/** What DuckDB says, without what it quotes of the data. */
function explained(error: unknown, { format }: JsonShape, fileName: string): EngineError {
  const message = messageOf(error);
  const place = / in (?:line|record\/value) (\d+)/.exec(message)?.[1];
  const unit = format === 'lines' ? 'line' : 'record';
  // In a list, DuckDB counts the opening bracket as well.
  const number = place === undefined ? null : Math.max(1, Number(place) - (format === 'array' ? 1 : 0));
  const where = number === null ? 'it ' : `${unit} ${number} `;
  const reason = reasonOf(message, where);
  return new EngineError('file_malformed', `“${fileName}”: ${reason}`, {
    cause: error,
    details: { problem: 'json', ...(number === null ? {} : { [unit]: number }) },
  });
}

function reasonOf(message: string, where: string): string {
  if (message.includes('duplicate key')) return `${where}has a key twice. Every key may stand once in an object.`;
  if (/utf-8/i.test(message)) return `${where}holds text that is not UTF-8. Save the file as UTF-8.`;
  if (message.startsWith('Out of Memory')) return 'it needs more memory to read than there is. Split it.';
  return `${where}is not well-formed JSON. Check brackets, commas and quotes, and upload it again.`;
}
