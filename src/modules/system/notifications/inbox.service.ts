import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, MoreThan, Repository, type SelectQueryBuilder } from 'typeorm';
import { UnitOfWork } from '../../../platform/audit/index.js';
import { type Page, paginate } from '../../../platform/database/index.js';
import { notFound } from '../../../platform/errors/domain-error.js';
import type { Principal } from '../../../platform/security/index.js';
import type { NotificationListQuery } from '../dto/notification.dto.js';
import { Notification } from '../entities/notification.entity.js';

/** What people have been told, each their own. */
@Injectable()
export class InboxService {
  constructor(
    @InjectRepository(Notification) private readonly notifications: Repository<Notification>,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Newest first. */
  async list({ unread, channel, ...page }: NotificationListQuery, caller: Principal): Promise<Page<Notification>> {
    const found = this.visible(caller);
    if (unread !== undefined) found.andWhere(`notification.readAt IS ${unread ? '' : 'NOT '}NULL`);
    if (channel !== undefined) found.andWhere('notification.channel = :channel', { channel });
    return paginate(found, page);
  }

  /** @throws DomainError `not_found`, also when it is somebody else's */
  async get(id: number, caller: Principal): Promise<Notification> {
    const notification = await this.visible(caller).andWhere('notification.id = :id', { id }).getOne();
    if (notification === null) throw notFound('notification');
    return notification;
  }

  /** Those of a person after one that they have, oldest first. */
  after(id: number, { userId }: Principal, limit: number): Promise<Notification[]> {
    return this.notifications.find({ where: { userId, id: MoreThan(id) }, order: { id: 'ASC' }, take: limit });
  }

  /** Notes that they have read it; one that they had read stays as it is. @throws DomainError `not_found` */
  async read(id: number, caller: Principal): Promise<Notification> {
    await this.unitOfWork.run(async ({ manager, record }) => {
      const unread = { id, userId: caller.userId, readAt: IsNull() };
      const { affected } = await manager.update(Notification, unread, { readAt: new Date() });
      if (affected === 1) record({ action: 'notification.read', objectId: id });
    });
    return this.get(id, caller);
  }

  /** Notes that they have read all that there is. @returns how many were new */
  readAll({ userId }: Principal): Promise<number> {
    return this.unitOfWork.run(async ({ manager, record }) => {
      const { affected } = await manager.update(Notification, { userId, readAt: IsNull() }, { readAt: new Date() });
      if (affected) record({ action: 'notification.read', objectId: null, details: { count: affected } });
      return affected ?? 0;
    });
  }

  private visible({ userId }: Principal): SelectQueryBuilder<Notification> {
    return this.notifications.createQueryBuilder('notification').where('notification.userId = :userId', { userId });
  }
}
