/** How cards say what they show, in pages and pictures alike. */
import {
  type CellValue,
  cellText,
  dayColumns,
  dayOf,
  plainNumber,
  type ResultColumn,
} from '../../../engine/charts/index.js';
import { inWords } from '../dashboard-filters.js';
import type { RenderedCard, RenderedDashboard, ShownChart } from './rendered.js';

const NUMBERS = new Set(['integer', 'decimal', 'float']);

export function isNumber({ type }: ResultColumn): boolean {
  return isNumberType(type);
}

export function isNumberType(type: string | null): boolean {
  return type !== null && NUMBERS.has(type);
}

/** Numbers that are names: they have no thousands. */
const NAMES = /(^|[^a-z])(id|year|no|nr|number|code|zip)$/i;

/** The cells of a table. What is a date by nature has no time of day. */
export function rowsInWords({ columns, rows }: Pick<ShownChart, 'columns' | 'rows'>): string[][] {
  const days = dayColumns(columns, rows);
  return rows.map((row) =>
    columns.map((column, index) => {
      const value = row[index] ?? null;
      return cellInWords(days.has(index) ? dayOf(value) : value, column);
    }),
  );
}

/** A cell of a table: numbers with separators, moments as people write them, and a dash for what is missing. */
function cellInWords(value: CellValue, column: ResultColumn): string {
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

/** The filters that hold, in one line; empty when there are none. */
export function filtersOf({ filters }: Pick<RenderedDashboard, 'filters'>): string {
  return filters.flatMap(({ setting }) => (setting === null ? [] : [inWords(setting)])).join(' · ');
}

/** The line below the title of a page. */
export function subtitleOf({ description, asOf }: RenderedDashboard): string {
  return [
    ...(description === null ? [] : [description]),
    ...(asOf === null ? [] : [`Data as of ${momentInWords(asOf)}`]),
  ].join(' · ');
}
