import { Injectable, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { type Change, UnitOfWork } from '../../../platform/audit/index.js';
import { JobQueue } from '../../../platform/jobs/index.js';
import { ReportDelivery } from '../entities/report-delivery.entity.js';
import { ScheduledReport } from '../entities/scheduled-report.entity.js';
import { BEGIN_DUE_REPORTS, DELIVER_REPORT } from './report-jobs.js';
import { ReportTimes } from './report-times.js';

const EVERY_MINUTE = '* * * * *';
const AT_ONCE = 50;

/**
 * Begins reports when they are due. A report is due once for each time, whoever looks: who finds it due moves it on to its next
 * time in the same transaction. What was missed while no server ran is made up for once, however often it was.
 */
@Injectable()
export class ReportRuns implements OnModuleInit, OnApplicationBootstrap {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly jobs: JobQueue,
    private readonly times: ReportTimes,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(BEGIN_DUE_REPORTS, { work: () => this.beginDue() });
  }

  /** Jobs are no part of a backup: after a restore, those of deliveries on their way are missing. */
  async onApplicationBootstrap(): Promise<void> {
    const schedule = { key: 'all', cron: EVERY_MINUTE, timezone: 'UTC', payload: {}, userId: null };
    await this.jobs.schedule(BEGIN_DUE_REPORTS, schedule);
    const pending = await this.dataSource.manager.find(ReportDelivery, {
      where: { status: 'pending' },
      select: { id: true },
    });
    for (const { id } of pending) await this.jobs.enqueue(DELIVER_REPORT, { deliveryId: id }, { key: String(id) });
  }

  /**
   * A delivery for each recipient; one that is there for this time already stays as it is.
   *
   * @returns their ids
   */
  async begin(report: ScheduledReport, scheduledFor: Date, { manager, record }: Change): Promise<number[]> {
    const ids: number[] = [];
    for (const { address, userId, webhookId } of report.payload.recipients) {
      const [row] = await manager.query<{ id: number }[]>(INSERT, [
        report.id,
        address,
        userId,
        webhookId,
        scheduledFor,
      ]);
      if (row === undefined) continue;
      ids.push(row.id);
      await this.jobs.enqueue(DELIVER_REPORT, { deliveryId: row.id }, { manager, key: String(row.id) });
    }
    const details = { scheduled_for: scheduledFor.toISOString(), deliveries: ids.length };
    record({ action: 'scheduled_report.run', objectId: report.id, details });
    return ids;
  }

  private async beginDue(): Promise<void> {
    for (;;) {
      const count = await this.unitOfWork.run(async (change) => {
        const due = await change.manager
          .createQueryBuilder(ScheduledReport, 'report')
          .setLock('pessimistic_write')
          .setOnLocked('skip_locked')
          .where('report.isActive AND report.nextRunAt <= now()')
          .orderBy('report.nextRunAt')
          .limit(AT_ONCE)
          .getMany();
        for (const report of due) {
          const scheduledFor = report.nextRunAt ?? new Date();
          await change.manager.query(
            'UPDATE scheduled_reports SET last_run_at = now(), next_run_at = $2 WHERE id = $1',
            [report.id, this.times.next(report)],
          );
          await this.begin(report, scheduledFor, change);
        }
        return due.length;
      });
      if (count < AT_ONCE) return;
    }
  }
}

// The account of a recipient may have gone meanwhile.
const INSERT = `
  INSERT INTO report_deliveries (scheduled_report_id, recipient, recipient_user_id, webhook_id, scheduled_for, status)
  VALUES ($1, $2, (SELECT id FROM users WHERE id = $3), $4, $5, 'pending')
  ON CONFLICT DO NOTHING RETURNING id`;
