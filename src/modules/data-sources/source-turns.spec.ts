import { describe, expect, it, jest } from '@jest/globals';
import type { QueryConfig } from '../../platform/config/index.js';
import { SourceTurns } from './source-turns.js';

const ADA = { userId: 1, sourceId: 1 };
const oneAtATime = (): SourceTurns =>
  new SourceTurns({
    concurrency: 1,
    concurrencyPerUser: 1,
    concurrencyPerSource: 1,
    mostWaiting: 2,
    mostWaitingPerUser: 2,
  } as QueryConfig);
const never = new AbortController().signal;
const untilAborted = (signal: AbortSignal): Promise<string> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve('stopped')));

describe('turns at sources', () => {
  it('come one after the other, and give what the work gives', async () => {
    const turns = oneAtATime();
    const order: string[] = [];
    const work = (name: string) => async (): Promise<string> => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`${name} ends`);
      return name;
    };
    const given = await Promise.all([turns.take(ADA, never, work('first')), turns.take(ADA, never, work('second'))]);
    expect(given).toEqual(['first', 'second']);
    expect(order).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
  });

  it('are given back by work that fails', async () => {
    const turns = oneAtATime();
    await expect(turns.take(ADA, never, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(turns.take(ADA, never, () => Promise.resolve('yes'))).resolves.toBe('yes');
  });

  it('are not waited for by who has gone, nor begun', async () => {
    const turns = oneAtATime();
    const working = new AbortController();
    const first = turns.take(ADA, working.signal, untilAborted);
    const gone = new AbortController();
    const begun = jest.fn(() => Promise.resolve());
    const second = turns.take(ADA, gone.signal, begun);
    gone.abort();
    await expect(second).rejects.toMatchObject({ code: 'query_cancelled' });
    await expect(turns.take(ADA, AbortSignal.abort(), begun)).rejects.toMatchObject({ code: 'query_cancelled' });
    working.abort();
    await expect(first).resolves.toBe('stopped');
    expect(begun).not.toHaveBeenCalled();
  });

  it('are refused who would have to wait for too long, behind too many, or while the server stops', async () => {
    jest.useFakeTimers();
    try {
      const turns = oneAtATime();
      const first = turns.take(ADA, never, untilAborted);
      const late = turns.take(ADA, never, untilAborted);
      const other = turns.take(ADA, never, untilAborted);
      const refusal = { code: 'overloaded', retryAfterSeconds: 5 };
      await expect(turns.take(ADA, never, untilAborted)).rejects.toMatchObject(refusal);
      jest.advanceTimersByTime(30_000);
      await expect(late).rejects.toMatchObject(refusal);
      await expect(other).rejects.toMatchObject(refusal);
      turns.beforeApplicationShutdown();
      await expect(first).resolves.toBe('stopped');
      await expect(turns.take(ADA, never, untilAborted)).rejects.toMatchObject(refusal);
    } finally {
      jest.useRealTimers();
    }
  });
});
