import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { EngineError } from '../../../engine/errors.js';
import { actAs, UnitOfWork } from '../../../platform/audit/index.js';
import { DomainError } from '../../../platform/errors/domain-error.js';
import { type JobHandler, JobQueue, type JobTry } from '../../../platform/jobs/index.js';
import type { Principal } from '../../../platform/security/index.js';
import { AccountsService } from '../../users/index.js';
import { mayLook } from '../export-subjects.js';
import { ReportDelivery } from '../entities/report-delivery.entity.js';
import type { ScheduledReport } from '../entities/scheduled-report.entity.js';
import { ReportFailures } from './report-failures.js';
import { ReportFiles } from './report-files.js';
import { HopelessDelivery, PassingTrouble, TRANSIENT } from './report-queries.js';
import { DELIVER_REPORT, type DeliverPayload } from './report-jobs.js';
import { ReportPost } from './report-post.js';

/** Tries that are kept with a delivery. */
const MOST_LOGGED = 20;

/** Delivers a report to one recipient: with what they may see, tried again when it may go better, and told to its owner when not. */
@Injectable()
export class ReportDeliveryWork implements JobHandler<DeliverPayload>, OnModuleInit {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly jobs: JobQueue,
    private readonly accounts: AccountsService,
    private readonly files: ReportFiles,
    private readonly post: ReportPost,
    private readonly failures: ReportFailures,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(DELIVER_REPORT, this);
  }

  async work({ deliveryId }: DeliverPayload, { signal }: JobTry): Promise<void> {
    const delivery = await this.dataSource.manager.findOne(ReportDelivery, {
      where: { id: deliveryId, status: 'pending' },
      relations: { scheduledReport: true },
    });
    if (delivery === null) return;
    const report = delivery.scheduledReport;
    try {
      await this.deliver(delivery, report, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      const reason = reasonOf(error);
      await this.log(deliveryId, reason);
      if (!isHopeless(error)) throw error;
      await this.failures.end(deliveryId, reason);
    }
  }

  async givenUp({ deliveryId }: DeliverPayload): Promise<void> {
    await this.failures.end(deliveryId, null);
  }

  private async deliver(delivery: ReportDelivery, report: ScheduledReport, signal: AbortSignal): Promise<void> {
    const owner = await this.accounts.findPrincipal(report.userId);
    if (owner?.permissions.has('scheduled_reports:write') !== true) {
      throw new HopelessDelivery('The owner of the report may not send reports any more.');
    }
    const recipient = await this.recipientOf(delivery, report);
    const actor = {
      kind: 'schedule',
      userId: recipient.userId,
      apiKeyId: null,
      address: null,
      requestId: null,
    } as const;
    await actAs(actor, async () => {
      const made = await this.files.of(delivery, report, { owner, recipient }, signal);
      const send = await this.post.prepare({ delivery, report, made, recipient });
      await this.unitOfWork.run(async ({ manager, record }) => {
        await manager.query(LOG, [delivery.id, attempt(null), MOST_LOGGED]);
        const end = { status: 'sent', sentAt: new Date(), errorMessage: null } as const;
        const { affected } = await manager.update(ReportDelivery, { id: delivery.id, status: 'pending' }, end);
        if (affected !== 1) return;
        await send(manager);
        const details = { scheduled_report_id: report.id, export_id: made.id };
        record({ action: 'report_delivery.sent', objectId: delivery.id, details });
      });
    });
  }

  private async recipientOf(
    { recipientUserId }: ReportDelivery,
    { payload }: ScheduledReport,
  ): Promise<Principal & { user: { email: string } }> {
    const recipient = recipientUserId === null ? null : await this.accounts.findPrincipal(recipientUserId);
    if (recipient === null) throw new HopelessDelivery('The recipient has no account any more, or it is not active.');
    if (!mayLook(payload, recipient)) {
      const what = payload.dashboardId === null ? 'results of queries' : 'dashboards';
      throw new HopelessDelivery(`The recipient may not see ${what}.`);
    }
    return recipient;
  }

  private async log(deliveryId: number, reason: string): Promise<void> {
    await this.dataSource.query(LOG, [deliveryId, attempt(reason), MOST_LOGGED]);
    await this.dataSource.manager.update(ReportDelivery, { id: deliveryId }, { errorMessage: reason });
  }
}

function isHopeless(error: unknown): boolean {
  if (error instanceof HopelessDelivery) return true;
  const isRefused = error instanceof DomainError || error instanceof EngineError;
  return isRefused && !TRANSIENT.has(error.code);
}

/** Without data of anybody: what is said on purpose, or that something went wrong, and what that was is in the log. */
function reasonOf(error: unknown): string {
  const isSaid = [DomainError, EngineError, HopelessDelivery, PassingTrouble].some((kind) => error instanceof kind);
  return isSaid && error instanceof Error ? error.message : 'Something went wrong on our side.';
}

function attempt(error: string | null): string {
  return JSON.stringify([{ at: new Date().toISOString(), error }]);
}

const LOG = `
  UPDATE report_deliveries SET attempts = attempts + 1,
    attempt_log = CASE WHEN jsonb_array_length(attempt_log) < $3::integer THEN attempt_log || $2::jsonb ELSE attempt_log END
  WHERE id = $1`;
