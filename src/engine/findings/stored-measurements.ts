/** Measures a stored result of any size where it lies: DuckDB counts and adds up, and a few hundred numbers come back. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Granularity } from '../charts/calendar.js';
import { cellText } from '../charts/cells.js';
import type { Category, Measure, Time } from '../charts/column-profile.js';
import type { CellValue, ResultColumn } from '../charts/contract.js';
import { literal } from '../connectors/duckdb/sql-text.js';
import { readRows } from '../connectors/duckdb/stored-result.js';
import {
  type Group,
  type Measurements,
  MOST_EXTREMES,
  MOST_GROUPS,
  MOST_POINTS,
  type Series,
  type Spread,
} from './measurements.js';
import { coarser, periodOf } from './periods.js';
import type { Correlation } from './statistics/correlation.js';
import type { Extreme, Moments } from './statistics/generalised-esd.js';

/** Ranks are sorted for; of more rows than these every nth is taken. */
const MOST_RANKED = 100_000;

export class StoredMeasurements implements Measurements {
  private readonly cells = new Map<string, CellValue>();

  private constructor(
    private readonly connection: DuckDBConnection,
    private readonly columns: readonly ResultColumn[],
    readonly rowCount: number,
  ) {}

  /** @param columns those of the file, in its order */
  static async over(
    connection: DuckDBConnection,
    file: string,
    columns: readonly ResultColumn[],
    rowCount: number,
  ): Promise<StoredMeasurements> {
    // Names of any kind, also twice the same, become positions.
    const names = [...columns.keys()].map((index) => `c${index}`);
    await connection.run(
      `CREATE TEMP VIEW stored AS FROM read_parquet(${literal(file)}, hive_partitioning = false, file_row_number = true)
       AS stored (${[...names, 'row_at'].join(', ')})`,
    );
    return new StoredMeasurements(connection, columns, rowCount);
  }

  async series(time: Time, measure: Measure): Promise<Series | undefined> {
    if (!['date', 'timestamp', 'timestamptz'].includes(this.columns[time.column]?.type ?? '')) return undefined;
    const at = `CAST(c${time.column} AS TIMESTAMP)`;
    const rows = `(SELECT ${at} AS moment, ${numberIn(measure)} AS x, row_at FROM stored WHERE isfinite(${at}))`;
    const [begin, end] = await this.numbers(`SELECT epoch_ms(min(moment)), epoch_ms(max(moment)) FROM ${rows}`);
    if (begin === undefined || end === undefined) return undefined;
    const granularity = granularityFor(time.granularity, begin, end);
    if (granularity === undefined) return undefined;
    const value = measure.additive ? 'fsum(x)' : 'avg(x)';
    const { rows: found } = await readRows(
      this.connection,
      `SELECT epoch_ms(date_trunc(${literal(granularity)}, moment)) AS period, ${value}, count(x), min(row_at)
       FROM ${rows} WHERE x IS NOT NULL GROUP BY period ORDER BY period`,
    );
    const points = found.map(([period, x, count, row]) => ({
      time: Number(period),
      value: Number(x),
      row: count === 1 ? Number(row) : null,
    }));
    return { granularity, points, begin, end, coarsened: granularity !== time.granularity };
  }

  async groups(category: Category, measure: Measure): Promise<Group[] | undefined> {
    const { rows } = await readRows(
      this.connection,
      `SELECT CAST(c${category.column} AS VARCHAR) AS name, coalesce(fsum(x), 0) AS total, min(x)
       FROM (SELECT c${category.column}, ${numberIn(measure)} AS x FROM stored)
       GROUP BY c${category.column} ORDER BY total DESC, name LIMIT ${MOST_GROUPS + 1}`,
    );
    if (rows.length > MOST_GROUPS || rows.some(([, , smallest]) => Number(smallest) < 0)) return undefined;
    return rows.map(([name, total]) => ({ name: cellText(name ?? null), total: Number(total) }));
  }

