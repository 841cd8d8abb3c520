import { Readable } from 'node:stream';
import { type CellValue as WorkbookValue, writeXlsxStream } from 'hucre/xlsx';
import type { CellValue, ResultColumn } from '../charts/contract.js';
import { EngineError } from '../errors.js';
import { shown } from './publication.js';

/** Limits of the format (ECMA-376; "Excel specifications and limits"). */
const MOST_COLUMNS = 16_384;
const LONGEST_TEXT = 32_767;
const LONGEST_HEADER = 255;
/** Digits that a cell of numbers keeps: more of them are kept as text. */
const EXACT_DIGITS = 15;

const FORMATS: Partial<Record<ResultColumn['type'], string>> = {
  date: 'yyyy-mm-dd',
  timestamp: 'yyyy-mm-dd hh:mm:ss',
  timestamptz: 'yyyy-mm-dd hh:mm:ss',
  time: 'hh:mm:ss',
};
/** The first day that spreadsheets count as everybody else does: they believe in 29 February 1900. */
const FIRST_DAY = Date.UTC(1900, 2, 1);
const LAST_DAY = Date.UTC(9999, 11, 31, 23, 59, 59);
const DAY_SECONDS = 86_400;

/**
 * Rows as an XLSX workbook (ECMA-376), piece by piece: numbers, booleans, dates and times are cells of their own kind. Every
 * text is a cell of text, whatever it begins with: none is a formula. Numbers that a cell would round (more than 15 digits),
 * and days before March 1900, are text. Texts are cut at 32,767 characters, of which `onCut` is told. What does not fit on a
 * sheet (1,048,576 lines, its header among them) goes on on the next one, under the same header.
 *
 * @param maxSheetRows lines of a sheet, for tests
 * @throws EngineError `export_not_possible` for more than 16,384 columns
 */
export function workbook(
  columns: readonly ResultColumn[],
  portions: AsyncIterable<CellValue[][]>,
  onCut: () => void = () => undefined,
  maxSheetRows?: number,
): Readable {
  if (columns.length > MOST_COLUMNS) {
    const count = columns.length.toLocaleString('en-US');
    throw new EngineError('export_not_possible', `A sheet has 16,384 columns and not ${count}. Take CSV or Parquet.`);
  }
  const text = (value: string, longest = LONGEST_TEXT): string => {
    if (value.length <= longest) return value;
    onCut();
    return `${value.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
  };
  async function* rows(): AsyncGenerator<WorkbookValue[], void, void> {
    for await (const portion of portions) {
      for (const row of portion) {
        yield row.map((value, index) => cell(value, columns[index]?.type ?? 'text', text));
      }
    }
  }
  const stream = writeXlsxStream(rows(), {
    name: 'Result',
    columns: columns.map(({ name, type }) => {
      const numFmt = FORMATS[type];
      const header = text(name, LONGEST_HEADER);
      return { header, width: widthOf(header, type), ...(numFmt === undefined ? {} : { numFmt }) };
    }),
    freezePane: { rows: 1 },
    ...(maxSheetRows === undefined ? {} : { maxRowsPerSheet: maxSheetRows }),
    zip64: false,
  });
  return Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0], { objectMode: false });
}

function cell(value: CellValue, type: ResultColumn['type'], text: (value: string) => string): WorkbookValue {
  if (value === null || typeof value === 'boolean') return value;
  switch (type) {
    case 'integer':
    case 'float':
    case 'decimal':
      return number(value) ?? text(shown(value));
    case 'date':
    case 'timestamp':
    case 'timestamptz':
      return day(value) ?? text(shown(value));
    case 'time':
      return clock(value) ?? text(shown(value));
    default:
      return text(shown(value));
  }
}

function number(value: CellValue): number | null {
  const digits = shown(value).replace(/e.*$/i, '').replace(/\D/g, '').replace(/^0+/, '');
  // A float has the digits that it was computed with; that a cell shows fewer loses nothing that was meant.
  if (typeof value === 'number') return Number.isInteger(value) && digits.length > EXACT_DIGITS ? null : value;
  return digits.replace(/0+$/, '').length <= EXACT_DIGITS ? Number(value) : null;
}

function day(value: CellValue): Date | null {
  if (typeof value !== 'string') return null;
  const withZone = value.includes('T') && !value.endsWith('Z') ? `${value}Z` : value;
  const at = new Date(withZone);
  return at.getTime() >= FIRST_DAY && at.getTime() <= LAST_DAY ? at : null;
}

/** A time of day is a part of a day. */
function clock(value: CellValue): number | null {
  const [, hours, minutes, seconds] = /^(\d\d):(\d\d):(\d\d(?:\.\d+)?)$/.exec(shown(value)) ?? [];
  if (hours === undefined) return null;
  return (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) / DAY_SECONDS;
}

function widthOf(header: string, type: ResultColumn['type']): number {
  const usual = { date: 11, timestamp: 20, timestamptz: 20, boolean: 8, text: 24 }[type as string] ?? 12;
  return Math.min(60, Math.max(usual, header.length + 2));
}
