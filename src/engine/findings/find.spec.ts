/** What is said about results, and what is not. */
import { describe, expect, it } from '@jest/globals';
import type { CellValue, ResultColumn, ResultTable } from '../charts/contract.js';
import { type Finding, findIn } from './index.js';
import { normal, randomNumbers } from './random.fixture.js';

const NOW = new Date('2026-06-15T12:00:00Z');
const REGIONS = ['North', 'South', 'East', 'West', 'Centre', 'Islands', 'Coast', 'Hills', 'Plains', 'Lakes'];

const table = (columns: [string, ResultColumn['type']][], rows: CellValue[][], truncated = false): ResultTable => ({
  columns: columns.map(([name, type]) => ({ name, type })),
  rows,
  truncated,
});
const find = (result: ResultTable, now = NOW) => findIn(result, { now });
const types = (findings: Finding[]) => findings.map(({ type }) => type);
const month = (index: number) => new Date(Date.UTC(2022, index, 1)).toISOString().slice(0, 10);
const day = (index: number) => new Date(Date.UTC(2025, 0, 1 + index)).toISOString().slice(0, 10);
const monthly = (values: CellValue[], name = 'revenue', type: ResultColumn['type'] = 'decimal') =>
  table(
    [
      ['month', 'date'],
      [name, type],
    ],
    values.map((value, index) => [month(index), value]),
  );

