import type { CellValue, ResultColumn } from '../charts/contract.js';
import { dayColumns, dayOf } from '../charts/day-columns.js';

/** One thing of a document: a picture, a table, or both under one title. */
export interface PublishedPart {
  title: string;
  /** A chart as `renderPng` and `renderSvg` give it; null where the rows are read as a table. */
  picture: { png: Buffer; svg: string } | null;
  /** Null where the picture says it all. */
  table: {
    columns: readonly ResultColumn[];
    /** The first rows. */
    rows: readonly (readonly CellValue[])[];
    /** All that there are. */
    rowCount: number;
  } | null;
  /** When the data was read; null when that is not known. */
  dataAsOf: Date | null;
  /** What is to be said of it, such as that it was cut. */
  notes: readonly string[];
}

/** A document to read, print and pass on. */
export interface Publication {
  title: string;
  /** What holds for all of it, such as the filters that are set; said below the title. */
  notes: readonly string[];
  parts: readonly PublishedPart[];
}

/** A moment as people read it, in UTC. */
export function moment(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** The cells of a table as lines of text. What is a date by nature has no time of day. */
export function rowsAsText({ columns, rows }: NonNullable<PublishedPart['table']>): string[][] {
  const days = dayColumns(columns, rows);
  return rows.map((row) => columns.map((column, index) => cellAsText(row[index] ?? null, column, days.has(index))));
}

/** A value as a line of text. */
export function shown(value: CellValue | undefined): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function cellAsText(value: CellValue, { type }: ResultColumn, isDay: boolean): string {
  const text = shown(isDay ? dayOf(value) : value);
  return type === 'timestamp' || type === 'timestamptz' ? text.replace('T', ' ').replace(/\.0+(?=Z?$)/, '') : text;
}

/** Whether a column stands to the right, as figures do. */
export function isFigure({ type }: ResultColumn): boolean {
  return type === 'integer' || type === 'float' || type === 'decimal';
}

/** What is said below a part. */
export function footnotes({ table, dataAsOf, notes }: PublishedPart): string[] {
  const cut =
    table !== null && table.rows.length < table.rowCount
      ? [
          `The first ${table.rows.length.toLocaleString('en-US')} of ${table.rowCount.toLocaleString('en-US')} rows. Export as CSV, XLSX or Parquet for all of them.`,
        ]
      : [];
  return [...cut, ...notes, ...(dataAsOf === null ? [] : [`Data as of ${moment(dataAsOf)}`])];
}
