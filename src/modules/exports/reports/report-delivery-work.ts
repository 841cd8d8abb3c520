import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { EngineError } from '../../../engine/errors.js';
import { actAs, UnitOfWork } from '../../../platform/audit/index.js';
import { DomainError } from '../../../platform/errors/domain-error.js';
import { type JobHandler, JobQueue, type JobTry } from '../../../platform/jobs/index.js';
import type { Principal } from '../../../platform/security/index.js';
import { NotificationsService } from '../../system/index.js';
import { AccountsService } from '../../users/index.js';
import { ReportDelivery } from '../entities/report-delivery.entity.js';
import type { ScheduledReport } from '../entities/scheduled-report.entity.js';
import { ReportFiles } from './report-files.js';
import { HopelessDelivery, TRANSIENT } from './report-queries.js';
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
    private readonly notifications: NotificationsService,
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
      await this.fail(deliveryId, reason);
    }
  }

  async givenUp({ deliveryId }: DeliverPayload): Promise<void> {
    await this.fail(deliveryId, null);
  }

  private async deliver(delivery: ReportDelivery, report: ScheduledReport, signal: AbortSignal): Promise<void> {
    const owner = await this.accounts.findPrincipal(report.userId);
    if (owner?.permissions.has('scheduled_reports:write') !== true) {
      throw new HopelessDelivery('The owner of the report may not send reports any more.');
    }
    const recipient = await this.recipientOf(delivery);
    const actor = {
      kind: 'schedule',
      userId: recipient.userId,
      apiKeyId: null,
      address: null,
      requestId: null,
    } as const;
    await actAs(actor, async () => {
      const made = await this.files.of(delivery, report, { owner, recipient }, signal);
      await this.post.send({ delivery, report, made, recipient });
      await this.unitOfWork.run(async ({ manager, record }) => {
        await manager.query(LOG, [delivery.id, attempt(null), MOST_LOGGED]);
        const end = { status: 'sent', sentAt: new Date(), errorMessage: null } as const;
        const { affected } = await manager.update(ReportDelivery, { id: delivery.id, status: 'pending' }, end);
        if (affected !== 1) return;
        const details = { scheduled_report_id: report.id, export_id: made.id };
        record({ action: 'report_delivery.sent', objectId: delivery.id, details });
      });
    });
  }

  private async recipientOf({ recipientUserId }: ReportDelivery): Promise<Principal & { user: { email: string } }> {
    const recipient = recipientUserId === null ? null : await this.accounts.findPrincipal(recipientUserId);
    if (recipient === null) throw new HopelessDelivery('The recipient has no account any more, or it is not active.');
    if (!recipient.permissions.has('queries:read')) {
      throw new HopelessDelivery('The recipient may not see results of queries.');
    }
    return recipient;
  }

  private async log(deliveryId: number, reason: string): Promise<void> {
    await this.dataSource.query(LOG, [deliveryId, attempt(reason), MOST_LOGGED]);
    await this.dataSource.manager.update(ReportDelivery, { id: deliveryId }, { errorMessage: reason });
  }

  /** Ends a delivery, and tells the owner why. */
  private async fail(deliveryId: number, reason: string | null): Promise<void> {
    await this.unitOfWork.run(async ({ manager, record }) => {
      const { affected } = await manager.update(
        ReportDelivery,
        { id: deliveryId, status: 'pending' },
        { status: 'failed', ...(reason === null ? {} : { errorMessage: reason }) },
      );
      if (affected !== 1) return;
      const delivery = await manager.findOne(ReportDelivery, {
        where: { id: deliveryId },
        relations: { scheduledReport: true },
      });
      if (delivery === null) return;
      const { scheduledReport: report, recipient, errorMessage } = delivery;
      record({ action: 'report_delivery.failed', objectId: deliveryId, details: { scheduled_report_id: report.id } });
      await this.notifications.notify(
        {
          userId: report.userId,
          title: `The report “${report.name}” did not reach ${recipient}`,
          body: errorMessage ?? 'The server that was at it stopped, or it took too long.',
          channels: ['in_app', 'email'],
          meta: { scheduled_report_id: report.id, delivery_id: deliveryId },
          dedupeKey: `report-delivery-${deliveryId}`,
          event: 'report.failed',
        },
        manager,
      );
    });
  }
}

function isHopeless(error: unknown): boolean {
  if (error instanceof HopelessDelivery) return true;
  const isRefused = error instanceof DomainError || error instanceof EngineError;
  return isRefused && !TRANSIENT.has(error.code);
}

/** Without data of anybody: what is said on purpose, or that something went wrong. */
function reasonOf(error: unknown): string {
  if (error instanceof DomainError || error instanceof EngineError) return error.message;
  if (error instanceof Error && !(error instanceof TypeError)) return error.message.slice(0, 500);
  return 'Something went wrong on our side.';
}

function attempt(error: string | null): string {
  return JSON.stringify([{ at: new Date().toISOString(), error }]);
}

const LOG = `
  UPDATE report_deliveries SET attempts = attempts + 1,
    attempt_log = CASE WHEN jsonb_array_length(attempt_log) < $3::integer THEN attempt_log || $2::jsonb ELSE attempt_log END
  WHERE id = $1`;
