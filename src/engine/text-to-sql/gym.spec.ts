import { beforeAll, describe, expect, it } from '@jest/globals';
import { openFixture, type Shop } from './shop.fixture.js';

/** A gym: members with a year of birth beside the day they joined, and visits with an amount that was paid and a rating. */
let gym: Shop;

beforeAll(async () => {
  gym = await openFixture({
    setup: [
      `CREATE TABLE members (member_id INTEGER, full_name VARCHAR, city VARCHAR, plan VARCHAR, joined_on DATE,
        birth_year INTEGER, monthly_fee DOUBLE, is_active BOOLEAN)`,
      `INSERT INTO members VALUES (1, 'Ada Berg', 'Oslo', 'basic', '2024-02-01', 1990, 30, true),
        (2, 'Bo Dahl', 'Oslo', 'plus', '2025-01-10', 1985, 50, true), (3, 'Cem Eng', 'Bergen', 'basic', '2025-03-05', 2001, 30, false),
        (4, 'Dora Falk', 'Bergen', 'plus', '2025-03-20', 1979, 50, true), (5, 'Eli Grip', 'Oslo', 'basic', '2026-01-15', 1995, 30, true),
        (6, 'Fia Holm', 'Bergen', 'basic', '2026-02-02', 1990, 30, true)`,
      `CREATE TABLE classes (class_id INTEGER, name VARCHAR, category VARCHAR, coach VARCHAR, starts_on DATE, cancelled BOOLEAN)`,
      `INSERT INTO classes VALUES (1, 'Morning flow', 'yoga', 'Iris', '2026-01-02', false), (2, 'Deep flow', 'yoga', 'Iris', '2026-01-09', true),
        (3, 'Sprint', 'spin', 'Jan', '2026-01-03', false), (4, 'Climb', 'spin', 'Kim', '2026-01-10', false), (5, 'Core', 'pilates', 'Kim', '2026-02-01', false)`,
      `CREATE TABLE visits (visit_id INTEGER, member_id INTEGER, class_id INTEGER, visited_on DATE, amount_paid DOUBLE,
        status VARCHAR, rating INTEGER)`,
      `INSERT INTO visits VALUES (1, 1, 1, '2025-12-30', 10, 'attended', 5), (2, 1, 3, '2026-01-03', 12, 'attended', 4),
        (3, 2, 1, '2026-01-02', 10, 'no-show', NULL), (4, 3, 4, '2026-01-10', 15, 'attended', 3), (5, 4, 5, '2026-02-01', 20, 'attended', 5),
        (6, 2, 3, '2026-01-03', 12, 'late', 4), (7, 6, 5, '2026-02-01', 8, 'attended', 2), (8, 5, 2, '2026-01-09', 9, 'no-show', NULL)`,
    ],
    keys: { members: ['member_id'], classes: ['class_id'], visits: ['visit_id'] },
    relationships: [
      ['visits', 'member_id', 'members', 'member_id'],
      ['visits', 'class_id', 'classes', 'class_id'],
    ],
    now: new Date('2026-11-26T12:00:00Z'),
  });
});

describe('an amount whose name ends like a key', () => {
  it.each([
    ['total amount paid in 2026', [[86]]],
    [
      'total amount paid by plan',
      [
        ['plus', 42],
        ['basic', 54],
      ],
    ],
    ['top 2 members by amount paid', [['Ada Berg'], ['Bo Dahl']]],
    [
      'share of revenue by plan',
      [
        ['basic', 56.25],
        ['plus', 43.75],
      ],
    ],
  ])('is added up and ranked: %s', async (question, rows) => {
    const found = await gym.rows(question);
    expect(found.map((row) => row.slice(0, rows[0]?.length))).toEqual(expect.arrayContaining(rows));
    expect(found).toHaveLength(rows.length);
  });

  it('has a mean', async () => {
    expect(await gym.rows('average amount paid')).toEqual([[12]]);
  });
});

describe('a calendar year beside a date and a year of birth', () => {
  it.each([
    ['how many new members in 2025?', [['3']]],
    ['new members this year', [['Eli Grip'], ['Fia Holm']]],
    [
      'new members by month in 2025',
      [
        ['2025-01-01 00:00:00', '1'],
        ['2025-03-01 00:00:00', '2'],
      ],
    ],
    [
      'members by year',
      [
        ['2024-01-01 00:00:00', '1'],
        ['2025-01-01 00:00:00', '3'],
        ['2026-01-01 00:00:00', '2'],
      ],
    ],
  ])('is that of the date: %s', async (question, rows) => {
    expect(await gym.rows(question)).toEqual(rows);
  });

  it.each(['members since 2025', 'how many members in 2025?', 'members in 1990'])(
    'is asked about where it may be that of a visit, and never taken for that of birth: %s',
    (question) => {
      expect(gym.ask(question)).toMatchObject({
        kind: 'clarification',
        options: [{ label: 'the joined date of the member' }, { label: 'the visited date of the visit' }],
      });
    },
  );

  it.each(['members born in 1990', 'members with birth year 1990'])(
    'is that of birth where the question says so: %s',
    async (question) => {
      expect(await gym.rows(question)).toEqual([['Ada Berg'], ['Fia Holm']]);
    },
  );
});
