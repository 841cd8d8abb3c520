import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { DomainEvents } from '../../../platform/events/index.js';
import { USAGE_RECORDED } from '../domain-events.js';
import { NotificationsService } from '../notifications/notifications.service.js';
import { WebhookDeliveries } from '../webhooks/webhook-deliveries.service.js';
import { BudgetsService, type BudgetState, wordsFor } from './budgets.service.js';

/** The share of a budget from which people are told, and then when it is used up. */
const TOLD_AT = [0.8, 1];

/** Tells people, once in a period, that a budget is nearly used up, and that it is. */
@Injectable()
export class BudgetWarnings implements OnModuleInit {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly events: DomainEvents,
    private readonly budgets: BudgetsService,
    private readonly notifications: NotificationsService,
    private readonly webhooks: WebhookDeliveries,
  ) {}

  onModuleInit(): void {
    this.events.on(USAGE_RECORDED, async ({ userIds }) => {
      for (const userId of userIds) await this.look(userId);
    });
  }

  private async look(userId: number): Promise<void> {
    for (const state of await this.budgets.statesFor(userId)) {
      const reached = TOLD_AT.findLast((share) => state.limit > 0 && state.used >= share * state.limit);
      if (reached !== undefined) await this.tell(userId, state, reached);
    }
  }

  private async tell(userId: number, state: BudgetState, reached: number): Promise<void> {
    const { id, metric, period, action, limit, used, isShared, from, until } = state;
    const percent = Math.round(reached * 100);
    const whose = isShared ? 'The budget of everybody' : 'Your budget';
    const consequence = action === 'block' ? 'What goes beyond it is refused' : 'Nothing is refused beyond it';
    for (const told of isShared ? await this.administrators() : [userId]) {
      const title = `${whose} for ${wordsFor(metric)} is ${reached >= 1 ? 'used up' : `used to ${percent} %`}`;
      const body = `${figure(used)} of ${figure(limit)} of this ${period} are used. ${consequence}, until ${until.toISOString()}.`;
      const meta = { budget_id: id, metric, period, used, limit };
      const dedupeKey = `budget:${id}:${from.toISOString().slice(0, 10)}:${limit}:${percent}`;
      await this.dataSource.transaction(async (manager) => {
        const news = await this.notifications.notify({ userId: told, title, body, meta, dedupeKey }, manager);
        const payload = { ...meta, title, body };
        if (news.length > 0) await this.webhooks.publish({ userId: told, event: 'budget.warning', payload }, manager);
      });
    }
  }

  private async administrators(): Promise<number[]> {
    const rows: { id: number }[] = await this.dataSource.query(ADMINISTRATORS);
    return rows.map(({ id }) => id);
  }
}

function figure(value: number): string {
  return String(Number(value.toFixed(2)));
}

const ADMINISTRATORS = `
  SELECT u.id FROM users u JOIN user_roles ur ON ur.user_id = u.id JOIN roles r ON r.id = ur.role_id
  WHERE u.is_active AND r.name = 'admin' ORDER BY u.id LIMIT 20`;
