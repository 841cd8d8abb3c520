import { createHash } from 'node:crypto';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { type Job, type JobResult, type JobWithMetadata, PgBoss } from 'pg-boss';
import type { DataSource, EntityManager } from 'typeorm';
import { type Actor, currentActor } from '../audit/index.js';
import { DatabaseConfig, JobsConfig } from '../config/index.js';
import { afterCommit, type EmbeddedConnection, EMBEDDED_CONNECTION } from '../database/index.js';
import { envelop, inNameOf, type JobEnvelope } from './job-envelope.js';
import { JobMetrics, type TryOutcome } from './job-metrics.js';
import { type JobHandler, type JobKind, type JobPayload, NotWorthRetrying } from './job-kind.js';

/** A try without a sign of life for so long is taken for dead. */
const HEARTBEAT_SECONDS = 20;
/** How often tries that are dead or late are looked for. */
const WATCH_SECONDS = 15;
const POLL_SECONDS = 2;
/** Where the database tells of new jobs: how often is looked for those whose time has come, and for what it did not tell. */
const NOTIFIED_POLL_SECONDS = 5;
/** How often schedules are looked at, and then how soon what is due becomes a job: reports and alerts are so late at most. */
const CRON_SECONDS = 15;
const CRON_WORKER_SECONDS = 2;
const STOP_PATIENCE_MS = 4_000;
/** Where jobs go that are not tried any more. */
const GIVEN_UP = '.given-up';

export interface EnqueueOptions {
  /** The job is there if, and only if, this transaction is committed. */
  manager?: EntityManager;
  /** Of two jobs of a kind with the same key only the first is done, for a week. */
  key?: string;
  /** When to begin, at the earliest. */
  startAfter?: Date;
}

export interface JobSchedule<P extends JobPayload> {
  /** Tells the schedules of a kind apart; a schedule with a known key replaces the earlier one. */
  key: string;
  /** Five fields, as crontab(5) has them. */
  cron: string;
  /** A name of the IANA time zone database. */
  timezone: string;
  payload: P;
  /** Whose schedule it is. */
  userId: number | null;
}

interface Registration {
  kind: JobKind<JobPayload>;
  handler: JobHandler<JobPayload>;
}

/**
 * Long work, kept in the system of record: done at least once, by whichever process is free, also after the one that was at
 * it has died. Handlers are registered while modules are initialised; work begins when the application is up.
 */
