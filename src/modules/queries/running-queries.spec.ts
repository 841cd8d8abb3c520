import { describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { QueryConfig } from '../../platform/config/index.js';
import { SourceTurns } from '../data-sources/index.js';
import { RunningQueries, type Work } from './running-queries.js';

const MOST_WAITING = 5;
const oneAtATime = (): RunningQueries =>
  new RunningQueries(
    new SourceTurns({
      concurrency: 1,
      concurrencyPerUser: 1,
      concurrencyPerSource: 1,
      mostWaiting: MOST_WAITING,
      mostWaitingPerUser: MOST_WAITING,
    } as QueryConfig),
  );
const ADA = { userId: 1, sourceId: 1 };
const untilAborted: Work = ({ signal }) =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve());
    if (signal.aborted) resolve();
  });

describe('running queries', () => {
  it('cancel at once what waits for its turn', async () => {
    const running = oneAtATime();
    void running.start(1, ADA, untilAborted);
    let aborted: boolean | undefined;
    void running.start(2, ADA, ({ signal }) => {
      aborted = signal.aborted;
      return Promise.resolve();
    });
    expect(await running.cancel(2)).toBe(true);
    expect([aborted, running.ids]).toEqual([true, [1]]);
    await running.cancel(1);
  });

  it('tell the place in the queue, and how far a run is', async () => {
    const running = oneAtATime();
    void running.start(1, ADA, (context) => {
      context.progress({ rows: 5, bytes: 90 });
      return untilAborted(context);
    });
    void running.start(2, ADA, untilAborted);
    void running.start(3, ADA, untilAborted);
    expect(running.look(1)).toMatchObject({ place: null, progress: { rows: 5, bytes: 90 } });
    expect([running.look(2)?.place, running.look(3)?.place, running.look(4)]).toEqual([1, 2, null]);
    await running.beforeApplicationShutdown();
  });

  it('survive a run that fails to record its end', async () => {
    Logger.overrideLogger(false);
    const running = oneAtATime();
    const done = running.start(1, ADA, async (context) => {
      await untilAborted(context);
      throw new Error('The database is gone.');
    });
    await expect(running.cancel(1)).resolves.toBe(true);
    await expect(done).resolves.toBeUndefined();
    expect(running.ids).toEqual([]);
  });

  it('refuse more than may wait, and everything once the server stops', async () => {
    const running = oneAtATime();
    const refusal = expect.objectContaining({ code: 'overloaded', retryAfterSeconds: 5 });
    for (let id = 0; id <= MOST_WAITING; id += 1) void running.start(id, ADA, untilAborted);
    expect(() => running.start(-1, ADA, untilAborted)).toThrow(refusal);
    await running.beforeApplicationShutdown();
    expect(running.ids).toEqual([]);
    expect(() => running.admit(ADA.userId)).toThrow(refusal);
  });
});
