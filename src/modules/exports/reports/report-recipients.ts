import { Injectable } from '@nestjs/common';
import { DomainError } from '../../../platform/errors/domain-error.js';
import type { Principal } from '../../../platform/security/index.js';
import { AccountsService } from '../../users/index.js';
import { WebhookDeliveries } from '../../system/index.js';
import type { ReportRecipient } from '../entities/scheduled-report.entity.js';

const WEBHOOK = /^webhook:([1-9]\d{0,9})$/;

/** Who gets reports: people with an account, so that it is known what each may see, and webhooks of the report's owner. */
@Injectable()
export class ReportRecipients {
  constructor(
    private readonly accounts: AccountsService,
    private readonly webhooks: WebhookDeliveries,
  ) {}

  /** @throws DomainError `validation_failed` naming every recipient that there is not */
  async resolve(addresses: readonly string[], owner: Principal): Promise<ReportRecipient[]> {
    const found = await Promise.all(addresses.map((address) => this.find(address, owner)));
    const errors = found.flatMap((recipient, index) =>
      recipient === null
        ? [
            {
              field: `payload.recipients[${index}]`,
              message: 'is no user of this installation, and no webhook of yours',
            },
          ]
        : [],
    );
    if (errors.length === 0) return found.filter((recipient) => recipient !== null);
    throw new DomainError(
      'validation_failed',
      'Reports go to users of this installation, each of whom gets what they may see, and to webhooks of yours.',
      { errors },
    );
  }

  private async find(address: string, owner: Principal): Promise<ReportRecipient | null> {
    const webhookId = Number(WEBHOOK.exec(address)?.[1] ?? 0);
    if (webhookId > 0) return this.ofWebhook(address, webhookId, owner);
    const account = await this.accounts.findCredentials(address);
    return account?.isActive === true ? { address, userId: account.id, webhookId: null } : null;
  }

  private async ofWebhook(address: string, webhookId: number, owner: Principal): Promise<ReportRecipient | null> {
    try {
      await this.webhooks.list(webhookId, { limit: 1 }, owner);
      return { address, userId: owner.userId, webhookId };
    } catch (error) {
      if (error instanceof DomainError && error.code === 'not_found') return null;
      throw error;
    }
  }
}
