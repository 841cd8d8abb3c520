import { describe, expect, it } from '@jest/globals';
import { PgBoss } from 'pg-boss';
import type { JobQueue } from '../../../platform/jobs/index.js';
import { ReportTimes } from './report-times.js';

/** The queue as far as it tells times, which needs no database. */
const boss = new PgBoss('postgresql://nobody@localhost/nothing');
const queue: Pick<JobQueue, 'nextTimes'> = {
  nextTimes: (cron, tz, count, from) => boss.previewSchedule(cron, { tz, count, from: from ?? new Date() }),
};
const times = new ReportTimes(queue as JobQueue);

/** The next times of a report, one after the other. */
function following(cronExpr: string, timezone: string, from: string, count: number): string[] {
  const found: string[] = [];
  let after = new Date(from);
  for (let nth = 0; nth < count; nth += 1) {
    const next = times.next({ cronExpr, timezone }, after);
    if (next === null) break;
    found.push(next.toISOString());
    after = next;
  }
  return found;
}

describe('the times of a report', () => {
  it('follow the clock of its time zone into summer and out of it', () => {
    expect(following('0 9 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z', 3)).toEqual([
      '2026-03-28T08:00:00.000Z',
      '2026-03-29T07:00:00.000Z',
      '2026-03-30T07:00:00.000Z',
    ]);
    expect(following('0 9 * * *', 'America/New_York', '2026-10-31T14:00:00Z', 2)).toEqual([
      '2026-11-01T14:00:00.000Z',
      '2026-11-02T14:00:00.000Z',
    ]);
  });

  it('are an hour later on the day on which the clock leaves them out', () => {
    expect(following('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z', 3)).toEqual([
      '2026-03-28T01:30:00.000Z',
      '2026-03-29T01:30:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
  });

  it('come once on the day on which the clock has them twice', () => {
    expect(following('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
  });

  it('come every hour that passes, also in the hour that the clock has twice', () => {
    expect(following('0 * * * *', 'Europe/Berlin', '2026-10-24T23:30:00Z', 4)).toEqual([
      '2026-10-25T00:00:00.000Z',
      '2026-10-25T01:00:00.000Z',
      '2026-10-25T02:00:00.000Z',
      '2026-10-25T03:00:00.000Z',
    ]);
  });

  it('are refused by name when they cannot be read, or never come', () => {
    for (const [cronExpr, timezone, field] of [
      ['0 9 * *', 'UTC', 'cron_expr'],
      ['0 0 9 * * *', 'UTC', 'cron_expr'],
      ['99 9 * * *', 'UTC', 'cron_expr'],
      ['0 0 31 2 *', 'UTC', 'cron_expr'],
      ['@daily', 'UTC', 'cron_expr'],
      ['0 9 * * *', 'Europe/Nowhere', 'timezone'],
    ] as const) {
      expect(() => times.check(cronExpr, timezone)).toThrow(
        expect.objectContaining({ code: 'validation_failed', errors: [expect.objectContaining({ field })] }),
      );
    }
    expect(() => times.check('0 9 * * 1-5', 'Asia/Ho_Chi_Minh')).not.toThrow();
  });
});
