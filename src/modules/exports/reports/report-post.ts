import { createReadStream } from 'node:fs';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
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
import { HopelessDelivery, PassingTrouble } from './report-queries.js';
import { reportMessage } from './report-message.js';

export interface Parcel {
  delivery: ReportDelivery;
  report: ScheduledReport;
  made: Export;
  recipient: Principal & { user: { email: string } };
}

/** What is left to do when it is noted that a report was sent, as part of that note. */
export type Send = (manager: EntityManager) => Promise<void>;

/** The SMTP server says for good that it will not take this mail (RFC 5321, 4.2.1). */
const PERMANENT = 500;

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

  /**
   * Sends a mail, which nothing can take back, or makes ready what goes to a webhook.
   *
   * @throws HopelessDelivery when there is no way to send it, PassingTrouble when the mail server does not take it now
   */
  async prepare(parcel: Parcel): Promise<Send> {
    if (parcel.delivery.webhookId !== null) return this.toWebhook(parcel, parcel.delivery.webhookId);
    await this.mail(parcel);
    return () => Promise.resolve();
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
      const mail = {
        ...message,
        to: recipient.user.email,
        attachments: attachment === null ? [] : [attachment],
        // The same for every try, by which mail servers know what they have had already.
        messageKey: `report-delivery-${delivery.id}`,
      };
      await this.mailer.send(mail).catch((cause: unknown) => {
        throw refusalOf(cause);
      });
    } finally {
      attachment?.content.destroy();
    }
  }

  private async toWebhook({ delivery, report, made, recipient }: Parcel, webhookId: number): Promise<Send> {
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
    const publication = { userId: recipient.userId, event: 'report.delivered', payload } as const;
    // Together with the note that it was sent, so that no crash makes two events of it.
    return async (manager) => void (await this.webhooks.send(webhookId, publication, manager));
  }
}

/** What the server says may name it, or whom we write to, and is for the log. */
function refusalOf(cause: unknown): Error {
  const code = cause instanceof Error && 'responseCode' in cause ? Number(cause.responseCode) : 0;
  return code >= PERMANENT
    ? new HopelessDelivery('The mail server does not take mails to this recipient.', { cause })
    : new PassingTrouble('The mail server could not be reached, or did not take the mail.', { cause });
}
