import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { UnitOfWork } from '../../platform/audit/index.js';
import { DatabaseConfig, QueryConfig } from '../../platform/config/index.js';
import { DomainEvents } from '../../platform/events/index.js';
import { QUERY_FINISHED, type QueryFinished } from '../system/index.js';
import { RunningQueries } from './running-queries.js';

const INTERRUPTED = { status: 'failed', error_code: 'query_interrupted' };

const INTERRUPT = `
  UPDATE queries
  SET status = '${INTERRUPTED.status}', error_code = '${INTERRUPTED.error_code}', finished_at = now(), error_message = $4
  WHERE id <> ALL ($1::integer[])
    AND (status = 'running' AND started_at < $2 OR status = 'pending' AND coalesce(started_at, created_at) < $3)
  RETURNING id, rerun_of_id, user_id, data_source_id, engine, origin`;

interface Interrupted {
  id: number;
  rerun_of_id: number | null;
  user_id: number;
  data_source_id: number;
  engine: string;
  origin: string;
}

const EVERY_MS = 60_000;

/** A query whose process ended before it did says that it was interrupted. */
@Injectable()
export class InterruptedQueries implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(InterruptedQueries.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly running: RunningQueries,
    private readonly config: QueryConfig,
    private readonly database: DatabaseConfig,
    private readonly events: DomainEvents,
  ) {}

  /** With the embedded database this process is alone: whatever had not ended before it started never will. */
  async onApplicationBootstrap(): Promise<void> {
    const now = new Date();
    await (this.database.url === undefined ? this.endStarted(now, now) : this.endLost());
    this.timer = setInterval(() => void this.sweep(), EVERY_MS).unref();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async sweep(): Promise<void> {
    try {
      await this.endLost();
    } catch (error) {
      this.logger.error(error);
    }
  }

  /** Another replica may be at work on a query for as long as its time-out, after it has waited for its turn. */
  private async endLost(): Promise<void> {
    const { longestRunMs, longestStayMs } = this.config;
    await this.endStarted(new Date(Date.now() - longestRunMs), new Date(Date.now() - longestStayMs));
  }

  private async endStarted(startedBefore: Date, askedBefore: Date): Promise<void> {
    const message = 'The server stopped before this query had finished. Run it again.';
    await this.unitOfWork.run(async ({ manager, record }) => {
      const [interrupted]: [Interrupted[], number] = await manager.query(INTERRUPT, [
        this.running.ids,
        startedBefore,
        askedBefore,
        message,
      ]);
      for (const { id, data_source_id } of interrupted) {
        record({ action: 'query.ended', objectId: id, details: { data_source_id, ...INTERRUPTED } });
      }
      for (const row of interrupted) this.events.publish(QUERY_FINISHED, finished(row), manager);
    });
  }
}

function finished(row: Interrupted): QueryFinished {
  const { id: queryId, rerun_of_id: rerunOfId, user_id: userId, data_source_id: dataSourceId, engine, origin } = row;
  const nothing = {
    executionMs: null,
    timingsMs: {},
    rowCount: null,
    resultBytes: null,
    cacheHit: false,
    isTrial: false,
  };
  const { error_code: errorCode } = INTERRUPTED;
  return { queryId, rerunOfId, userId, dataSourceId, engine, origin, status: 'failed', errorCode, ...nothing };
}
