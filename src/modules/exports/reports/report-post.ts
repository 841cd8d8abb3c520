import { createReadStream } from 'node:fs';
import { Injectable } from '@nestjs/common';
import { ExportsConfig } from '../../../platform/config/index.js';
import { Mailer } from '../../../platform/mail/index.js';
import type { Principal } from '../../../platform/security/index.js';
import { LocalStorage } from '../../../platform/storage/index.js';
import { WebhookDeliveries } from '../../system/index.js';
import type { OfferedFormat } from '../dto/export.dto.js';
import type { Export } from '../entities/export.entity.js';
import type { ReportDelivery } from '../entities/report-delivery.entity.js';
import type { ScheduledReport } from '../entities/scheduled-report.entity.js';
import { CONTENT_TYPES, fileNameOf } from '../export-downloads.js';
import { ExportLinks } from '../export-links.js';
import { HopelessDelivery } from './report-queries.js';
import { reportMessage } from './report-message.js';

export interface Parcel {
  delivery: ReportDelivery;
  report: ScheduledReport;
  made: Export;
  recipient: Principal & { user: { email: string } };
}

/** Sends reports: by mail, with the file when it is small enough and a link to it otherwise, or to a webhook with a link. */
@Injectable()
export class ReportPost {
  constructor(
    private readonly mailer: Mailer,
    private readonly links: ExportLinks,
    private readonly webhooks: WebhookDeliveries,
    private readonly storage: LocalStorage,
    private readonly config: ExportsConfig,
  ) {}

  /** @throws HopelessDelivery when there is no way to send it; Error when the mail server does not take it */
  async send(parcel: Parcel): Promise<void> {
    if (parcel.delivery.webhookId !== null) await this.toWebhook(parcel, parcel.delivery.webhookId);
    else await this.mail(parcel);
  }

  private async mail({ delivery, report, made, recipient }: Parcel): Promise<void> {
    if (!this.mailer.canSend) {
      throw new HopelessDelivery(
        'This installation cannot send mail. An administrator can set SMTP_URL and MAIL_FROM.',
      );
    }
    const isSmall = made.sizeBytes <= this.config.maxAttachmentBytes;
    const attachment = isSmall
      ? {
          fileName: fileNameOf(made),
          contentType: CONTENT_TYPES[made.format as OfferedFormat],
          content: createReadStream(this.storage.pathOf(made.fileLocation ?? '')),
        }
      : null;
    try {
      const message = reportMessage({
        name: report.name,
        scheduledFor: delivery.scheduledFor,
        timezone: report.timezone,
        format: made.format,
        sizeBytes: made.sizeBytes,
        notes: made.notes,
        link: isSmall ? null : ((await this.links.issue(made)) ?? `GET /api/v1/exports/${made.id}/download`),
        expiresAt: made.expiresAt,
        attachment,
      });
      await this.mailer.send({
        ...message,
        to: recipient.user.email,
        attachments: attachment === null ? [] : [attachment],
        // The same for every try, by which mail servers know what they have had already.
        messageKey: `report-delivery-${delivery.id}`,
      });
    } finally {
      attachment?.content.destroy();
    }
  }

  private async toWebhook({ delivery, report, made, recipient }: Parcel, webhookId: number): Promise<void> {
    const payload = {
      scheduled_report_id: report.id,
      delivery_id: delivery.id,
      name: report.name,
      scheduled_for: delivery.scheduledFor.toISOString(),
      export_id: made.id,
      format: made.format,
      size_bytes: made.sizeBytes,
      notes: made.notes,
      download_url: (await this.links.issue(made)) ?? `/api/v1/exports/${made.id}/download`,
      expires_at: made.expiresAt?.toISOString() ?? null,
    };
    await this.webhooks.send(webhookId, { userId: recipient.userId, event: 'report.delivered', payload });
  }
}
