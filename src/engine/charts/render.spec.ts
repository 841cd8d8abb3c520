import { describe, expect, it } from '@jest/globals';
import type { ColumnType } from '../catalog/catalog.js';
import { chooseChart } from './choose-chart.js';
import type { CellValue, ChartType } from './contract.js';
import { renderPng, renderSvg } from './render.js';

function specOf(
  columns: Record<string, ColumnType>,
  rows: CellValue[][],
  type?: ChartType,
  title?: string,
): Record<string, unknown> {
  const result = {
    columns: Object.entries(columns).map(([name, kind]) => ({ name, type: kind })),
    rows,
    truncated: false,
  };
  const { spec } = chooseChart(result, { ...(type ? { type } : {}), ...(title ? { title } : {}) });
  if (!spec) throw new Error('the result gave no chart');
  return spec;
}

const days = Array.from({ length: 40 }, (_, index) =>
  new Date(Date.UTC(2025, 0, 1 + index)).toISOString().slice(0, 10),
);
const series = days.flatMap((day, index) => ['Web', 'Shop'].map((channel) => [day, channel, index + 3]));
const pairs = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].flatMap((x, i) =>
  ['p', 'q', 'r', 's', 't', 'u', 'v'].map((y, j) => [x, y, i - j]),
);
const EXAMPLES: [ChartType, Record<string, unknown>][] = [
  [
    'bar',
    specOf({ city: 'text', profit: 'integer' }, [
      ['Hanoi', 41_000],
      ['Paris', -12_500],
      ['Lima', 0],
    ]),
  ],
  [
    'bar',
    specOf({ city: 'text', channel: 'text', avg_price: 'float' }, [
      ['a', 'x', 1.5],
      ['a', 'y', 2],
      ['b', 'x', 3],
    ]),
  ],
  ['line', specOf({ day: 'date', channel: 'text', orders: 'integer' }, series)],
  ['area', specOf({ day: 'date', channel: 'text', orders: 'integer' }, series, 'area')],
  [
    'line',
    specOf(
      { at: 'timestamp', load: 'float' },
      Array.from({ length: 48 }, (_, hour) => [new Date(hour * 3.6e6).toISOString(), hour]),
    ),
  ],
  [
    'pie',
    specOf(
      { city: 'text', orders: 'integer' },
      [
        ['a', 5],
        ['b', 3],
      ],
      'pie',
    ),
  ],
  [
    'scatter',
    specOf(
      { x: 'float', y: 'float' },
      Array.from({ length: 50 }, (_, i) => [i, i * i * 1e9]),
    ),
  ],
  [
    'histogram',
    specOf(
      { delay: 'float' },
      Array.from({ length: 500 }, (_, i) => [(i * 37) % 101]),
    ),
  ],
  ['heatmap', specOf({ origin: 'text', destination: 'text', change: 'float' }, pairs)],
  ['number', specOf({ revenue: 'decimal' }, [['123456789012.55']])],
];

