import type { CellValue, ResultColumn } from './contract.js';

const MOMENTS: ReadonlySet<ResultColumn['type']> = new Set(['timestamp', 'timestamptz']);
const BEGINNING_OF_A_DAY = /^\d{4,}-\d{2}-\d{2}[T ]00:00(:00(\.0+)?)?(Z|\+00(:?00)?)?$/;

/**
 * The columns of moments that are dates by nature: all that they hold, as far as it is shown, is the beginning of a day.
 *
 * @returns their places, from 0
 */
export function dayColumns(
  columns: readonly ResultColumn[],
  rows: readonly (readonly CellValue[])[],
): ReadonlySet<number> {
  const isDay = (value: CellValue): boolean => typeof value === 'string' && BEGINNING_OF_A_DAY.test(value);
  return new Set(
    columns.flatMap(({ type }, index) => {
      const values = MOMENTS.has(type) ? rows.map((row) => row[index] ?? null).filter((value) => value !== null) : [];
      return values.length > 0 && values.every(isDay) ? [index] : [];
    }),
  );
}

/** The date of a moment that is the beginning of a day. */
export function dayOf(value: CellValue): CellValue {
  return typeof value === 'string' ? value.slice(0, value.search(/[T ]/)) : value;
}
