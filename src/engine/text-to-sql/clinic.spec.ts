import { beforeAll, describe, expect, it } from '@jest/globals';
import { openFixture, type Shop } from './shop.fixture.js';

/** Patients with a date of their own, visits with another, and what visits cost, without any. */
let clinic: Shop;

beforeAll(async () => {
  clinic = await openFixture({
    setup: [
      `CREATE TABLE patients (id INTEGER, name VARCHAR, region VARCHAR, registered_on DATE)`,
      `INSERT INTO patients VALUES (1, 'Ines', 'Alsace', '2021-04-01'), (2, 'Jon', 'Tyrol', '2023-02-10'),
        (3, 'Kim', 'Alsace', '2022-09-15'), (4, 'Lena', 'Tyrol', '2023-06-20'), (5, 'Max', 'Alsace', '2023-07-01')`,
      `CREATE TABLE visits (id INTEGER, patient_id INTEGER, visited_at DATE, outcome VARCHAR)`,
      `INSERT INTO visits VALUES (10, 1, '2022-05-05', 'missed'), (11, 1, '2023-03-03', 'missed'), (12, 3, '2023-08-08', 'healed'),
        (13, 2, '2024-01-10', 'missed'), (14, 4, '2024-02-20', 'healed'), (15, 2, '2023-03-04', 'healed'),
        (16, 1, '2023-11-30', 'healed')`,
      `CREATE TABLE drugs (id INTEGER, name VARCHAR, family VARCHAR)`,
      `INSERT INTO drugs VALUES (1, 'Asperol', 'Painkiller'), (2, 'Bentin', 'Painkiller'), (3, 'Corvix', 'Antibiotic')`,
      `CREATE TABLE treatments (id INTEGER, visit_id INTEGER, drug_id INTEGER, fee INTEGER)`,
      `INSERT INTO treatments VALUES (1, 10, 1, 500), (2, 11, 2, 30), (3, 12, 1, 20), (4, 13, 3, 70), (5, 14, 1, 900),
        (6, 15, 3, 60), (7, 16, 2, 5)`,
    ],
    keys: { patients: ['id'], visits: ['id'], drugs: ['id'], treatments: ['id'] },
    relationships: [
      ['visits', 'patient_id', 'patients', 'id'],
      ['treatments', 'visit_id', 'visits', 'id'],
      ['treatments', 'drug_id', 'drugs', 'id'],
    ],
    now: new Date('2024-03-15T12:00:00Z'),
  });
});

describe('things “by” what many of them share', () => {
  it.each([
    [
      'visits by outcome',
      [
        ['healed', '4'],
        ['missed', '3'],
      ],
    ],
    [
      'visits in 2023 by outcome',
      [
        ['healed', '3'],
        ['missed', '1'],
      ],
    ],
    [
      'patients by region',
      [
        ['Alsace', '3'],
        ['Tyrol', '2'],
      ],
    ],
    [
      'visits by region',
      [
        ['Alsace', '4'],
        ['Tyrol', '3'],
      ],
    ],
  ])('counts for “%s”', async (question, rows) => {
    expect(await clinic.rows(question)).toEqual(rows);
  });

  it.each(['list the visits by outcome', 'visits by outcome in descending order'])(
    'lists the rows where they or their order are asked for: “%s”',
    async (question) => {
      expect(await clinic.rows(question)).toHaveLength(7);
    },
  );

  it('does not count what tells each row apart', () => {
    expect(clinic.ask('patients by name')).toMatchObject({ kind: 'unanswerable' });
  });
});

describe('a share', () => {
  it.each([
    ['What share of visits was missed in 2023?', 25],
    ['What percentage of visits of patients in Tyrol were missed?', 100 / 3],
    ['What percentage of visits were missed in Alsace in 2023?', 100 / 3],
    ['What percentage of missed visits were from Tyrol?', 100 / 3],
    ['What percentage of patients in Alsace registered in 2023?', 100 / 3],
    ['percentage of visits missed in 2022', 100],
    ['What percentage of visits are missed?', 300 / 7],
    ['What percentage of patients registered in 2023?', 60],
  ])('is of the rows that the time and the place leave: “%s”', async (question, share) => {
    const [[only] = []] = await clinic.rows(question);
    expect(only).toBeCloseTo(share);
  });
});

describe('a time', () => {
  it.each<[string, unknown[][]]>([
    ['patients who visited in 2024', [['Jon'], ['Lena']]],
    ['How many patients visited in 2023?', [['3']]],
    ['patients who got Asperol in 2023', [['Kim']]],
    ['number of visits of patients in 2024', [['2']]],
    ['patients who registered in 2023', [['Jon'], ['Lena'], ['Max']]],
  ])('is that of what was done: “%s”', async (question, rows) => {
    expect((await clinic.rows(question)).toSorted()).toEqual(rows);
  });

  it.each<[string, unknown[][]]>([
    [
      'top 2 patients by total fee in 2023',
      [
        ['Jon', '60'],
        ['Ines', '35'],
      ],
    ],
    ['total fee by region in 2024', [['Tyrol', '970']]],
    [
      'top 2 drugs by total fee in 2023',
      [
        ['Corvix', '60'],
        ['Bentin', '35'],
      ],
    ],
    [
      'total fee by region and year',
      [
        ['Alsace', '2022-01-01 00:00:00', '500'],
        ['Tyrol', '2023-01-01 00:00:00', '60'],
        ['Alsace', '2023-01-01 00:00:00', '55'],
        ['Tyrol', '2024-01-01 00:00:00', '970'],
      ],
    ],
  ])('is that of what is added up, and of nothing else: “%s”', async (question, rows) => {
    expect(await clinic.rows(question)).toEqual(rows);
  });

  it('is not guessed where nothing is there that it could be of', () => {
    expect(clinic.ask('patients who did not get Asperol in 2023')).toMatchObject({ kind: 'unanswerable' });
  });
});

describe('a deed', () => {
  let library: Shop;
  beforeAll(async () => {
    library = await openFixture({
      setup: [
        `CREATE TABLE members (id INTEGER, name VARCHAR, town VARCHAR, since DATE)`,
        `INSERT INTO members VALUES (1, 'Ute', 'Graz', '2022-01-05'), (2, 'Vic', 'Linz', '2023-01-05'), (3, 'Wim', 'Linz', '2023-03-01')`,
        `CREATE TABLE orders (id INTEGER, member_id INTEGER, placed_on DATE)`,
        `INSERT INTO orders VALUES (1, 1, '2023-02-02'), (2, 1, '2022-03-03'), (3, 2, '2022-04-04')`,
      ],
      keys: { members: ['id'], orders: ['id'] },
      relationships: [['orders', 'member_id', 'members', 'id']],
      now: new Date('2024-03-15T12:00:00Z'),
    });
  });

  it.each([
    ['members who ordered in 2022', [['Ute'], ['Vic']]],
    ['members who ordered in Linz in 2022', [['Vic']]],
    ['How many members ordered in 2023?', [['1']]],
    ['How many members ordered?', [['2']]],
  ])('that is called like an order of rows is none: “%s”', async (question, rows) => {
    expect(await library.rows(question)).toEqual(rows);
  });

  it('leaves an order of rows as it is', async () => {
    expect(await library.rows('list the members ordered by name')).toEqual([['Ute'], ['Vic'], ['Wim']]);
  });
});
