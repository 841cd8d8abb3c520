import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, stat } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Injectable, Logger } from '@nestjs/common';
import {
  arrowFormat,
  csvFormat,
  type CsvOptions,
  exportResult,
  ndjsonFormat,
  projectResult,
  readResult,
} from '../../engine/connectors/duckdb/index.js';
import { EngineError } from '../../engine/errors.js';
import { workbook } from '../../engine/publishing/index.js';
import type { ReadingLimits } from '../../platform/http/index.js';
import type { Principal } from '../../platform/security/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import { ConnectorsService } from '../data-sources/index.js';
import { ResultStreams } from './result-streams.js';
import { ready, ResultsService } from './results.service.js';

const CONTENT_TYPES = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
  arrow: 'application/vnd.apache.arrow.stream',
} as const;
export type FileFormat = keyof typeof CONTENT_TYPES;

export interface FileStream {
  stream: Readable;
  /** Absent where the size is not known before the end. */
  bytes?: number;
  contentType: string;
  fileName: string;
  /** How long its client may take for it. */
  limits: ReadingLimits;
}

/** Where a file is written, and within which bounds. */
export interface Writing {
  /** Of a file that does not exist yet. */
  path: string;
  maxBytes: number;
  signal: AbortSignal;
  /** Told now and then, from 0 to 1. */
  progress: (part: number) => void;
}

/** Whole stored results as files: sent while they are made, or written to be kept. The source is never asked again. */
@Injectable()
export class ResultFiles {
  private readonly logger = new Logger(ResultFiles.name);

  constructor(
    private readonly results: ResultsService,
    private readonly connectors: ConnectorsService,
    private readonly storage: LocalStorage,
    private readonly streams: ResultStreams,
  ) {}

  /**
   * The whole result as a stream: Parquet as it is stored, the other formats made while they are sent.
   *
   * @throws DomainError `not_found`, `result_not_ready`, `result_outdated`, `rate_limited` and `overloaded` while too many files are
   *   on their way; EngineError `query_failed` when the file cannot be read
   */
  async stream(
    id: number,
    { format, ...csv }: { format: FileFormat } & CsvOptions,
    caller: Principal,
    signal: AbortSignal,
  ): Promise<FileStream> {
    return this.streams.admit(caller.userId, signal, async () => {
      const file = this.storage.pathOf(ready(await this.results.open(id, caller, { as: format })).resultLocation);
      const { limits } = this.streams;
      const told = { contentType: CONTENT_TYPES[format], fileName: `query-${id}.${format}`, limits };
      if (format === 'parquet') return { ...told, bytes: (await stat(file)).size, stream: createReadStream(file) };
      const pieces = exportResult({ file, format: made(format, csv), bounds: this.connectors.bounds, signal });
      return { ...told, stream: await this.begun(pieces) };
    });
  }

  /**
   * Writes the whole result to a file, no more of it in memory at a time than is being written.
   *
   * @returns what is to be said of the file
   * @throws DomainError `not_found`, `result_not_ready`, `result_outdated`; EngineError `export_too_large` when the file would be
   *   larger than it may, `export_not_possible` when the format cannot hold it, `query_failed`, `query_cancelled`
   */
  async write(
    id: number,
    { format, ...csv }: { format: FileFormat | 'xlsx' } & CsvOptions,
    caller: Principal,
    { path, maxBytes, signal, progress }: Writing,
  ): Promise<string[]> {
    const { resultLocation, resultMeta } = ready(await this.results.open(id, caller, { as: format }));
    const stored = { file: this.storage.pathOf(resultLocation), rowCount: resultMeta.rowCount };
    return this.writeRows(stored, { format, ...csv }, { path, maxBytes, signal, progress });
  }

  /** Only these columns of a file of rows, as another one. @throws EngineError `chart_not_possible` when it does not have one of them */
  async project(file: string, columns: readonly string[], path: string, signal: AbortSignal): Promise<void> {
    await projectResult({ file, columns, path, bounds: this.connectors.bounds, signal });
  }

  /**
   * As `write`, for rows that the caller was seen to have.
   *
   * @param stored a file of rows; how many there are, where that is known
   */
  async writeRows(
    { file, rowCount }: { file: string; rowCount: number | null },
    { format, ...csv }: { format: FileFormat | 'xlsx' } & CsvOptions,
    { path, maxBytes, signal, progress }: Writing,
  ): Promise<string[]> {
    const { bounds } = this.connectors;
    const { size } = await stat(file);
    if (format === 'parquet') {
      if (size > maxBytes) throw tooLarge();
      await copyFile(file, path);
      return [];
    }
    const written = createWriteStream(path, { flags: 'wx', mode: 0o600 });
    if (format !== 'xlsx') {
      const pieces = exportResult({ file, format: made(format, csv), bounds, signal });
      // How far it is can be told by the size of what it is made from, roughly.
      await pipeline(
        Readable.from(pieces, { objectMode: false }),
        counted(maxBytes, (bytes) => progress(Math.min(0.99, bytes / (size * 4 + 1)))),
        written,
        { signal },
      );
      return [];
    }
    let cut = 0;
    await readResult({ file, bounds, signal }, async (columns, portions) => {
      let rows = 0;
      const watched = async function* () {
        for await (const portion of portions) {
          yield portion;
          rows += portion.length;
          if (rowCount !== null) progress(rows / Math.max(1, rowCount));
        }
      };
      const book = workbook(columns, watched(), () => (cut += 1));
      await pipeline(book, counted(maxBytes), written, { signal });
    });
    return cut === 0 ? [] : [`${cut.toLocaleString('en-US')} texts were cut at 32,767 characters, the most of a cell.`];
  }

  /** The pieces as a stream, once the first of them is there: what fails before it can still be told. */
  private async begun(pieces: AsyncGenerator<Uint8Array, void, void>): Promise<Readable> {
    const first = await pieces.next();
    const stream = Readable.from(following(first, pieces), { objectMode: false });
    // However it ends, and also when nobody has begun to read.
    stream.once('close', () => {
      pieces.return().catch((error: unknown) => this.logger.error(error));
    });
    return stream;
  }
}

function made(format: Exclude<FileFormat, 'parquet'>, csv: CsvOptions) {
  return { csv: csvFormat(csv), ndjson: ndjsonFormat, arrow: arrowFormat }[format];
}

/** Passes on what it gets, up to so many bytes. */
function counted(maxBytes: number, told: (bytes: number) => void = () => undefined): Transform {
  let bytes = 0;
  return new Transform({
    transform: (piece: Uint8Array, _, done) => {
      bytes += piece.byteLength;
      told(bytes);
      if (bytes > maxBytes) done(tooLarge());
      else done(null, piece);
    },
  });
}

function tooLarge(): EngineError {
  return new EngineError(
    'export_too_large',
    'The file would be larger than an export may be. Narrow the query down, or take Parquet, which is smaller.',
  );
}

async function* following(
  first: IteratorResult<Uint8Array, void>,
  rest: AsyncGenerator<Uint8Array, void, void>,
): AsyncGenerator<Uint8Array, void, void> {
  if (first.done === true) return;
  yield first.value;
  yield* rest;
}
