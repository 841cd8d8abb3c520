/** How cards say what they show, in pages and pictures alike. */
import { type CellValue, cellText, plainNumber, type ResultColumn } from '../../../engine/charts/index.js';
import { inWords } from '../dashboard-filters.js';
import type { RenderedCard, RenderedDashboard, ShownChart } from './rendered.js';

const NUMBERS = new Set(['integer', 'decimal', 'float']);

export function isNumber({ type }: ResultColumn): boolean {
  return NUMBERS.has(type);
}

/** Numbers that are names: they have no thousands. */
const NAMES = /(^|[^a-z])(id|year|no|nr|number|code|zip)$/i;

/** A cell of a table: numbers with separators, moments as people write them, and a dash for what is missing. */
export function cellInWords(value: CellValue, column: ResultColumn): string {
  if (value === null) return '–';
  const text = typeof value === 'number' ? plainNumber(value) : cellText(value);
  if (column.type === 'timestamp' || column.type === 'timestamptz')
    return text.replace('T', ' ').replace(/\.0+(?=Z?$)/, '');
  if (!isNumber(column) || NAMES.test(column.name)) return text;
  const [, sign = '', whole = '', rest = ''] = /^(-?)(\d+)(\.\d+)?$/.exec(text) ?? [];
  return whole === '' ? text : `${sign}${whole.replaceAll(/\B(?=(\d{3})+$)/g, ',')}${rest}`;
}

/** A moment, to the minute. */
export function momentInWords(moment: Date): string {
  return `${moment.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Why there are no rows to show; null when there are. */
export function emptiness({ rowCount, filters }: ShownChart): string | null {
  if (rowCount > 0) return null;
  return filters.length > 0 ? 'No rows with these filters.' : 'No rows.';
}

/**
 * The line below a chart.
 *
 * @param pageAsOf what the page says of all its data: a chart says it only when its own is newer
 */
export function footerOf({ shown }: RenderedCard, pageAsOf: Date | null): string {
  if (shown === null) return '';
  const { asOf, restricted, filters, rows, rowCount, chart, truncated } = shown;
  const cut = chart.spec === null && rowCount > rows.length;
  const amount = `first ${rows.length.toLocaleString('en')} of ${rowCount.toLocaleString('en')} rows`;
  return [
    ...(pageAsOf !== null && momentInWords(pageAsOf) === momentInWords(asOf)
      ? []
      : [`Data as of ${momentInWords(asOf)}`]),
    ...(cut ? [amount] : []),
    ...(truncated ? ['not all rows were kept'] : []),
    ...filters.map((setting) => inWords(setting)),
    ...(restricted ? ['access rules apply'] : []),
  ].join(' · ');
}

/** The line below the title of a page. */
export function subtitleOf({ description, asOf }: RenderedDashboard): string {
  return [
    ...(description === null ? [] : [description]),
    ...(asOf === null ? [] : [`Data as of ${momentInWords(asOf)}`]),
  ].join(' · ');
}
