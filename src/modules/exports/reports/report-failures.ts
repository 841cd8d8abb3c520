import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../../platform/audit/index.js';
import { NotificationsService, SystemLogs, WebhookDeliveries } from '../../system/index.js';
import { ReportDelivery } from '../entities/report-delivery.entity.js';

/** Ends deliveries that have come to nothing. */
@Injectable()
export class ReportFailures {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly notifications: NotificationsService,
    private readonly webhooks: WebhookDeliveries,
    private readonly logs: SystemLogs,
  ) {}

  /**
   * Ends a delivery, and tells the owner of the report why: in the application, by mail, and by their webhooks that take it.
   * Administrators find it in the system logs. One that has ended stays as it is.
   *
   * @param reason the one that was noted last when null
   */
  async end(deliveryId: number, reason: string | null): Promise<void> {
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
      const { id: reportId, userId, name } = report;
      record({ action: 'report_delivery.failed', objectId: deliveryId, details: { scheduled_report_id: reportId } });
      const why = errorMessage ?? 'The server that was at it stopped, or it took too long.';
      const ids = { scheduled_report_id: reportId, delivery_id: deliveryId };
      await this.notifications.notify(
        {
          userId,
          title: `The report “${name}” did not reach ${recipient}`,
          body: why,
          channels: ['in_app', 'email'],
          meta: ids,
          dedupeKey: `report-delivery-${deliveryId}`,
        },
        manager,
      );
      const payload = { ...ids, name, recipient, reason: why };
      await this.webhooks.publish({ userId, event: 'report.failed', payload }, manager);
      const details = { ...ids, reason: why };
      await this.logs.write(
        { level: 'warn', component: 'reports', action: 'delivery_failed', userId, details },
        manager,
      );
    });
  }
}
