import { Injectable, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, LessThan, Repository } from 'typeorm';
import { JobQueue } from '../../platform/jobs/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import { Export } from './entities/export.entity.js';
import { folderOf, SWEEP_EXPORTS } from './export-jobs.js';

const EVERY_MINUTE = '* * * * *';
const AT_ONCE = 200;
/** An export whose file is gone is listed for so long. */
const REMEMBERED_MS = 90 * 86_400_000;
/** What a report makes has no job of its own that would end it; the one that makes it has no longer than this. */
const BROKEN_OFF_MS = 2 * 3_600_000;
/** A file without a row may be one whose row is being written. */
const ORPHANED_AFTER_MS = 3_600_000;

/** Removes files of exports when their time is over, and when they have no owner any more. */
@Injectable()
export class ExportSweep implements OnModuleInit, OnApplicationBootstrap {
  constructor(
    @InjectRepository(Export) private readonly exports: Repository<Export>,
    private readonly jobs: JobQueue,
    private readonly storage: LocalStorage,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(SWEEP_EXPORTS, { work: () => this.sweep() });
  }

  async onApplicationBootstrap(): Promise<void> {
    const schedule = { key: 'all', cron: EVERY_MINUTE, timezone: 'UTC', payload: {}, userId: null };
    await this.jobs.schedule(SWEEP_EXPORTS, schedule);
  }

  private async sweep(): Promise<void> {
    for (;;) {
      const over = await this.exports.find({
        where: { status: 'succeeded', expiresAt: LessThan(new Date()) },
        select: { id: true },
        take: AT_ONCE,
      });
      for (const { id } of over) {
        await this.storage.remove(folderOf(id));
        await this.exports.update({ id }, { status: 'expired', fileLocation: null, linkHash: null });
      }
      if (over.length < AT_ONCE) break;
    }
    const before = new Date(Date.now() - REMEMBERED_MS);
    await this.exports.delete([
      { status: 'expired', expiresAt: LessThan(before) },
      { status: 'failed', completedAt: LessThan(before) },
    ]);
    await this.exports.update(
      { status: 'running', jobId: IsNull(), createdAt: LessThan(new Date(Date.now() - BROKEN_OFF_MS)) },
      { status: 'failed', errorCode: 'internal_error', errorMessage: 'It broke off.', completedAt: new Date() },
    );
    await this.removeOrphans();
  }

  /** Accounts go with their exports, and nothing tells of those files. */
  private async removeOrphans(): Promise<void> {
    const before = Date.now() - ORPHANED_AFTER_MS;
    const old = (await this.storage.list('exports')).filter(({ changedAtMs }) => changedAtMs < before);
    for (let from = 0; from < old.length; from += AT_ONCE) {
      const part = old.slice(from, from + AT_ONCE);
      const rows = await this.exports
        .createQueryBuilder('export')
        .select('export.fileLocation')
        .where('export.fileLocation = ANY(:locations)', { locations: part.map(({ location }) => location) })
        .getMany();
      const known = new Set(rows.map(({ fileLocation }) => fileLocation));
      for (const { location } of part) {
        if (!known.has(location)) await this.storage.removeIfUnchangedSince(location, before);
      }
    }
  }
}