  async correlation(one: Measure, other: Measure): Promise<Correlation> {
    const step = Math.max(1, Math.ceil(this.rowCount / MOST_RANKED));
    const rank = (x: string) => `rank() OVER (ORDER BY ${x}) + (count(*) OVER (PARTITION BY ${x}) - 1) / 2`;
    const [n = 0, pearson = 0, spearman = 0] = await this.numbers(
      `SELECT count(*), corr(x, y), corr(rank_x, rank_y)
       FROM (SELECT x, y, ${rank('x')} AS rank_x, ${rank('y')} AS rank_y
             FROM (SELECT ${numberIn(one)} AS x, ${numberIn(other)} AS y FROM stored WHERE row_at % ${step} = 0)
             WHERE x IS NOT NULL AND y IS NOT NULL)`,
    );
    return { n, pearson, spearman };
  }

  async spread(measure: Measure): Promise<Spread> {
    const log = 'CASE WHEN x > 0 THEN ln(x) END';
    const [n = 0, mean = 0, squares = 0, logs = 0, logMean = 0, logSquares = 0, median = 0, mad = 0] =
      await this.numbers(
        `SELECT count(x), avg(x), var_pop(x) * count(x), count(${log}), avg(${log}), var_pop(${log}) * count(${log}),
                median(x), mad(x)
         FROM (SELECT ${numberIn(measure)} AS x FROM stored)`,
      );
    const [lowest, highest] = [await this.extremes(measure, 'ASC'), await this.extremes(measure, 'DESC')];
    const inLogarithms = (extremes: readonly Extreme[]) =>
      extremes.map(({ value, row }) => ({ value: Math.log(value), row }));
    const logarithms: Moments = {
      n: logs,
      mean: logMean,
      squares: logSquares,
      lowest: inLogarithms(lowest),
      highest: inLogarithms(highest),
    };
    return { median, mad, plain: { n, mean, squares, lowest, highest }, logarithms: logs === n ? logarithms : null };
  }

  exact(measure: Measure, { row }: Extreme): CellValue {
    return this.cells.get(`${measure.column}.${row}`) ?? null;
  }

  private async extremes(measure: Measure, order: 'ASC' | 'DESC'): Promise<Extreme[]> {
    const cell: ResultColumn = this.columns[measure.column] ?? { name: 'cell', type: 'unknown' };
    const meaning: ResultColumn[] = [{ name: 'x', type: 'float' }, { name: 'row', type: 'integer' }, cell];
    const { rows } = await readRows(
      this.connection,
      `SELECT ${numberIn(measure)} AS x, row_at, c${measure.column} FROM stored
       WHERE x IS NOT NULL ORDER BY x ${order}, row_at LIMIT ${MOST_EXTREMES}`,
      meaning,
    );
    return rows.map(([x, row, exact]) => {
      this.cells.set(`${measure.column}.${Number(row)}`, exact ?? null);
      return { value: Number(x), row: Number(row) };
    });
  }

  /** The numbers of a statement's one row; undefined where there is none. */
  private async numbers(sql: string): Promise<(number | undefined)[]> {
    const { rows } = await readRows(this.connection, sql);
    return (rows[0] ?? []).map((value) => (value === null ? undefined : Number(value)));
  }
}

/** The value of a measure as a double; null where it is none. */
function numberIn({ column }: Measure): string {
  return `CASE WHEN isfinite(TRY_CAST(c${column} AS DOUBLE)) THEN TRY_CAST(c${column} AS DOUBLE) END`;
}

/** The finest period, from a given one on, of which not too many lie between two moments. */
function granularityFor(finest: Granularity, begin: number, end: number): Granularity | undefined {
  let granularity: Granularity | undefined = finest;
  while (granularity !== undefined && periodOf(end, granularity) - periodOf(begin, granularity) >= MOST_POINTS) {
    granularity = coarser(granularity);
  }
  return granularity;
}
