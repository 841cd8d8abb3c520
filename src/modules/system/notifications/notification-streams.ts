import { setTimeout as pause } from 'node:timers/promises';
import { type BeforeApplicationShutdown, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { FastifyReply } from 'fastify';
import { DataSource, In, MoreThan } from 'typeorm';
import { DomainEvents } from '../../../platform/events/index.js';
import { type EventStream, EventStreams } from '../../../platform/http/index.js';
import type { Principal } from '../../../platform/security/index.js';
import { NOTIFICATION_CREATED } from '../domain-events.js';
import { NotificationDto } from '../dto/notification.dto.js';
import { Notification } from '../entities/notification.entity.js';
import { InboxService } from './inbox.service.js';

/** How often other processes may have told somebody something. */
const LOOK_MS = 1_000;
/** A transaction that began earlier may be committed later: ids are looked at again for so long. */
const LATE_COMMITS_MS = 15_000;
/** Of what somebody has missed, more is in the list. */
const MOST_MISSED = 200;
const MOST_AT_ONCE = 500;

interface Follower {
  userId: number;
  stream: EventStream;
  /** What they have had, as far back as ids are looked at again. */
  told: Set<number>;
}

/**
 * Tells people what is new for them while they listen, whichever process has written it: one look a second for everybody
 * who listens here, and at once for what this process has written.
 */
@Injectable()
export class NotificationStreams implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(NotificationStreams.name);
  private readonly followers = new Set<Follower>();
  /** Ids with when they were first seen, oldest first: those up to the floor are not looked at any more. */
  private readonly seen = new Map<number, number>();
  private floor = 0;
  private looking: Promise<void> | undefined;
  private nudge = new AbortController();
  private closing = false;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly inbox: InboxService,
    private readonly streams: EventStreams,
    private readonly events: DomainEvents,
  ) {}

  onModuleInit(): void {
    this.events.on(NOTIFICATION_CREATED, () => this.nudge.abort());
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.closing = true;
    this.nudge.abort();
    await this.looking;
  }

  /**
   * Starts a stream of `notification` events.
   *
   * @param lastId of the last one that the caller has: those after it come first. Without it, only what is new from now on.
   * @throws DomainError `rate_limited`, `overloaded`
   */
  async follow(lastId: string | undefined, caller: Principal, reply: FastifyReply): Promise<EventStream> {
    const stream = this.streams.start(reply, caller.userId);
    const newest = await this.newestId();
    const follower: Follower = { userId: caller.userId, stream, told: new Set(this.seen.keys()) };
    if (this.followers.size === 0) this.floor = newest;
    this.followers.add(follower);
    stream.ended.addEventListener('abort', () => this.followers.delete(follower));
    if (lastId !== undefined && /^[1-9]\d{0,8}$/.test(lastId)) {
      for (const missed of await this.inbox.after(Number(lastId), caller, MOST_MISSED)) {
        // Others may have been told it, this one not.
        follower.told.delete(missed.id);
        tell(follower, missed);
      }
    }
    this.looking ??= this.lookAgainAndAgain().finally(() => {
      this.looking = undefined;
    });
    return stream;
  }

  private async lookAgainAndAgain(): Promise<void> {
    while (this.followers.size > 0 && !this.closing) {
      this.nudge = new AbortController();
      try {
        await this.look();
      } catch (error) {
        this.logger.error(error);
      }
      await pause(LOOK_MS, undefined, { signal: this.nudge.signal }).catch(() => undefined);
    }
  }

  private async look(): Promise<void> {
    const userIds = [...new Set([...this.followers].map(({ userId }) => userId))];
    const found = await this.dataSource.manager.find(Notification, {
      where: { id: MoreThan(this.floor), userId: In(userIds) },
      order: { id: 'ASC' },
      take: MOST_AT_ONCE,
    });
    const now = Date.now();
    for (const notification of found) {
      if (!this.seen.has(notification.id)) this.seen.set(notification.id, now);
      for (const follower of this.followers) {
        if (follower.userId === notification.userId) tell(follower, notification);
      }
    }
    for (const [id, at] of this.seen) {
      if (now - at < LATE_COMMITS_MS) continue;
      this.floor = Math.max(this.floor, id);
      this.seen.delete(id);
      for (const { told } of this.followers) told.delete(id);
    }
  }

  private async newestId(): Promise<number> {
    const [row]: { id: number | null }[] = await this.dataSource.query('SELECT max(id) AS id FROM notifications');
    return row?.id ?? 0;
  }
}

function tell({ stream, told }: Follower, notification: Notification): void {
  if (told.has(notification.id)) return;
  told.add(notification.id);
  stream.send({ id: String(notification.id), event: 'notification', data: NotificationDto.from(notification) });
}
