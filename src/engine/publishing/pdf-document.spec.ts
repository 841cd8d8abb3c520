import { describe, expect, it } from '@jest/globals';
import { extractTextItems } from 'unpdf';
import { chooseChart, renderPng } from '../charts/index.js';
import { pdfDocument } from './pdf-document.js';
import type { PublishedPart } from './publication.js';

const WIDTH = 841.89;
const columns = [
  { name: 'month', type: 'timestamp' },
  { name: 'revenue', type: 'integer' },
] as const;
const rows = Array.from({ length: 12 }, (_, index) => [
  `2024-${String(index + 1).padStart(2, '0')}-01T00:00:00`,
  1000 + index,
]);
const table: PublishedPart = {
  title: 'Sales',
  picture: null,
  table: { columns, rows, rowCount: rows.length },
  dataAsOf: null,
  notes: [],
};

async function pageItems(parts: PublishedPart[], notes: string[] = []) {
  const pdf = await pdfDocument({ title: 'Sales', notes, parts }, new Date());
  return (await extractTextItems(new Uint8Array(pdf))).items;
}

describe('a PDF document', () => {
  it('has tables as wide as the page, with dates where all moments are the beginning of a day', async () => {
    const [page = []] = await pageItems([table]);
    const figure = page.find(({ str }) => str === '1011');
    expect((figure?.x ?? 0) + (figure?.width ?? 0)).toBeGreaterThan(WIDTH * 0.9);
    expect(page.map(({ str }) => str)).toContain('2024-12-01');
  });

  it('says below its title what holds for all of it, and puts a large picture below that', async () => {
    const { spec } = chooseChart({ columns: [...columns], rows, truncated: false }, {});
    const png = await renderPng(spec ?? {}, { scale: 2 });
    const picture: PublishedPart = { ...table, picture: { png, svg: '' }, table: null };
    const pages = await pageItems([picture], ['Region: North']);
    expect(pages).toHaveLength(1);
    expect(pages[0]?.map(({ str }) => str)).toContain('Region: North');
  });
});
