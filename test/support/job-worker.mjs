/**
 * A process that works on jobs, for tests: prints a line of JSON for everything that happens, takes commands as messages.
 * It is a program of its own because tests end it without asking.
 */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { getDataSourceToken } from '@nestjs/typeorm';

const built = (/** @type {string} */ path) => import(new URL(`../../dist/src/platform/${path}`, import.meta.url).href);
const { AuditModule, actAs, currentActor } = await built('audit/index.js');
const { ConfigModule, loadConfiguration, readEnvironment } = await built('config/index.js');
const { DatabaseModule, EmbeddedPostgres } = await built('database/index.js');
const { JobQueue, JobsModule } = await built('jobs/index.js');
const { JobKind, NotWorthRetrying } = await built('jobs/job-kind.js');

/** @typedef {{ name: string, how?: string }} Payload */
/** @typedef {{ payload: Payload, key?: string, kind?: string, userId?: number, commit?: boolean, cron?: string, id?: string }} Given */

const WORK = new JobKind('test.work', { timeLimitSeconds: 120, tries: 2, concurrency: 2 });

const say = (/** @type {object} */ event) => process.send?.(event);

const configuration = loadConfiguration(readEnvironment());
const embedded =
  configuration.database.url === undefined
    ? await EmbeddedPostgres.start(configuration.runtime.dataDir, (/** @type {Error} */ error) => {
        throw error;
      })
    : undefined;

const handler = {
  /** @param {Payload} payload @param {{ attempt: number, signal: AbortSignal }} attempted */
  async work(payload, { attempt, signal }) {
    say({ begun: payload.name, attempt, user: currentActor().userId, actor: currentActor().kind });
    if (payload.how === 'fails') throw new Error('It went wrong.');
    if (payload.how === 'hopeless') throw new NotWorthRetrying('It cannot go right.');
    if (payload.how === 'hangs') {
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
    }
    say({ done: payload.name });
  },
  /** @param {Payload} payload @param {string} reason */
  async givenUp(payload, reason) {
    say({ givenUp: payload.name, reason });
  },
};
class ProgramModule {}
const app = await NestFactory.createApplicationContext(
  {
    module: ProgramModule,
    imports: [ConfigModule.for(configuration), DatabaseModule.for(embedded?.connection), AuditModule, JobsModule],
    providers: [
      {
        provide: 'handlers',
        inject: [JobQueue],
        useFactory: (/** @type {{ handle: (kind: object, handler: object) => void }} */ queue) => {
          queue.handle(WORK, handler);
        },
      },
    ],
  },
  { logger: ['fatal'] },
);
const queue = app.get(JobQueue);
const dataSource = app.get(getDataSourceToken());

/** @type {Record<string, (given: Given) => unknown>} */
const steps = {
  add: ({ payload, key }) => queue.enqueue(WORK, payload, key ? { key } : {}),
  addAs: ({ payload, userId }) =>
    actAs({ kind: 'session', userId, apiKeyId: null, address: null, requestId: null }, () =>
      queue.enqueue(WORK, payload),
    ),
  addInTransaction: async ({ payload, commit }) => {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await queue.enqueue(WORK, payload, { manager: runner.manager });
    await (commit ? runner.commitTransaction() : runner.rollbackTransaction());
    await runner.release();
    return null;
  },
  schedule: ({ cron, payload }) => queue.schedule(WORK, { key: 'k', cron, timezone: 'UTC', payload, userId: 7 }),
  unschedule: () => queue.unschedule(WORK, 'k'),
  cancel: ({ id }) => queue.cancel(WORK, id),
};

/** @param {Given & { step: string }} told */
async function obey({ step, ...given }) {
  if (step === 'stop') {
    await app.close();
    await embedded?.stop();
    process.exit(0);
  }
  try {
    say({ answer: (await steps[step]?.(given)) ?? null });
  } catch (error) {
    say({ error: String(error) });
  }
}

process.on('message', (/** @type {Given & { step: string }} */ told) => void obey(told));
say({ ready: true });
