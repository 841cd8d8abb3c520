import { describe, expect, it } from '@jest/globals';
import { CircuitBreaker } from './circuit-breaker.js';

const LIMITS = { failures: 3, windowMs: 1_000, firstBackOffMs: 100, longestBackOffMs: 350 };

function scene() {
  let now = 0;
  const breaker = new CircuitBreaker(LIMITS, () => now);
  const fail = (times = 1): boolean[] =>
    Array.from({ length: times }, () => {
      breaker.enter();
      return breaker.fail('source_unreachable');
    });
  return { breaker, fail, pass: (ms: number) => (now += ms) };
}

describe('a circuit breaker', () => {
  it('opens after so many failures in a row, and not before', () => {
    const { breaker, fail } = scene();
    fail(2);
    breaker.succeed();
    expect(fail(3)).toEqual([false, false, true]);
    expect(breaker.state).toBe('open');
    expect(breaker.refusal()).toEqual({ lastErrorCode: 'source_unreachable', retryAt: 100 });
  });

  it('forgets failures that are long past', () => {
    const { breaker, fail, pass } = scene();
    fail(2);
    pass(1_001);
    fail(2);
    expect(breaker.state).toBe('closed');
  });

  it('lets one through when its time is up, and only one', () => {
    const { breaker, fail, pass } = scene();
    fail(3);
    pass(100);
    expect([breaker.state, breaker.refusal()]).toEqual(['half_open', null]);
    breaker.enter();
    expect(breaker.refusal()).toEqual({ lastErrorCode: 'source_unreachable', retryAt: null });
    breaker.leave();
    expect(breaker.refusal()).toBeNull();
    breaker.enter();
    breaker.succeed();
    expect([breaker.state, breaker.refusal()]).toEqual(['closed', null]);
  });

  it('waits twice as long each time, up to a limit, and briefly again after a success', () => {
    const { breaker, fail, pass } = scene();
    fail(3);
    const waits = [200, 350, 350].map((wait) => {
      pass(400);
      const now = fail(1);
      return [now, breaker.retryAt, wait];
    });
    expect(waits).toEqual([
      [[true], 600, 200],
      [[true], 1150, 350],
      [[true], 1550, 350],
    ]);
    pass(400);
    breaker.enter();
    breaker.succeed();
    fail(3);
    expect(breaker.retryAt).toBe(1700);
  });

  it('does not stay open for longer because of what went through before', () => {
    const { breaker, fail } = scene();
    fail(3);
    expect(breaker.fail('source_timeout')).toBe(false);
    expect(breaker.retryAt).toBe(100);
  });
});