@Injectable()
export class JobQueue implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(JobQueue.name);
  private readonly registrations = new Map<string, Registration>();
  /** Ids of the workers of a kind, each of which does one job at a time. */
  private readonly workers = new Map<string, string[]>();
  private readonly boss: PgBoss;
  private opening: Promise<void> | undefined;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    @Inject(EMBEDDED_CONNECTION) private readonly embedded: EmbeddedConnection | null,
    database: DatabaseConfig,
    private readonly config: JobsConfig,
    private readonly metrics: JobMetrics,
  ) {
    const { worksOnJobs } = config;
    this.boss = new PgBoss({
      ...(embedded === null
        ? { connectionString: database.url ?? '', max: 4, useListenNotify: worksOnJobs }
        : { ...embedded, max: 2 }),
      connectionTimeoutMillis: database.connectionTimeoutMs,
      application_name: 'lumiere-jobs',
      supervise: worksOnJobs,
      schedule: worksOnJobs,
      cronMonitorIntervalSeconds: CRON_SECONDS,
      cronWorkerIntervalSeconds: CRON_WORKER_SECONDS,
      superviseIntervalSeconds: WATCH_SECONDS,
      monitorIntervalSeconds: WATCH_SECONDS,
      registerInstance: false,
      monitorVacuum: false,
      reindex: embedded === null,
    });
    this.boss.on('error', (error) => this.logger.error(error));
    this.boss.on('warning', ({ message }) => this.logger.warn(message));
  }

  /** Says who works on a kind of job. To be called once for each, while modules are initialised. */
  handle<P extends JobPayload>(kind: JobKind<P>, handler: JobHandler<P>): void {
    if (this.registrations.has(kind.name)) throw new Error(`There are two handlers for ${kind.name}.`);
    this.registrations.set(kind.name, { kind, handler });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.open();
    if (!this.config.worksOnJobs) return;
    for (const registration of this.registrations.values()) await this.workOn(registration);
    this.metrics.watchWaiting(() => this.waiting());
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (this.opening === undefined) return;
    await this.opening;
    await this.boss.stop({ graceful: true, timeout: STOP_PATIENCE_MS });
  }

  /**
   * Adds a job, to be done in the name of whoever asks for it now.
   *
   * @returns its id, or null when there is one with this key already
   */
  async enqueue<P extends JobPayload>(
    kind: JobKind<P>,
    payload: P,
    { manager, key, startAfter }: EnqueueOptions = {},
  ): Promise<string | null> {
    await this.open();
    const id = await this.boss.send(kind.name, envelop(payload), {
      ...(key === undefined ? {} : { id: idOf(kind.name, key) }),
      ...(startAfter === undefined ? {} : { startAfter }),
      ...(manager === undefined ? {} : { db: insideOf(manager) }),
    });
    const wake = (): void => this.wake(kind.name);
    if (manager === undefined) wake();
    else afterCommit(this.dataSource, manager, wake);
    return id;
  }

  /** Takes back a job that waits, and aborts one that is being done here. One that has ended stays as it is. */
  async cancel(kind: JobKind<JobPayload>, id: string, manager?: EntityManager): Promise<void> {
    await this.open();
    await this.boss.cancel(kind.name, id, manager === undefined ? {} : { db: insideOf(manager) });
  }

  /**
   * Adds a job again and again, at the times of a cron expression. What was missed while no server ran is done once.
   *
   * @throws Error when the expression or the time zone cannot be read
   */
  async schedule<P extends JobPayload>(
    kind: JobKind<P>,
    schedule: JobSchedule<P>,
    manager?: EntityManager,
  ): Promise<void> {
    await this.open();
    const { key, cron, timezone: tz, payload, userId } = schedule;
    const actor: Actor = {
      ...currentActor(),
      kind: 'schedule',
      userId,
      apiKeyId: null,
      address: null,
      requestId: null,
    };
    await this.boss.schedule(kind.name, cron, envelop(payload, actor), {
      key,
      tz,
      missed: 'once',
      ...(manager === undefined ? {} : { db: insideOf(manager) }),
    });
  }

  async unschedule(kind: JobKind<JobPayload>, key: string, manager?: EntityManager): Promise<void> {
    await this.open();
    await this.boss.unschedule(kind.name, key, manager === undefined ? {} : { db: insideOf(manager) });
  }

  /** The next times of an expression, after now or `from`. @throws Error when it cannot be read */
  nextTimes(cron: string, timezone: string, count: number, from = new Date()): Date[] {
    return this.boss.previewSchedule(cron, { tz: timezone, count, from });
  }

  /** Asks the queue for a sign of life. */
  async probe(): Promise<void> {
    await this.open();
    await this.boss.schemaVersion();
  }

  /** As the queue has counted them last. */
  private async waiting(): Promise<ReadonlyMap<string, number>> {
    const queues = await this.boss.getQueues([...this.registrations.keys()]);
    return new Map(queues.map(({ name, readyCount }) => [name, readyCount]));
  }

  private open(): Promise<void> {
    this.opening ??= this.start();
    return this.opening;
  }

  private async start(): Promise<void> {
    await this.boss.start();
    for (const { kind } of this.registrations.values()) await this.createQueues(kind);
  }

  private async createQueues({ name, limits }: JobKind<JobPayload>): Promise<void> {
    const options = {
      expireInSeconds: limits.timeLimitSeconds,
      retryLimit: limits.tries - 1,
      retryDelay: limits.retryDelaySeconds ?? 1,
      retryBackoff: true,
      heartbeatSeconds: HEARTBEAT_SECONDS,
      notify: this.embedded === null,
    };
    const givenUp = { ...options, retryLimit: 5 };
    await this.boss.createQueue(name + GIVEN_UP, givenUp);
    await this.boss.createQueue(name, { ...options, deadLetter: name + GIVEN_UP });
    // What an earlier version of the program has set stays otherwise.
    await this.boss.updateQueue(name, { ...options, deadLetter: name + GIVEN_UP });
  }

  private async workOn({ kind, handler }: Registration): Promise<void> {
    const workers: string[] = [];
    this.workers.set(kind.name, workers);
    const polling = { pollingIntervalSeconds: POLL_SECONDS, notifyPollingIntervalSeconds: NOTIFIED_POLL_SECONDS };
    const concurrency = kind.limits.concurrency ?? this.config.concurrency;
    for (let nth = 0; nth < concurrency; nth += 1) {
      const work = async (jobs: Job<JobEnvelope>[]): Promise<JobResult[]> => {
        const results = await Promise.all(jobs.map((job) => this.attempt(handler, job)));
        // Behind a job there may be another: whoever has done one looks at once, and not at the next time to look.
        this.boss.notifyWorker(workers[nth] ?? '');
        return results;
      };
      workers.push(await this.boss.work(kind.name, { ...polling, perJobResults: true }, work));
    }
    await this.boss.work(
      kind.name + GIVEN_UP,
      { ...polling, includeMetadata: true },
      async (jobs: JobWithMetadata<JobEnvelope>[]) => {
        for (const job of jobs) await this.giveUp(kind.name, handler, job);
      },
    );
  }

  private async attempt(handler: JobHandler<JobPayload>, job: Job<JobEnvelope>): Promise<JobResult> {
    const { id, name, data, retryCount, signal } = job;
    const begun = performance.now();
    const ended = (outcome: TryOutcome): void => this.metrics.count(name, outcome, performance.now() - begun);
    try {
      await inNameOf(data, () => handler.work(data.payload, { id, attempt: retryCount + 1, signal }));
      ended('completed');
      return { id, status: 'completed' };
    } catch (error) {
      this.logger.warn({ err: error, job: name, id, attempt: retryCount + 1 }, 'a job failed');
      const output = { reason: error instanceof Error ? error.message : String(error) };
      const isLast = error instanceof NotWorthRetrying;
      ended(isLast ? 'given_up' : 'failed');
      return { id, status: isLast ? 'deadletter' : 'failed', output };
    }
  }

  private async giveUp(
    kind: string,
    handler: JobHandler<JobPayload>,
    job: JobWithMetadata<JobEnvelope>,
  ): Promise<void> {
    const { data, sourceOutput, sourceId } = job;
    const reason = reasonOf(sourceOutput);
    this.logger.error({ job: kind, id: sourceId, reason }, 'a job is not tried any more');
    await inNameOf(data, async () => handler.givenUp?.(data.payload, reason));
  }

  private wake(kind: string): void {
    for (const worker of this.workers.get(kind) ?? []) this.boss.notifyWorker(worker);
  }
}

/** What a try ended with: our own reason, or what the queue says of one that never came back. */
function reasonOf(output: object | null): string {
  if (output !== null && 'reason' in output && typeof output.reason === 'string') return output.reason;
  return 'It took too long, or the server that was at it stopped.';
}

/** The same for the same key: the queue keeps no two jobs of one id. */
function idOf(kind: string, key: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([kind, key]))
    .digest('hex');
  return digest.slice(0, 32).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-8$3-8$4-$5');
}

/** pg-boss statements as part of a transaction of ours. */
function insideOf(manager: EntityManager): {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
} {
  const { queryRunner } = manager;
  if (queryRunner === undefined) throw new Error('A job was to be added in a transaction that is none.');
  return {
    executeSql: async (text, values) => {
      const { records } = await queryRunner.query(text, values, true);
      return { rows: (records ?? []) as unknown[] };
    },
  };
}