describe('findings', () => {
  it('tell a trend with its slope, its span and its rows', async () => {
    const random = randomNumbers(1);
    const rising = Array.from({ length: 24 }, (_, index) => (1000 + 50 * index + 20 * normal(random)).toFixed(2));
    const [trend] = await find(monthly(rising));
    expect(trend).toMatchObject({
      key: 'trend-0-1',
      type: 'trend',
      title: 'Revenue rises',
      columns: ['month', 'revenue'],
      keys: ['Jan 2022', 'Dec 2023'],
      significance: { test: 'Mann–Kendall' },
    });
    expect(trend?.sentence).toMatch(
      /^Revenue rises by about (49|50|51)(\.\d+)? a month over 24 months, from Jan 2022 to Dec 2023/,
    );
    expect(trend?.figures['slope_per_period']).toBeCloseTo(50, -1);
    expect(trend?.rows).toHaveLength(24);
    expect(trend?.confidence_score).toBe(0.9999);
  });

  it('do not take a season for a trend', async () => {
    const seasonal = Array.from(
      { length: 40 },
      (_, index) => 1000 + 300 * Math.sin((index * Math.PI) / 6) + (index % 5),
    );
    expect(types(await find(monthly(seasonal)))).not.toContain('trend');
  });

  it('compare the last month that is over, and say that the one after it is not', async () => {
    const random = randomNumbers(2);
    const steady = Array.from({ length: 20 }, () => Math.round(1000 + 20 * normal(random)));
    const [before, last] = [steady.at(-1) ?? 0, 1900];
    const now = new Date(Date.UTC(2022, 21, 9));
    const change = (await find(monthly([...steady, last, 310]), now)).find(({ type }) => type === 'change');
    expect(change).toMatchObject({
      title: 'Revenue rose in Sep 2023',
      figures: { before, after: last, difference: last - before, last_period_left_out: true },
      rows: [19, 20],
    });
    const percent = Math.round(((last - before) / before) * 100);
    expect(change?.sentence).toContain(
      `From Aug 2023 to Sep 2023, revenue rose by ${percent} %, from ${before.toLocaleString('en-US')} to 1,900`,
    );
    expect(change?.sentence).toContain('The month after it is not complete and was left out.');
  });

  it('see from detail rows that their last month is not all there', async () => {
    const random = randomNumbers(3);
    // 600 days of one sale each end on 23 August: less than a month's worth.
    const rows = Array.from({ length: 600 }, (_, index) => [day(index), (100 + 5 * normal(random)).toFixed(2)]);
    expect(
      await find(
        table(
          [
            ['sold_on', 'date'],
            ['amount', 'decimal'],
          ],
          rows,
        ),
      ),
    ).toEqual([]);
  });

  it('name the rows that stand out, with their values as they are', async () => {
    const random = randomNumbers(4);
    const rows = Array.from({ length: 60 }, (_, index): CellValue[] => [
      `Shop ${index}`,
      (500 + 30 * normal(random)).toFixed(2),
    ]);
    rows[17] = ['Shop 17', '1234.50'];
    const [outlier] = await find(
      table(
        [
          ['shop', 'text'],
          ['revenue', 'decimal'],
        ],
        rows,
      ),
    );
    expect(outlier).toMatchObject({
      type: 'outlier',
      rows: [17],
      keys: ['Shop 17'],
      figures: { values: ['1234.50'], count: 60 },
    });
    expect(outlier?.sentence).toMatch(
      /^1 of 60 values of revenue lies far from the others, whose median is \d+.*: 1,234\.5 \(Shop 17\)\.$/,
    );
  });

  it('see what stands out from a trend, where it is no extreme by itself', async () => {
    const random = randomNumbers(5);
    const values = Array.from({ length: 48 }, (_, index) => 1000 + 100 * index + 15 * normal(random));
    values[30] = 2500;
    const outlier = (await find(monthly(values, 'average_price', 'float'))).find(({ type }) => type === 'outlier');
    expect(outlier).toMatchObject({ rows: [30], keys: ['Jul 2024'], title: 'Average price stands out in Jul 2024' });
  });

  it('say that few groups hold most of a total', async () => {
    const totals = [9000, 4000, 300, 250, 200, 180, 150, 120, 100, 90];
    const rows = REGIONS.map((region, index): CellValue[] => [region, totals[index] ?? 0]);
    const findings = await find(
      table(
        [
          ['region', 'text'],
          ['revenue', 'integer'],
        ],
        rows,
      ),
    );
    expect(findings.map(({ sentence }) => sentence)).toContain(
      '1 of 10 values of region holds 63 % of all revenue in this result: North.',
    );
    const concentration = findings.find(({ type }) => type === 'concentration');
    expect(concentration?.figures).toMatchObject({ groups: 10, largest: 1, total: 14390 });
    expect(concentration?.rows).toEqual([0]);
    // Of the beginning of a result nothing can be said about the whole.
    expect(
      types(
        await find(
          table(
            [
              ['region', 'text'],
              ['revenue', 'integer'],
            ],
            rows,
            true,
          ),
        ),
      ),
    ).not.toContain('concentration');
  });

  it('say that measures move together, and nothing of columns that are computed from each other', async () => {
    const random = randomNumbers(6);
    const rows = Array.from({ length: 80 }, (_, index) => {
      const net = 100 + 10 * normal(random);
      return [`Order ${index}`, net, net * 1.19, 50 - net / 4 + normal(random)];
    });
    const columns: [string, ResultColumn['type']][] = [
      ['name', 'text'],
      ['net_price', 'float'],
      ['gross_price', 'float'],
      ['units_sold', 'float'],
    ];
    const related = (await find(table(columns, rows))).filter(({ type }) => type === 'correlation');
    expect(related.map((finding) => finding.columns).sort()).toEqual([
      ['gross_price', 'units_sold'],
      ['net_price', 'units_sold'],
    ]);
    expect(related[0]?.sentence).toMatch(
      /^Where (net|gross) price is higher, units sold tends to be lower \(correlation −0\.9\d over 80 rows\)/,
    );
  });

  it('are not made of two things that merely both grow', async () => {
    const random = randomNumbers(8);
    const rows = Array.from({ length: 60 }, (_, index) => [
      month(index),
      100 + 5 * index + normal(random),
      20 + 2 * index + normal(random),
    ]);
    const findings = await find(
      table(
        [
          ['month', 'date'],
          ['visits', 'float'],
          ['staff', 'float'],
        ],
        rows,
      ),
    );
    expect(types(findings)).toEqual(['trend', 'trend']);
  });

  it('take no identifier, year or running number for a measure', async () => {
    const random = randomNumbers(9);
    const rows = Array.from({ length: 60 }, (_, index) => [
      index + 1,
      5000 + index,
      1960 + index,
      `0${index}`,
      Math.round(100 * random()),
    ]);
    const columns: [string, ResultColumn['type']][] = [
      ['order_id', 'integer'],
      ['invoice', 'integer'],
      ['year', 'integer'],
      ['code', 'text'],
      ['quantity', 'integer'],
    ];
    expect(await find(table(columns, rows))).toEqual([]);
  });

  it('leave alone what they are told to', async () => {
    const rows = REGIONS.map((region, index): CellValue[] => [region, index === 0 ? 90_000 : 100 - index]);
    const result = table(
      [
        ['region', 'text'],
        ['revenue', 'integer'],
      ],
      rows,
    );
    expect(await find(result)).not.toEqual([]);
    expect(await findIn(result, { now: NOW, unanalysed: new Set(['region', 'revenue']) })).toEqual([]);
  });

  it('say nothing of empty results, single rows, nulls and constants', async () => {
    const columns: [string, ResultColumn['type']][] = [
      ['month', 'date'],
      ['region', 'text'],
      ['revenue', 'decimal'],
    ];
    const constant = Array.from({ length: 40 }, (_, index): CellValue[] => [month(index), 'North', '10.00']);
    const empty = Array.from({ length: 40 }, (): CellValue[] => [null, null, null]);
    for (const rows of [[], constant.slice(0, 1), constant, empty])
      expect(await find(table(columns, rows))).toEqual([]);
  });

  it('are at most five, no more than two of a kind', async () => {
    const random = randomNumbers(10);
    const names = ['visits', 'orders', 'revenue', 'refunds', 'staff', 'stock'];
    const rows = Array.from({ length: 60 }, (_, index) => [
      month(index),
      ...names.map((_name, nth) => 1000 + (10 + nth) * index + normal(random)),
    ]);
    rows[30] = [month(30), ...names.map(() => 9000)];
    const findings = await find(
      table([['month', 'date'], ...names.map((name): [string, 'float'] => [name, 'float'])], rows),
    );
    expect(findings.length).toBeLessThanOrEqual(5);
    expect(types(findings).filter((type) => type === 'trend')).toHaveLength(2);
  });
});

