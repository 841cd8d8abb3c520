import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import { EngineError } from '../../engine/errors.js';
import { UnitOfWork } from '../../platform/audit/index.js';
import { ExportsConfig } from '../../platform/config/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { type JobHandler, JobQueue, type JobTry } from '../../platform/jobs/index.js';
import type { Principal } from '../../platform/security/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import { AccountsService } from '../users/index.js';
import { Export } from './entities/export.entity.js';
import { type ExportPayload, folderOf, MAKE_EXPORT } from './export-jobs.js';
import { ExportMaker } from './export-maker.js';

const UNFINISHED = In(['pending', 'running']);
const PROGRESS_MS = 500;

/** The work of exports, in the background and in the name of whoever asked for them. */
@Injectable()
export class ExportWork implements JobHandler<ExportPayload>, OnModuleInit, OnApplicationBootstrap {
  private readonly logger = new Logger(ExportWork.name);

  constructor(
    @InjectRepository(Export) private readonly exports: Repository<Export>,
    private readonly unitOfWork: UnitOfWork,
    private readonly jobs: JobQueue,
    private readonly accounts: AccountsService,
    private readonly maker: ExportMaker,
    private readonly storage: LocalStorage,
    private readonly config: ExportsConfig,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(MAKE_EXPORT, this);
  }

  /** Jobs are no part of a backup: after a restore, those of exports that were to be made are missing. */
  async onApplicationBootstrap(): Promise<void> {
    const pending = await this.exports.find({ where: { status: 'pending' }, select: { id: true } });
    for (const { id } of pending) await this.jobs.enqueue(MAKE_EXPORT, { exportId: id }, { key: String(id) });
  }

  async work({ exportId }: ExportPayload, { signal }: JobTry): Promise<void> {
    const one = await this.exports.findOneBy({ id: exportId, status: UNFINISHED });
    if (one === null) return;
    const caller = await this.accounts.findPrincipal(one.userId);
    if (caller?.permissions.has('exports:write') !== true) {
      return this.fail(exportId, 'forbidden', 'Whoever asked for this export may not export any more.');
    }
    await this.exports.update({ id: exportId, status: 'pending' }, { status: 'running' });
    try {
      await this.complete(one, caller, signal);
    } catch (error) {
      const isRefused = error instanceof DomainError || error instanceof EngineError;
      if (!isRefused || signal.aborted) throw error;
      await this.fail(exportId, error.code, error.message);
    }
  }

  async givenUp({ exportId }: ExportPayload): Promise<void> {
    await this.fail(
      exportId,
      'internal_error',
      'The file could not be made. Export again, or tell your administrator.',
    );
  }

  /**
   * Makes the file of an export that is running. One that was removed meanwhile leaves nothing behind.
   *
   * @throws as `ExportMaker.make`
   */
  async complete(one: Export, caller: Principal, signal: AbortSignal): Promise<void> {
    const { id } = one;
    const removed = new AbortController();
    const progress = this.progressOf(id, removed);
    const made = await this.maker.make(one, caller, { signal: AbortSignal.any([signal, removed.signal]), progress });
    const isKept = await this.unitOfWork.run(async ({ manager, record }) => {
      const completedAt = new Date();
      const { location: fileLocation, sizeBytes, notes } = made;
      const expiresAt = new Date(completedAt.getTime() + this.config.keptMs);
      const end = { status: 'succeeded', fileLocation, sizeBytes, notes, completedAt, expiresAt, progress: 1 } as const;
      const { affected } = await manager.update(Export, { id, status: UNFINISHED }, end);
      if (affected === 1) record({ action: 'export.made', objectId: id, details: { size_bytes: sizeBytes } });
      return affected === 1;
    });
    if (!isKept) await this.storage.remove(folderOf(id));
  }

  async fail(id: number, code: string, detail: string): Promise<void> {
    await this.unitOfWork.run(async ({ manager, record }) => {
      const end = { status: 'failed', errorCode: code, errorMessage: detail, completedAt: new Date() } as const;
      const { affected } = await manager.update(Export, { id, status: UNFINISHED }, end);
      if (affected === 1) record({ action: 'export.failed', objectId: id, details: { code } });
    });
  }

  /** Writes down how far it is, now and then; when the export is not there any more, it need not be made. */
  private progressOf(id: number, removed: AbortController): (part: number) => void {
    let last = Date.now();
    return (part) => {
      if (Date.now() - last < PROGRESS_MS) return;
      last = Date.now();
      void this.noteProgress(id, part, removed);
    };
  }

  private async noteProgress(id: number, progress: number, removed: AbortController): Promise<void> {
    try {
      const { affected } = await this.exports.update({ id, status: UNFINISHED }, { progress });
      if (affected !== 1) removed.abort();
    } catch (error) {
      // Not knowing how far it is harms nothing.
      this.logger.warn(error);
    }
  }
}
