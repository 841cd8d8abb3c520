import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Principal } from '../../platform/security/index.js';
import { NotificationsService } from '../system/index.js';
import { User } from '../users/index.js';
import type { Dashboard } from './entities/dashboard.entity.js';

interface News {
  /** What somebody has done, behind their name. */
  what: string;
  body: string;
  meta: Readonly<Record<string, unknown>>;
}

/** Tells owners who lets others see their dashboards. */
@Injectable()
export class DashboardNews {
  constructor(private readonly notifications: NotificationsService) {}

  /** What owners do themselves, they know. @param manager of the transaction that it is a part of */
  async tellOwner(
    dashboard: Dashboard,
    caller: Principal,
    { what, body, meta }: News,
    manager: EntityManager,
  ): Promise<void> {
    const { id, userId } = dashboard;
    if (userId === caller.userId) return;
    const who = await manager.findOneBy(User, { id: caller.userId });
    const title = `${who?.username ?? 'Somebody'} ${what}`;
    await this.notifications.notify({ userId, title, body, meta: { dashboard_id: id, ...meta } }, manager);
  }
}
