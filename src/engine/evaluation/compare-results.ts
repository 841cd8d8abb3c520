/** Whether two results say the same. */
import type { CellValue } from '../charts/contract.js';
import type { ExpectedResult, Unstable } from './suite.js';

/** Numbers that differ by less than this share of the larger one are equal. */
const TOLERANCE = 1e-6;
const NUMBER = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?\s*$/i;
const MOMENT = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d+))?\s*(?:Z|[+-]00(?::?00)?)?)?$/;

/**
 * True when the rows equal one of the expected results: columns by position, rows as a multiset, or in order where the
 * expected result is ordered and its order does not depend on ties. Numbers are equal within 1e-6 relative, a number
 * equals its spelling, true and false equal 1 and 0, and a moment equals its other ISO 8601 spellings.
 */
export function equalsAny(
  rows: readonly CellValue[][],
  expected: readonly ExpectedResult[],
  unstable: Unstable | null = null,
): boolean {
  return expected.some((entry) =>
    columnChoices(entry).some((columns) => {
      const wanted = entry.rows.map((row) => columns.map((column) => row[column] ?? null));
      return entry.ordered && unstable === null
        ? equalInOrder(rows, wanted, columns.length)
        : equalAsMultisets(rows, wanted, columns.length);
    }),
  );
}

/** The sets of column positions of which each is enough. */
function columnChoices({ columns, any_of: groups = [] }: ExpectedResult): number[][] {
  const grouped = new Set(groups.flat());
  let choices = [columns.map((_, index) => index).filter((index) => !grouped.has(index))];
  for (const group of groups) {
    choices = choices.flatMap((choice) => nonEmptySubsets(group).map((subset) => [...choice, ...subset]));
  }
  return choices.map((choice) => choice.toSorted((a, b) => a - b));
}

function nonEmptySubsets(items: readonly number[]): number[][] {
  let subsets: number[][] = [[]];
  for (const item of items) subsets = subsets.flatMap((subset) => [subset, [...subset, item]]);
  return subsets.filter((subset) => subset.length > 0);
}

function equalInOrder(rows: readonly CellValue[][], wanted: readonly CellValue[][], width: number): boolean {
  return rows.length === wanted.length && rows.every((row, index) => equalRows(row, wanted[index] ?? [], width));
}

function equalAsMultisets(rows: readonly CellValue[][], wanted: readonly CellValue[][], width: number): boolean {
  if (rows.length !== wanted.length) return false;
  const left = new Map<string, CellValue[][]>();
  for (const row of wanted) {
    const key = coarseKey(row);
    left.set(key, [...(left.get(key) ?? []), row]);
  }
  return rows.every((row) => {
    const candidates = left.get(coarseKey(row)) ?? [];
    const index = candidates.findIndex((candidate) => equalRows(row, candidate, width));
    if (index < 0) return false;
    candidates.splice(index, 1);
    return true;
  });
}

/** Rows that are equal share it; numbers are left out, because nearly equal ones must share it too. */
function coarseKey(row: readonly CellValue[]): string {
  return JSON.stringify(row.map((cell) => (numberOf(cell) === null ? plain(cell) : 0)));
}

function equalRows(row: readonly CellValue[], wanted: readonly CellValue[], width: number): boolean {
  return row.length === width && row.every((cell, index) => equalCells(cell, wanted[index] ?? null));
}

function equalCells(one: CellValue, other: CellValue): boolean {
  if (one === null || other === null) return one === other;
  const [first, second] = [numberOf(one), numberOf(other)];
  if (first === null || second === null) return plain(one) === plain(other);
  return Math.abs(first - second) <= TOLERANCE * Math.max(Math.abs(first), Math.abs(second));
}

function numberOf(cell: CellValue): number | null {
  if (typeof cell === 'number') return cell;
  if (typeof cell === 'boolean') return Number(cell);
  return typeof cell === 'string' && NUMBER.test(cell) ? Number(cell) : null;
}

/** A moment in its shortest spelling; other values as they are. */
function plain(cell: CellValue): string {
  if (typeof cell !== 'string') return JSON.stringify(cell);
  const [, day, time, fraction = ''] = MOMENT.exec(cell) ?? [];
  if (day === undefined) return cell;
  const digits = fraction.replace(/0+$/, '');
  const clock = (time?.length === 5 ? `${time}:00` : (time ?? '00:00:00')) + (digits === '' ? '' : `.${digits}`);
  return clock === '00:00:00' ? day : `${day} ${clock}`;
}
