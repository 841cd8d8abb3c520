import { beforeAll, describe, expect, it } from '@jest/globals';
import { dayIn } from '../catalog/calendar.js';
import { PeriodReader } from './language/periods.js';
import { tokenize } from './language/tokens.js';
import { ENGLISH } from './lexicon/english/index.js';
import { answers, REVENUE, SOLD } from './lexicon/languages.fixture.js';
import { openBicycleShop, type Shop } from './shop.fixture.js';

/** Fiscal years begin in July, weeks on Sunday. It is 15 November 2026, a Sunday. */
const CALENDAR = { timeZone: 'UTC', weekStart: 7, fiscalYearStart: 7 } as const;
const WEEKDAY = `CASE isodow(ordered_at) WHEN 1 THEN 'Monday' WHEN 2 THEN 'Tuesday' WHEN 3 THEN 'Wednesday' WHEN 4 THEN 'Thursday' WHEN 5 THEN 'Friday' WHEN 6 THEN 'Saturday' ELSE 'Sunday' END`;

describe('the calendar of a source', () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await openBicycleShop(CALENDAR);
  });

  describe('shapes fiscal periods, weeks and days of the week', () => {
    answers(() => Promise.resolve(shop), 'en', [
      [
        'How many orders in FY2026?',
        `SELECT count(*) FROM orders WHERE ordered_at >= '2025-07-01' AND ordered_at < '2026-07-01'`,
      ],
      [
        'How many orders in fiscal year 2025?',
        `SELECT count(*) FROM orders WHERE ordered_at >= '2024-07-01' AND ordered_at < '2025-07-01'`,
      ],
      [
        'How many orders in Q2 FY26?',
        `SELECT count(*) FROM orders WHERE ordered_at >= '2025-10-01' AND ordered_at < '2026-01-01'`,
      ],
      [
        'How many orders last fiscal year?',
        `SELECT count(*) FROM orders WHERE ordered_at >= '2025-07-01' AND ordered_at < '2026-07-01'`,
      ],
      ['How many orders this fiscal year?', `SELECT count(*) FROM orders WHERE ordered_at >= '2026-07-01'`],
      [
        'How many orders last fiscal quarter?',
        `SELECT count(*) FROM orders WHERE ordered_at >= '2026-07-01' AND ordered_at < '2026-10-01'`,
      ],
      ['How many orders year to date?', `SELECT count(*) FROM orders WHERE ordered_at >= '2026-01-01'`],
      ['revenue YTD', `SELECT ${REVENUE} ${SOLD} WHERE ordered_at >= '2026-01-01'`],
      ['How many orders in the last 12 months?', `SELECT count(*) FROM orders WHERE ordered_at >= '2025-11-15'`],
      [
        'number of orders per fiscal year',
        `SELECT date_trunc('year', ordered_at - INTERVAL 6 MONTH) + INTERVAL 6 MONTH, count(*) FROM orders GROUP BY 1`,
      ],
      [
        'number of orders per week in October 2026',
        `SELECT date_trunc('week', ordered_at + INTERVAL 1 DAY) - INTERVAL 1 DAY, count(*) FROM orders WHERE date_trunc('month', ordered_at) = '2026-10-01' GROUP BY 1`,
      ],
      ['How many orders on Mondays?', 'SELECT count(*) FROM orders WHERE isodow(ordered_at) = 1'],
      ['How many orders were placed on Saturday?', 'SELECT count(*) FROM orders WHERE isodow(ordered_at) = 6'],
      [
        'How many orders on weekends in 2025?',
        'SELECT count(*) FROM orders WHERE isodow(ordered_at) > 5 AND year(ordered_at) = 2025',
      ],
      ['number of orders by day of week', `SELECT ${WEEKDAY}, count(*) FROM orders GROUP BY 1`],
      ['revenue by weekday', `SELECT ${WEEKDAY}, ${REVENUE} ${SOLD} GROUP BY 1`],
    ]);
    answers(() => Promise.resolve(shop), 'de', [
      ['Wie viele Bestellungen gab es am Wochenende?', 'SELECT count(*) FROM orders WHERE isodow(ordered_at) > 5'],
      ['Bestellungen je Wochentag', `SELECT ${WEEKDAY}, count(*) FROM orders GROUP BY 1`],
    ]);
    answers(() => Promise.resolve(shop), 'vi', [
      ['Có bao nhiêu đơn hàng vào thứ hai?', 'SELECT count(*) FROM orders WHERE isodow(ordered_at) = 1'],
    ]);
  });

  it('lists the days of the week in their order, from the one that the week begins with', async () => {
    const rows = await shop.rows('number of orders by day of week');
    expect(rows.map(([day]) => day)).toEqual([
      'Sunday',
      'Monday',
      'Tuesday',
      'Wednesday',
      'Thursday',
      'Friday',
      'Saturday',
    ]);
  });

  it('takes one Monday for no other day than it says', () => {
    expect(shop.ask('How many orders last Monday?').kind).toBe('unanswerable');
  });

  it('says which day it is by the time zone', () => {
    const late = new Date('2026-06-30T20:00:00Z');
    expect(new Date(dayIn('UTC', late)).toISOString()).toMatch(/^2026-06-30/);
    expect(new Date(dayIn('Asia/Ho_Chi_Minh', late)).toISOString()).toMatch(/^2026-07-01/);
    const reader = new PeriodReader(ENGLISH, late, { ...CALENDAR, timeZone: 'Asia/Ho_Chi_Minh' });
    const read = (text: string): unknown => reader.read(tokenize(text), 0)?.period;
    expect(read('today')).toMatchObject({ from: '2026-07-01', to: '2026-07-02' });
    expect(read('this month')).toMatchObject({ from: '2026-07-01', to: '2026-08-01' });
    expect(read('this fiscal year')).toMatchObject({ from: '2026-07-01', to: '2027-07-01' });
    expect(read('this week')).toMatchObject({ from: '2026-06-28', to: '2026-07-05' });
  });

  it.each([
    ['FY24', '2023-07-01', '2024-07-01'],
    ['fiscal 2024', '2023-07-01', '2024-07-01'],
    ['Q1 of FY2024', '2023-07-01', '2023-10-01'],
    ['MTD', '2026-11-01', '2026-11-16'],
    ['quarter to date', '2026-10-01', '2026-11-16'],
    ['fiscal year to date', '2026-07-01', '2026-11-16'],
    ['FYTD', '2026-07-01', '2026-11-16'],
  ])('%s is [%s, %s)', (text, from, to) => {
    const reader = new PeriodReader(ENGLISH, new Date('2026-11-15T12:00:00Z'), CALENDAR);
    expect(reader.read(tokenize(text), 0)?.period).toMatchObject({ from, to });
  });

  it('has fiscal years that are calendar years where nothing else is said', () => {
    const reader = new PeriodReader(ENGLISH, new Date('2026-11-15T12:00:00Z'));
    expect(reader.read(tokenize('FY2024'), 0)?.period).toEqual({ from: '2024-01-01', to: '2025-01-01', year: 2024 });
  });
});
