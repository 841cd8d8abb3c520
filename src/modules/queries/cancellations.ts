import { setTimeout as delay } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, In } from 'typeorm';
import { SourceRemovals } from '../data-sources/index.js';
import { Query, UNFINISHED } from './entities/query.entity.js';
import { RunningQueries } from './running-queries.js';

const LOOK_EVERY_MS = 1_000;
/** How long the end of a run in another process is waited for. */
const LONGEST_WAIT_MS = 10_000;
const LOOK_AGAIN_MS = 100;

const REQUEST = `
  UPDATE queries SET cancel_requested_at = coalesce(cancel_requested_at, now())
  WHERE id = $1 AND status IN ('pending', 'running')`;

/** Those of some queries that are not to run any more: somebody has asked for that, or they are removed. */
const UNWANTED = `
  SELECT id FROM unnest($1::integer[]) AS wanted (id)
  WHERE NOT EXISTS (SELECT FROM queries WHERE queries.id = wanted.id AND cancel_requested_at IS NULL)`;

/**
 * Cancels queries, wherever they run: at once in this process; another one finds the request in the row, within a second.
 * Runs whose query has been removed are cancelled in the same way.
 */
@Injectable()
export class Cancellations implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Cancellations.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly running: RunningQueries,
    private readonly removals: SourceRemovals,
  ) {}

  onModuleInit(): void {
    this.removals.add((dataSourceId) => this.cancelAll({ dataSourceId }));
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.cancelUnwanted(), LOOK_EVERY_MS).unref();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Resolves when its end is recorded, or another process has taken too long. A query that has ended stays as it is. */
  async cancel(id: number): Promise<void> {
    if (await this.running.cancel(id)) return;
    const [, requested]: [unknown, number] = await this.dataSource.query(REQUEST, [id]);
    if (requested > 0) await this.untilEnded(id);
  }

  /** Cancels what somebody, or some source, has not finished. */
  async cancelAll(of: { userId: number } | { dataSourceId: number }): Promise<void> {
    const where = { ...of, status: In([...UNFINISHED]) };
    const queries = await this.dataSource.manager.find(Query, { where, select: { id: true } });
    await Promise.all(queries.map(({ id }) => this.cancel(id)));
  }

  private async untilEnded(id: number): Promise<void> {
    const deadline = Date.now() + LONGEST_WAIT_MS;
    const where = { id, status: In([...UNFINISHED]) };
    while (Date.now() < deadline && (await this.dataSource.manager.existsBy(Query, where))) {
      // Planned here when it was asked for, it may have begun meanwhile.
      if (await this.running.cancel(id)) return;
      await delay(LOOK_AGAIN_MS);
    }
  }

  private async cancelUnwanted(): Promise<void> {
    const { ids } = this.running;
    if (ids.length === 0) return;
    try {
      const unwanted: { id: number }[] = await this.dataSource.query(UNWANTED, [ids]);
      await Promise.all(unwanted.map(({ id }) => this.running.cancel(id)));
    } catch (error) {
      this.logger.error(error);
    }
  }
}
