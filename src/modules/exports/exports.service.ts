import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, In, IsNull, MoreThan, Not, Repository } from 'typeorm';
import { type Change, pick, UnitOfWork } from '../../platform/audit/index.js';
import { ExportsConfig } from '../../platform/config/index.js';
import { type Page, paginate } from '../../platform/database/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import { JobQueue } from '../../platform/jobs/index.js';
import type { Principal } from '../../platform/security/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import type { ExportListQuery, NewExportDto } from './dto/export.dto.js';
import { Export } from './entities/export.entity.js';
import { folderOf, MAKE_EXPORT } from './export-jobs.js';
import { ExportSubjects } from './export-subjects.js';
import { ExportPolicy } from './export.policy.js';

const UNFINISHED = ['pending', 'running'] as const;
const TOLD = ['queryId', 'chartId', 'dashboardId', 'format', 'raw'] as const;
const LOOK_MS = 100;
/** Any number that no other use of advisory locks takes: with the id of a person, it bounds what they have at the same time. */
const EXPORTS_LOCK = 4_926_407;

/** How long somebody waits for a file, and when they have gone. */
interface Patience {
  waitMs: number;
  disconnected: AbortSignal;
}

/** Having files made, finding and removing them. */
@Injectable()
export class ExportsService {
  constructor(
    @InjectRepository(Export) private readonly exports: Repository<Export>,
    private readonly unitOfWork: UnitOfWork,
    private readonly policy: ExportPolicy,
    private readonly subjects: ExportSubjects,
    private readonly jobs: JobQueue,
    private readonly storage: LocalStorage,
    private readonly config: ExportsConfig,
  ) {}

  /**
   * Has a file made of a result, and waits for it as long as the patience lasts; it is made also when nobody waits.
   *
   * @throws DomainError `not_found`, `result_not_ready`, `result_outdated`; `rate_limited` when the caller has too many being made,
   *   `conflict` when too many of theirs are kept
   */
  async create(wanted: NewExportDto, caller: Principal, patience: Patience): Promise<Export> {
    const { format, raw = false } = wanted;
    const subject = this.subjects.one(wanted, format);
    const accessKey = await this.subjects.check(subject, caller);
    const id = await this.unitOfWork.run(async ({ manager, record }) => {
      await manager.query('SELECT pg_advisory_xact_lock($1, $2)', [EXPORTS_LOCK, caller.userId]);
      await this.refuseTooMany(manager, caller.userId);
      const made = await manager.save(Export, {
        ...subject,
        accessKey,
        format,
        raw,
        userId: caller.userId,
        status: 'pending',
        sizeBytes: 0,
      });
      const jobId = await this.jobs.enqueue(MAKE_EXPORT, { exportId: made.id }, { manager, key: String(made.id) });
      await manager.update(Export, { id: made.id }, { jobId });
      record({ action: 'export.requested', objectId: made.id, after: pick(made, TOLD) });
      return made.id;
    });
    return this.ended(id, caller, patience);
  }

  /** An export that is made by who asks for it, and not by a job of its own. */
  async begin(
    subject: Pick<Export, (typeof TOLD)[number] | 'userId' | 'accessKey'>,
    { manager, record }: Change,
  ): Promise<Export> {
    const made = await manager.save(Export, { ...subject, status: 'running' as const, sizeBytes: 0 });
    record({ action: 'export.requested', objectId: made.id, after: pick(made, TOLD) });
    return manager.findOneByOrFail(Export, { id: made.id });
  }

  /** The caller's, newest first. */
  async list(wanted: ExportListQuery, caller: Principal): Promise<Page<Export>> {
    const found = this.policy.restrict(this.exports.createQueryBuilder('export'), caller);
    const { query_id: queryId, status } = wanted;
    for (const [field, value] of Object.entries({ queryId, status })) {
      if (value !== undefined) found.andWhere(`export.${field} = :${field}`, { [field]: value });
    }
    return paginate(found, wanted);
  }

  /** @throws DomainError `not_found`, also when it is somebody else's */
  async get(id: number, caller: Principal): Promise<Export> {
    const found = this.policy.restrict(this.exports.createQueryBuilder('export'), caller);
    const one = await found.andWhere('export.id = :id', { id }).getOne();
    if (one === null) throw notFound('export');
    return one;
  }

  /** Removes an export with its file; one that is being made is stopped. @throws DomainError `not_found` */
  async remove(id: number, caller: Principal): Promise<void> {
    const one = await this.get(id, caller);
    await this.unitOfWork.run(async ({ manager, record }) => {
      const { affected } = await manager.delete(Export, { id });
      if (affected === 1) record({ action: 'export.deleted', objectId: id, before: pick(one, TOLD) });
    });
    const isUnfinished = (UNFINISHED as readonly string[]).includes(one.status);
    if (isUnfinished && one.jobId !== null) await this.jobs.cancel(MAKE_EXPORT, one.jobId);
    await this.storage.remove(folderOf(id));
  }

  private async ended(id: number, caller: Principal, { waitMs, disconnected }: Patience): Promise<Export> {
    const deadline = Date.now() + waitMs;
    for (;;) {
      const one = await this.get(id, caller);
      if (one.completedAt !== null || disconnected.aborted || Date.now() >= deadline) return one;
      await pause(Math.min(LOOK_MS, Math.max(1, deadline - Date.now())));
    }
  }

  private async refuseTooMany(manager: EntityManager, userId: number): Promise<void> {
    // Those with a job: what reports have brought a person, whoever has scheduled them, takes no place of theirs.
    const asked = { userId, jobId: Not(IsNull()) };
    const unfinished = await manager.countBy(Export, { ...asked, status: In(UNFINISHED) });
    if (unfinished >= this.config.concurrencyPerUser) {
      const detail = `You have ${unfinished} exports being made already. Wait for one of them, or remove it.`;
      throw new DomainError('rate_limited', detail, { retryAfterSeconds: 10 });
    }
    const now = new Date();
    const kept = await manager.countBy(Export, [
      { ...asked, status: 'succeeded', expiresAt: MoreThan(now) },
      { ...asked, status: 'succeeded', expiresAt: IsNull() },
    ]);
    if (kept >= this.config.keptPerUser) {
      throw new DomainError(
        'conflict',
        `You have ${kept} files of exports, the most there may be. Remove some of them.`,
      );
    }
  }
}