describe('renderSvg', () => {
  it.each(EXAMPLES)('draws a %s chart', async (_, spec) => {
    const svg = await renderSvg(spec);
    expect(svg).toMatch(/^<svg [^>]*width="\d+"/);
    expect(svg).not.toMatch(/NaN|undefined|<script|<image|href=/);
  });

  it('draws a specification that was stored as JSON in the same way', async () => {
    for (const [, spec] of EXAMPLES)
      expect(await renderSvg(JSON.parse(JSON.stringify(spec)))).toBe(await renderSvg(spec));
  });

  it('writes every date as it is stored, whatever the time zone of the machine', async () => {
    const zone = process.env.TZ;
    const spec = specOf({ month: 'date', orders: 'integer' }, [
      ['2025-01-01', 3],
      ['2025-02-01', 4],
      ['2025-03-01', 5],
    ]);
    try {
      process.env.TZ = 'America/Los_Angeles';
      const west = await renderSvg(spec);
      process.env.TZ = 'Asia/Tokyo';
      expect(await renderSvg(spec)).toBe(west);
      expect(west).toContain('>Jan 2025<');
      expect(west).not.toContain('Dec 2024');
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });

  it('keeps hostile text inert', async () => {
    const hostile = [
      '<script>alert(1)</script>',
      '"><img src=x onerror=alert(1)>',
      "'+alert(1)+'",
      ']]>&bad;',
      '\u0000\u001b\ud800',
    ];
    const rows = hostile.map((text, index) => [text, index + 1]);
    const svg = await renderSvg(specOf({ [hostile[1] ?? '']: 'text', 'n[0].x': 'integer' }, rows, 'bar', hostile[0]));
    expect(svg).not.toMatch(/<script|<img/);
    expect(svg).toContain('&lt;script&gt;');
    expect(svg).not.toMatch(/[^\P{Cc}\n]|\p{Cs}/u);
  });

  it('has the size that was asked for', async () => {
    const svg = await renderSvg(EXAMPLES[0]?.[1] ?? {}, { width: 500, height: 300 });
    expect(svg).toMatch(/width="500" height="300"/);
    await expect(renderSvg(EXAMPLES[0]?.[1] ?? {}, { width: 100_000 })).rejects.toMatchObject({
      code: 'chart_not_possible',
    });
  });

  it.each<[string, (spec: Record<string, unknown>) => Record<string, unknown>]>([
    ['data from a URL', (spec) => ({ ...spec, data: { url: 'file:///etc/hostname' } })],
    ['a second data set', (spec) => ({ ...spec, datasets: { a: [] } })],
    ['a calculation', (spec) => ({ ...spec, transform: [{ calculate: '1+1', as: 'x' }] })],
    ['a filter expression', (spec) => ({ ...spec, transform: [{ filter: 'datum.x > 1' }] })],
    ['a parameter', (spec) => ({ ...spec, params: [{ name: 'p', expr: '1' }] })],
    ['an expression in the title', (spec) => ({ ...spec, title: { text: { expr: '1+1' } } })],
    [
      'an expression for labels',
      (spec) => ({ ...spec, encoding: { x: { field: 'a', axis: { labelExpr: 'warn(1)' } } } }),
    ],
    ['a picture', (spec) => ({ ...spec, mark: { type: 'image' } })],
    ['a picture named by text', (spec) => ({ ...spec, mark: 'image' })],
    ['a link', (spec) => ({ ...spec, encoding: { href: { value: 'javascript:alert(1)' } } })],
    ['a field that is a path', (spec) => ({ ...spec, encoding: { x: { field: "a['b']" } } })],
    ['a nested value', (spec) => ({ ...spec, data: { values: [{ a: { b: 1 } }] } })],
    ['too many rows', (spec) => ({ ...spec, data: { values: Array.from({ length: 5001 }, () => ({ a: 1 })) } })],
  ])('refuses %s', async (_, change) => {
    const [, spec] = EXAMPLES[0] ?? ['bar', {}];
    await expect(renderSvg(change(spec ?? {}))).rejects.toMatchObject({ code: 'chart_not_possible' });
  });
});

describe('renderPng', () => {
  it('draws a PNG of the size times the scale', async () => {
    const png = await renderPng(EXAMPLES[0]?.[1] ?? {}, { scale: 2, width: 400, height: 300 });
    expect(png.subarray(0, 4).toString('latin1')).toBe('\u0089PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([800, 600]);
  });

  it('refuses a picture of too many pixels', async () => {
    const [, spec] = EXAMPLES[0] ?? ['bar', {}];
    await expect(renderPng(spec ?? {}, { scale: 4, width: 4000, height: 4000 })).rejects.toMatchObject({
      code: 'chart_not_possible',
    });
    await expect(renderPng(spec ?? {}, { scale: 1000 })).rejects.toMatchObject({ code: 'chart_not_possible' });
  });
});
