import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import PQueue from 'p-queue';
import type { Catalog, CatalogTable } from '../../engine/catalog/catalog.js';
import { type FileTable, importFile, type ImportedTable } from '../../engine/connectors/duckdb/index.js';
import { inSameName } from '../../platform/audit/index.js';
import { currentActor } from '../../platform/audit/index.js';
import { HttpConfig } from '../../platform/config/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { LocalStorage } from '../../platform/storage/index.js';
import { BudgetsService, UsageService } from '../system/index.js';
import { ConnectorsService } from './connectors.service.js';
import { parseUploadForm, type UploadForm } from './dto/upload.dto.js';
import { type ReceivedUpload, UploadReceiver } from './upload-receiver.js';

/** An uploaded file with the tables that were made of it. */
export interface ImportedFile {
  fileName: string;
  tables: ImportedTable[];
}

/** What came of an upload, in a folder that is removed when the work on it is done. */
export interface ImportedUpload {
  form: UploadForm;
  files: ImportedFile[];
  /** The tables of all files. */
  tables: ImportedTable[];
  /** Where their Parquet files are, and nothing else. */
  directory: string;
  /** Describes `tables` together with the others of their source. */
  catalog: Catalog;
}

/** The tables of a source that an upload does not touch. */
export interface Untouched {
  tables: readonly FileTable[];
  described: readonly CatalogTable[];
}

export interface ImportTask<T> {
  /** Refuses what need not be imported to be refused. */
  check?: (form: UploadForm, fileNames: readonly string[]) => Promise<void>;
  /** What the source holds beside the uploaded tables. */
  beside: (names: ReadonlySet<string>) => Untouched;
  /** Works on what came of it. */
  use: (upload: ImportedUpload) => Promise<T>;
  /** The tables are kept, so that their size is counted. */
  isKept?: boolean;
  /** Leaves lines out that cannot be read, whatever the options say, so that they can be shown. */
  tolerant?: boolean;
}

/** Uploads that may be received or wait for their turn at the same time. */
const MOST_AT_ONCE = 50;
const RETRY = { retryAfterSeconds: 30 };

/** Receives uploads and makes tables of their files, few at a time. */
@Injectable()
export class FileImports {
  private readonly queue: PQueue;
  private underWay = 0;

  constructor(
    private readonly receiver: UploadReceiver,
    private readonly connectors: ConnectorsService,
    private readonly storage: LocalStorage,
    private readonly config: HttpConfig,
    private readonly usage: UsageService,
    private readonly budgets: BudgetsService,
  ) {
    this.queue = new PQueue({ concurrency: config.uploadConcurrency });
  }

  /**
   * @param signal aborts when the client goes away; nothing half-made remains then
   * @throws DomainError as `UploadReceiver.receive`; `overloaded` when too many uploads are under way, or its turn does not
   *   come in time; `validation_failed`; `budget_exceeded` for what is to be kept
   * @throws EngineError `file_*` when a file cannot be read, `query_cancelled` when the client went away
   */
  async run<T>(request: FastifyRequest, signal: AbortSignal, task: ImportTask<T>): Promise<T> {
    if (this.underWay >= MOST_AT_ONCE) throw tooMany();
    const { userId } = currentActor();
    if (task.isKept === true && userId !== null) await this.budgets.assertWithin(userId, 'storage');
    this.underWay += 1;
    try {
      const workspace = await this.storage.createWorkspace();
      try {
        const received = await this.receiver.receive(request, workspace);
        const form = parseUploadForm(received.fields);
        await task.check?.(
          form,
          received.files.map(({ fileName }) => fileName),
        );
        const directory = join(workspace, 'tables');
        const upload = await this.takeTurn(() => this.import({ received, form, directory, signal, ...task }), signal);
        const outcome = await task.use(upload);
        const value = upload.tables.reduce((sum, { bytes }) => sum + bytes, 0);
        if (task.isKept === true) await this.usage.record({ userId, metric: 'storage', value });
        return outcome;
      } finally {
        await rm(workspace, { recursive: true, force: true });
      }
    } finally {
      this.underWay -= 1;
    }
  }

  private async import({
    received,
    form,
    directory,
    signal,
    beside,
    tolerant,
  }: Pick<ImportTask<unknown>, 'beside' | 'tolerant'> & {
    received: ReceivedUpload;
    form: UploadForm;
    directory: string;
    signal: AbortSignal;
  }): Promise<ImportedUpload> {
    await mkdir(directory, { mode: 0o700 });
    const files: ImportedFile[] = [];
    const tables: ImportedTable[] = [];
    for (const { path, fileName } of received.files) {
      const imported = await importFile({
        ...this.connectors.bounds,
        file: path,
        fileName,
        directory,
        signal,
        options: { ...form.options, ...(tolerant === true ? { on_bad_lines: 'skip' } : {}) },
        maxUnpackedBytes: this.config.maxUploadBytes,
        takenNames: tables.map((table) => table.name),
      });
      files.push({ fileName, tables: imported });
      tables.push(...imported);
      await rm(path);
    }
    const { tables: others, described } = beside(new Set(tables.map(({ name }) => name)));
    const catalog = await this.connectors.ofFiles([...others, ...tables]).introspect(signal, described);
    return { form, files, tables, directory, catalog };
  }

  /** An upload that is being made into tables keeps its turn to the end; one that waits gives up in time. */
  private async takeTurn<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const waiting = new AbortController();
    const stopWaiting = (): void => waiting.abort();
    const patience = setTimeout(stopWaiting, this.config.uploadWaitMs);
    signal.addEventListener('abort', stopWaiting, { once: true });
    let begun = false;
    const turn = inSameName((): Promise<T> => {
      begun = true;
      clearTimeout(patience);
      signal.removeEventListener('abort', stopWaiting);
      return work();
    });
    try {
      return await this.queue.add(turn, { signal: waiting.signal });
    } catch (error) {
      throw begun ? error : tooMany();
    } finally {
      clearTimeout(patience);
      signal.removeEventListener('abort', stopWaiting);
    }
  }
}

function tooMany(): DomainError {
  return new DomainError('overloaded', 'Too many uploads are under way. Try again in half a minute.', RETRY);
}
