import { describe, expect, it } from '@jest/globals';
import { EngineError } from '../errors.js';
import { chooseChart } from './choose-chart.js';
import { CHART_TYPES, type CellValue, type Chart, type ResultTable } from './contract.js';
import type { ColumnType } from '../catalog/catalog.js';

function table(
  columns: Record<string, ColumnType> | Map<string, ColumnType>,
  rows: CellValue[][],
  truncated = false,
): ResultTable {
  return {
    columns: [...(columns instanceof Map ? columns : Object.entries(columns))].map(([name, type]) => ({ name, type })),
    rows,
    truncated,
  };
}

function dataOf(chart: Chart): Record<string, unknown>[] {
  return (chart.spec as { data: { values: Record<string, unknown>[] } }).data.values;
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof EngineError) return error.code;
    throw error;
  }
  return 'nothing was thrown';
}

const cities = ['Hanoi', 'Paris', 'Lagos', 'Lima', 'Osaka', 'Oslo', 'Quito', 'Turin'];
const months = Array.from({ length: 24 }, (_, index) => new Date(Date.UTC(2024, index, 1)).toISOString().slice(0, 10));
const many = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('chooseChart', () => {
  it('shows a single number large', () => {
    const chart = chooseChart(table({ 'count_star()': 'integer' }, [[184_321]]));
    expect(chart).toMatchObject({ type: 'number', title: 'Count' });
    expect(dataOf(chart)).toMatchObject([{ value_label: '184,321' }]);
  });

  it('names the row of a single number', () => {
    const chart = chooseChart(table({ city: 'text', customers: 'integer' }, [['Hanoi', 412]]));
    expect(chart).toMatchObject({ type: 'number', title: 'Hanoi: customers' });
  });

  it('draws dates and a measure as a line', () => {
    const chart = chooseChart(
      table(
        { month: 'date', orders: 'integer' },
        months.map((month, index) => [month, 100 + index]),
      ),
    );
    expect(chart).toMatchObject({ type: 'line', title: 'Orders by month' });
    expect(dataOf(chart)[1]).toEqual({ month: '2024-02-01', label: 'Feb 2024', orders: 101 });
  });

  it.each([
    ['2025-03', 'Mar 2025'],
    ['2025-Q2', 'Q2 2025'],
    ['2025-03-07 14:05:00', '7 Mar 2025 14:05'],
  ])('reads the text %s as a point in time', (first, label) => {
    const others = first.includes('Q')
      ? ['2025-Q3', '2025-Q4']
      : [first.replace('-03', '-04'), first.replace('-03', '-05')];
    const chart = chooseChart(
      table(
        { period: 'text', orders: 'integer' },
        [first, ...others].map((period) => [period, 5]),
      ),
    );
    expect(chart.type).toBe('line');
    expect(dataOf(chart)[0]).toMatchObject({ label });
  });

  it('takes an integer year as time and an integer id as a name, not as amounts', () => {
    expect(
      chooseChart(
        table({ year: 'integer', sales: 'integer' }, [
          [2023, 5],
          [2024, 6],
          [2025, 9],
        ]),
      ).type,
    ).toBe('line');
    const byId = chooseChart(
      table({ customer_id: 'integer', orders: 'integer' }, [
        [7, 12],
        [3, 9],
        [12, 4],
      ]),
    );
    expect(byId).toMatchObject({ type: 'bar', title: 'Orders by customer ID' });
    expect(
      chooseChart(
        table({ id: 'integer', email: 'text' }, [
          [1, 'a'],
          [2, 'b'],
        ]),
      ).type,
    ).toBe('table');
  });

  it('draws measures of about the same size on one axis and says which are left out', () => {
    const rows = months.map((month, index) => [month, 1000 + index, 800 + index, 0.2]);
    const chart = chooseChart(table({ month: 'date', revenue: 'decimal', cost: 'decimal', margin: 'float' }, rows));
    expect(new Set(dataOf(chart).map(({ series }) => series))).toEqual(new Set(['Revenue', 'Cost']));
    expect(chart.reason).toContain('Margin is not drawn');
  });

  it('draws the largest of too many series and says so', () => {
    const rows = months.flatMap((month) => many(20).map((airline) => [month, `Airline ${airline}`, airline * 10]));
    const chart = chooseChart(table({ month: 'date', airline: 'text', passengers: 'integer' }, rows));
    expect(chart.type).toBe('line');
    expect(new Set(dataOf(chart).map(({ airline }) => airline)).size).toBe(10);
    expect(chart.reason).toContain('The 10 largest of 20 are drawn.');
  });

  it('keeps the order of a sorted result, and sorts any other by size', () => {
    const columns = { city: 'text', orders: 'integer' } as const;
    const ascending = chooseChart(
      table(
        columns,
        cities.map((city, index) => [city, index]),
      ),
    );
    expect(dataOf(ascending).map(({ city }) => city)).toEqual(cities);
    const unsorted = chooseChart(
      table(columns, [
        ['Oslo', 5],
        ['Hanoi', 9],
        ['Quito', 7],
        ['Lima', 8],
      ]),
    );
    expect(dataOf(unsorted).map(({ city }) => city)).toEqual(['Hanoi', 'Lima', 'Quito', 'Oslo']);
    const calendar = chooseChart(
      table({ weekday: 'text', orders: 'integer' }, [
        ['Tuesday', 5],
        ['Sunday', 9],
        ['Monday', 7],
      ]),
    );
    expect(dataOf(calendar).map(({ weekday }) => weekday)).toEqual(['Monday', 'Tuesday', 'Sunday']);
  });

  it('draws the first thirty bars of many and says so', () => {
    const rows = many(5000).map((index) => [`Customer ${index}`, String(index)]);
    const chart = chooseChart(table({ name: 'text', revenue: 'decimal' }, rows, true));
    expect(chart.type).toBe('bar');
    expect(dataOf(chart)).toHaveLength(30);
    expect(chart.reason).toContain('The first 30 of 5,000 are drawn.');
    expect(chart.reason).toContain('Only the first rows of the result are drawn.');
  });

  it('stacks amounts of two categories and sets averages side by side', () => {
    const rows = cities.flatMap((city) => ['Web', 'Shop'].map((channel, index) => [city, channel, index + 1]));
    const stacked = chooseChart(table({ city: 'text', channel: 'text', orders: 'integer' }, rows));
    expect(JSON.stringify(stacked.spec)).toContain('"stack":"zero"');
    const grouped = chooseChart(table({ city: 'text', channel: 'text', avg_price: 'float' }, rows));
    expect(grouped).toMatchObject({ type: 'bar', title: 'Average price by city and channel' });
    expect(JSON.stringify(grouped.spec)).toContain('Offset');
  });

  it('draws many pairs of categories as a heatmap', () => {
    const rows = cities.flatMap((city) => cities.map((other, index) => [city, `${other} port`, index]));
    expect(chooseChart(table({ origin: 'text', destination: 'text', flights: 'integer' }, rows)).type).toBe('heatmap');
  });

  it('draws two measures as points and one as a histogram of all its rows', () => {
    const pairs = many(50).map((index) => [index * 1.5, index * index]);
    expect(chooseChart(table({ weight: 'float', speed: 'float' }, pairs)).type).toBe('scatter');
    const chart = chooseChart(
      table(
        { delay: 'float' },
        many(20_000).map((index) => [index % 97]),
      ),
    );
    expect(chart.type).toBe('histogram');
    expect(dataOf(chart).reduce((sum, { value }) => sum + Number(value), 0)).toBe(20_000);
  });

  it('places coordinates on a grid', () => {
    const rows = many(30).map((index) => [`Stop ${index}`, 48 + index / 100, 2 + index / 50]);
    const chart = chooseChart(table({ stop: 'text', latitude: 'float', longitude: 'float' }, rows));
    expect(chart).toMatchObject({ type: 'scatter', title: 'Latitude against longitude' });
  });

  it('draws a pie only when it is asked for or the question is about shares', () => {
    const result = table({ segment: 'text', orders: 'integer' }, [
      ['Retail', 620],
      ['Business', 240],
      ['Public', 90],
    ]);
    expect(chooseChart(result).type).toBe('bar');
    expect(chooseChart(result, { question: 'What share of orders comes from each segment?' }).type).toBe('pie');
    expect(chooseChart(result, { question: 'Orders by segment as a pie chart' }).type).toBe('pie');
    expect(chooseChart(result, { type: 'pie' }).type).toBe('pie');
  });

  it('gathers the small slices of a pie', () => {
    const chart = chooseChart(
      table(
        { country: 'text', orders: 'integer' },
        many(20).map((index) => [`C${index}`, 20 - index]),
      ),
      { type: 'pie' },
    );
    expect(dataOf(chart)).toHaveLength(8);
    expect(dataOf(chart).at(-1)).toMatchObject({ country: 'Other (13)', orders: 91 });
  });

  it('refuses a wished type that does not fit and says what it needs', () => {
    const loss = table({ city: 'text', profit: 'integer' }, [
      ['Hanoi', -5],
      ['Paris', 9],
    ]);
    expect(() => chooseChart(loss, { type: 'pie' })).toThrow(/not negative/);
    expect(() => chooseChart(loss, { type: 'line' })).toThrow(/needs a date column/);
    for (const type of ['scatter', 'heatmap', 'area', 'number'] as const) {
      expect(codeOf(() => chooseChart(loss, { type }))).toBe('chart_not_possible');
    }
  });

  it('answers an empty result with a table, and refuses any other type for it', () => {
    const empty = table({ city: 'text', orders: 'integer' }, []);
    expect(chooseChart(empty)).toEqual({
      type: 'table',
      title: 'Result',
      reason: 'The result has no rows.',
      spec: null,
    });
    for (const type of CHART_TYPES.filter((each) => each !== 'table')) {
      expect(codeOf(() => chooseChart(empty, { type }))).toBe('chart_not_possible');
    }
  });

  it('survives results without columns, with nothing but nulls and with nested values', () => {
    expect(chooseChart(table({}, [[], []])).type).toBe('table');
    expect(
      chooseChart(
        table({ a: 'integer', b: 'text' }, [
          [null, null],
          [null, null],
        ]),
      ).type,
    ).toBe('table');
    expect(
      chooseChart(
        table({ tags: 'list', raw: 'json' }, [
          [['x'], { y: 1 }],
          [[], {}],
        ]),
      ).type,
    ).toBe('table');
    expect(
      chooseChart(
        table({ city: 'text', n: 'float' }, [
          ['a', 'NaN'],
          ['b', 'Infinity'],
          ['c', 2],
        ]),
      ).type,
    ).toBe('bar');
  });

  it('reads decimals and big integers from strings', () => {
    const chart = chooseChart(
      table({ city: 'text', total: 'decimal' }, [
        ['a', '123456789012345678.90'],
        ['b', '5'],
      ]),
    );
    expect(dataOf(chart).map(({ total }) => total)).toEqual([123_456_789_012_345_680, 5]);
  });

  it('keeps column names and values of any kind out of field names and expressions', () => {
    const hostile = `a.b["c'] \u0000 signal('x')`;
    const chart = chooseChart(
      table(
        new Map<string, ColumnType>([
          [hostile, 'text'],
          ['rank', 'text'],
          ['constructor', 'integer'],
        ]),
        cities.map((city, index) => [city, 'same', index]),
      ),
    );
    const text = JSON.stringify(chart.spec);
    for (const field of text.matchAll(/"field":"([^"]*)"/g)) expect(field[1]).toMatch(/^[a-z][a-z0-9_]*$/);
    expect(text).not.toMatch(/"(url|signal|expr|href|calculate)":/);
    expect(text).not.toContain('\\u0000');
  });

  it('reads numbers that a file brought as text, but not codes with leading zeros', () => {
    const teachers = [
      ['Bolton', '32'],
      ['Hull', '29'],
      ['Oslo', '41'],
    ];
    expect(chooseChart(table({ hometown: 'text', age: 'text' }, teachers)).type).toBe('bar');
    expect(
      chooseChart(
        table({ hometown: 'text', area: 'text' }, [
          ['Bolton', '01204'],
          ['Hull', '01482'],
        ]),
      ).type,
    ).toBe('table');
  });

  it('gives the same chart for the same result', () => {
    const result = table(
      { city: 'text', orders: 'integer' },
      cities.map((city, index) => [city, (index * 7) % 5]),
    );
    expect(JSON.stringify(chooseChart(result))).toBe(JSON.stringify(chooseChart(result)));
  });

  it('never puts more than 5,000 rows into a specification', () => {
    const points = many(12_000).map((index) => [index, (index * 7919) % 1000]);
    expect(dataOf(chooseChart(table({ x: 'float', y: 'float' }, points))).length).toBeLessThanOrEqual(5000);
    const series = many(6000).map((index) => [new Date(index * 60_000).toISOString(), index, index + 1, index + 2]);
    expect(
      dataOf(chooseChart(table({ at: 'timestamp', a: 'float', b: 'float', c: 'float' }, series))).length,
    ).toBeLessThanOrEqual(5000);
  });
});
