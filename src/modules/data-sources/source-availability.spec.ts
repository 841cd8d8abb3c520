import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { ConnectionReport } from '../../engine/connectors/connector.js';
import { EngineError, type EngineErrorCode } from '../../engine/errors.js';
import type { SourceConfig } from '../../platform/config/index.js';
import { SourceAvailability } from './source-availability.js';

const SHOP = { id: 7, type: 'postgres' } as const;
const BACK_OFF_MS = 30;
const never = new AbortController().signal;

describe('the availability of a source', () => {
  let availability: SourceAvailability;
  let tests: number;
  let isDown: boolean;

  beforeAll(() => Logger.overrideLogger(false));
  beforeEach(() => {
    const breaker = { failures: 2, windowMs: 10_000, firstBackOffMs: BACK_OFF_MS, longestBackOffMs: 1000 };
    availability = new SourceAvailability({ breaker } as SourceConfig);
    [tests, isDown] = [0, false];
  });

  const failing = (code: EngineErrorCode) => (): Promise<never> => Promise.reject(new EngineError(code, 'No.'));
  const connector = {
    test: async (): Promise<ConnectionReport> => {
      tests += 1;
      if (isDown) throw new EngineError('source_unreachable', 'No.');
      return { ok: true, latencyMs: 1, serverVersion: '1' };
    },
  };
  const reach = (work: () => Promise<unknown>): Promise<unknown> => availability.reach(SHOP, connector, never, work);
  const fail = async (code: EngineErrorCode): Promise<void> => {
    await expect(reach(failing(code))).rejects.toMatchObject({ code });
  };
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, BACK_OFF_MS + 5));

  it('is lost by failures to connect, and by nothing else', async () => {
    for (const code of ['query_failed', 'query_timeout', 'query_cancelled', 'source_refused'] as const) {
      await fail(code);
      await fail(code);
    }
    expect(availability.of(SHOP).state).toBe('closed');
    await fail('source_timeout');
    await fail('query_cancelled');
    await fail('source_lost');
    expect(availability.of(SHOP)).toMatchObject({ state: 'open', lastErrorCode: 'source_lost' });
    expect(() => availability.check(SHOP)).toThrow(expect.objectContaining({ code: 'source_unavailable' }));
  });

  it('is found out by a test, and not by work that may take long', async () => {
    await fail('source_unreachable');
    await fail('source_unreachable');
    isDown = true;
    await pause();
    let worked = 0;
    const work = async (): Promise<number> => (worked += 1);
    await expect(reach(work)).rejects.toMatchObject({ code: 'source_unreachable' });
    expect([tests, worked, availability.of(SHOP).state]).toEqual([1, 0, 'open']);

    isDown = false;
    await pause();
    await pause();
    let goOn: () => void = () => undefined;
    const long = reach(() => new Promise<void>((resolve) => (goOn = resolve)));
    await new Promise((resolve) => setImmediate(resolve));
    expect(availability.of(SHOP)).toEqual({ state: 'closed', retryAt: null, lastErrorCode: null });
    await expect(reach(work)).resolves.toBe(1);
    goOn();
    await long;
    expect(tests).toBe(2);
  });

  it('is of no interest for files', async () => {
    const files = { id: 8, type: 'file' } as const;
    for (let time = 0; time < 3; time += 1) {
      await expect(availability.attempt(files, failing('source_lost'))).rejects.toThrow('No.');
    }
    expect(availability.of(files).state).toBe('closed');
  });
});
