/** What DuckDB does with the staged text of a remote result. Errors come as DuckDB throws them: what they mean depends on the step. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { CellValue, ResultColumn } from '../../charts/contract.js';
import type { InstanceBounds, TaskContext } from '../duckdb/engine-bounds.js';
import { runLocked } from '../duckdb/locked-run.js';
import { messageOf } from '../duckdb/query-errors.js';
import { identifier, literal, parquetRows, TABLE_FORMAT } from '../duckdb/sql-text.js';
import { columnsMetadata, FIRST_ROWS_BYTES, readRows } from '../duckdb/stored-result.js';
import {
  type ColumnReading,
  MAX_DECIMAL_WIDTH,
  misfit,
  readingAsText,
  readingTyped,
  type StagedColumn,
  stagedName,
  type StagedRows,
  stagedRows,
} from './staged-columns.js';

interface StageInput {
  bounds: InstanceBounds;
  columns: readonly StagedColumn[];
}

interface ResultInput extends StageInput {
  resultFile: string;
  /** Rows to give back at the most. */
  wanted: number;
}

/** Writes some of the rows as a Parquet file of their own, and says how many they were. */
export async function stagePiece(
  { bounds, columns, rows, target }: StageInput & { rows: StagedRows; target: string },
  context: TaskContext,
): Promise<number> {
  const readings = columns.map(({ shape }, index) => readingTyped(shape, index));
  const statement = copyStatement(readings, columns, rows, target);
  return runLocked({ ...bounds, files: [...rows.files, target] }, context, async (db) => {
    const { rowsChanged } = await db.run(statement);
    return rowsChanged;
  });
}

/**
 * Writes all rows as the stored result, whatever values there are, and gives the first of them back.
 *
 * @param count how many rows there are: the reader of the text passes over what does not fit into its buffer
 */
export function stageWhole(
  { bounds, columns, rows, count, resultFile, wanted }: ResultInput & { rows: StagedRows; count: number },
  context: TaskContext,
): Promise<CellValue[][]> {
  return runLocked({ ...bounds, files: [...rows.files, resultFile] }, context, async (db) => {
    const readings = await settledReadings(db, columns, rows);
    const copy = async (as: readonly ColumnReading[]): Promise<void> => {
      const { rowsChanged } = await db.run(copyStatement(as, columns, rows, resultFile));
      if (rowsChanged !== count) throw new Error(`Of ${count} rows ${rowsChanged} were read.`);
    };
    try {
      await copy(readings);
    } catch (error) {
      if (!isConversion(error)) throw error;
      await copy(await fittingReadings(db, columns, readings, rows));
    }
    return firstRows(db, { columns, resultFile, wanted });
  });
}

/** The first rows of a result that is written. */
export function stageFirstRows({ bounds, ...result }: ResultInput, context: TaskContext): Promise<CellValue[][]> {
  return runLocked({ ...bounds, files: [result.resultFile] }, context, (db) => firstRows(db, result));
}

async function firstRows(
  db: DuckDBConnection,
  { columns, resultFile, wanted }: Omit<ResultInput, 'bounds'>,
): Promise<CellValue[][]> {
  if (wanted === 0) return [];
  const sql = `FROM ${parquetRows(resultFile)} LIMIT ${wanted}`;
  return (await readRows(db, sql, columns, FIRST_ROWS_BYTES)).rows;
}

function copyStatement(
  readings: readonly ColumnReading[],
  columns: readonly ResultColumn[],
  rows: StagedRows,
  resultFile: string,
): string {
  const described = columns.map(({ name, type }) => ({ name, type }));
  const output = readings.map(({ sql }, index) => `${sql} AS ${identifier(described[index]?.name ?? '')}`);
  const source = stagedRows(
    rows,
    readings.map(({ csvType }) => csvType),
  );
  return `COPY (SELECT ${output.join(', ')} FROM ${source}) TO ${literal(resultFile)}
    (${TABLE_FORMAT}, ${columnsMetadata(described)})`;
}

/** The readings of all columns, those of numbers without a declared precision after a look at all of their values. */
async function settledReadings(
  db: DuckDBConnection,
  columns: readonly StagedColumn[],
  rows: StagedRows,
): Promise<ColumnReading[]> {
  const measured = columns.flatMap(({ shape }, index) => (shape.kind === 'number' ? [stagedName(index)] : []));
  if (measured.length === 0) return columns.map(({ shape }, index) => readingTyped(shape, index));
  const measures = measured.flatMap((column) => [
    `coalesce(max(length(split_part(ltrim(${column}, '-'), '.', 1))), 1)`,
    `coalesce(max(length(split_part(${column}, '.', 2))), 0)`,
    // NaN, Infinity
    `coalesce(bool_or(contains(${column}, 'N') OR contains(${column}, 'I')), false)`,
  ]);
  const source = stagedRows(
    rows,
    columns.map(() => 'VARCHAR'),
  );
  const values = (await db.runAndReadAll(`SELECT ${measures.join(', ')} FROM ${source}`)).getRows()[0] ?? [];
  let position = 0;
  return columns.map(({ shape }, index) => {
    if (shape.kind !== 'number') return readingTyped(shape, index);
    const [digits, scale, special] = values.slice(position, (position += 3));
    const width = Number(digits) + Number(scale);
    if (special === true || width > MAX_DECIMAL_WIDTH) return readingAsText(shape, index);
    // Up to 18 digits a DECIMAL is a 64-bit integer.
    return readingTyped(
      { kind: 'decimal', precision: width <= 18 ? 18 : MAX_DECIMAL_WIDTH, scale: Number(scale) },
      index,
    );
  });
}

/** The readings, with the columns as text in which a value does not fit its type. */
async function fittingReadings(
  db: DuckDBConnection,
  columns: readonly StagedColumn[],
  readings: readonly ColumnReading[],
  rows: StagedRows,
): Promise<ColumnReading[]> {
  const misfits = columns.map(({ shape }, index) => `coalesce(bool_or(${misfit(shape, index)}), false)`);
  const source = stagedRows(
    rows,
    columns.map(() => 'VARCHAR'),
  );
  const values = (await db.runAndReadAll(`SELECT ${misfits.join(', ')} FROM ${source}`)).getRows()[0] ?? [];
  return columns.map(({ shape }, index) => {
    const reading = readings[index];
    return values[index] === true || !reading ? readingAsText(shape, index) : reading;
  });
}

/** Whether a value did not fit the type of its column. */
export function isConversion(error: unknown): boolean {
  const message = messageOf(error);
  return /^(Conversion|Invalid Input|Out of Range)/.test(message) && !isUnreadable(error);
}

/** Whether a text was no UTF-8. */
export function isUnreadable(error: unknown): boolean {
  return /invalid unicode|not utf-8/i.test(messageOf(error));
}