describe('of 1,000 tables of noise', () => {
  const SHAPES: ((random: () => number) => number)[] = [
    (random) => 100 + 15 * normal(random),
    (random) => Math.round(1000 * random()),
    (random) => -50 * Math.log(1 - random()),
    (random) => Math.exp(4 + 0.5 * normal(random)),
    (random) => normal(random),
  ];

  it('at most one in twenty gives a finding', async () => {
    const random = randomNumbers(2026);
    let found = 0;
    for (let nth = 0; nth < 1000; nth += 1) {
      const count = 10 + Math.floor(random() * 60);
      const shapes = [0, 1, 2].map(() => SHAPES[Math.floor(random() * SHAPES.length)] ?? normal);
      const key = [month, (index: number) => `Name ${index}`, day, () => REGIONS[Math.floor(random() * 10)] ?? ''][
        nth % 4
      ];
      const keyType = nth % 2 === 0 ? 'date' : 'text';
      const rows = Array.from({ length: count }, (_, index) => [
        key?.(index) ?? null,
        ...shapes.map((shape) => shape(random)),
      ]);
      const result = table(
        [
          ['key', keyType],
          ['amount', 'float'],
          ['visits', 'float'],
          ['score', 'float'],
        ],
        rows,
      );
      if ((await find(result, new Date('2040-01-01'))).length > 0) found += 1;
    }
    expect(found).toBeLessThanOrEqual(50);
  });
});
