/** Where on a sheet the table is: titles stand above it, and its first row may name the columns. */
import type { SheetRow } from './sheet-rows.js';

/** Rows by which the place of the table is told. */
export const LAYOUT_ROWS = 100;
/** A row this full, next to the fullest, belongs to the table. */
const TABLE_SHARE = 0.6;
/** A row no fuller than this is a title or a remark above it. */
const TITLE_SHARE = 0.34;

export interface SheetLayout {
  /** Rows above the table. */
  skippedRows: number;
  header: boolean;
  /** The columns that the first rows reach, from 0. */
  width: number;
}

/** @param rows the first rows that are not empty, up to `LAYOUT_ROWS` */
export function layoutOf(rows: readonly SheetRow[], header: boolean | undefined): SheetLayout {
  const fullest = Math.max(0, ...rows.map((row) => row.length));
  const start = rows.findIndex((row) => row.length >= Math.max(1, fullest * TABLE_SHARE));
  const above = rows.slice(0, Math.max(0, start));
  const areTitles = above.every((row) => row.length <= Math.max(1, fullest * TITLE_SHARE));
  const skippedRows = areTitles ? above.length : 0;
  const width = Math.max(0, ...rows.flat().map(({ column }) => column + 1));
  return { skippedRows, header: header ?? namesColumns(rows[skippedRows] ?? []), width };
}

/** Texts, no two of them the same. */
function namesColumns(row: SheetRow): boolean {
  const texts = row.map(({ text }) => text.trim().toLowerCase());
  return row.length > 0 && row.every(({ kind }) => kind === 'text') && new Set(texts).size === texts.length;
}
