/** A database of a suite as a source: the catalogue an upload would have, and the path its statements take. */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Catalog } from '../catalog/catalog.js';
import type { CellValue } from '../charts/contract.js';
import { DuckDbFileConnector } from '../connectors/duckdb/index.js';
import type { RunLimits } from '../connectors/connector.js';
import type { SqlGuard } from '../sql/index.js';
import type { SuiteDatabase } from './suite.js';

const MEGABYTE = 1024 ** 2;
const MOST_ROWS = 10_000;
const LIMITS: RunLimits = {
  maxRows: MOST_ROWS,
  maxResultBytes: 64 * MEGABYTE,
  maxMemoryBytes: 512 * MEGABYTE,
  timeoutMs: 20_000,
};

export class SuiteSource {
  private readonly results = new Map<string, CellValue[][]>();
  private isChanged = false;

  private constructor(
    readonly catalog: Catalog,
    private readonly connector: DuckDbFileConnector,
    private readonly guard: SqlGuard,
    private readonly folder: string,
    private readonly resultsFile: string,
  ) {}

  /**
   * Profiles the tables, or takes what is kept of them from an earlier time.
   *
   * @param folder where profiles and results are kept between runs
   */
  static async open(database: SuiteDatabase, guard: SqlGuard, folder: string): Promise<SuiteSource> {
    mkdirSync(folder, { recursive: true });
    const bounds = {
      maxMemoryBytes: 512 * MEGABYTE,
      maxSpillBytes: 1024 * MEGABYTE,
      threads: 2,
      scratchDirectory: folder,
    };
    const connector = new DuckDbFileConnector({ ...bounds, tables: database.tables });
    const key = stateOf(database);
    const catalog = await kept(join(folder, `${key}.catalog.json`), () => connector.introspect());
    const source = new SuiteSource(
      withDeclared(catalog, database),
      connector,
      guard,
      folder,
      join(folder, `${key}.results.json`),
    );
    if (existsSync(source.resultsFile)) {
      const known = JSON.parse(readFileSync(source.resultsFile, 'utf8')) as [string, CellValue[][]][];
      for (const [sql, rows] of known) source.results.set(sql, rows);
    }
    return source;
  }

  /**
   * The rows of a statement, after the guard has let it through.
   *
   * @throws EngineError as guard and connector do
   */
  async rows(sql: string): Promise<CellValue[][]> {
    const { sql: guarded } = await this.guard.check(sql, {
      tables: this.catalog.tables.map(({ name, columns }) => ({ name, columns: columns.map((column) => column.name) })),
    });
    const known = this.results.get(guarded);
    if (known) return known;
    const resultFile = join(this.folder, `${randomUUID()}.parquet`);
    const signal = new AbortController().signal;
    const { rows } = await this.connector.run({
      sql: guarded,
      resultFile,
      limits: LIMITS,
      firstRows: MOST_ROWS,
      signal,
    });
    rmSync(resultFile, { force: true });
    this.results.set(guarded, rows);
    this.isChanged = true;
    return rows;
  }

  /** Keeps the results for the next run. */
  keep(): void {
    if (this.isChanged) write(this.resultsFile, [...this.results]);
  }
}

/** What is profiled and run over stays the same while this does. */
function stateOf({ tables }: SuiteDatabase): string {
  const files = tables.map(({ name, file }) => [name, file, statSync(file).mtimeMs, statSync(file).size]);
  return createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 24);
}

/** A declared relationship takes the place of what was inferred about its columns. */
function withDeclared({ tables, relationships }: Catalog, database: SuiteDatabase): Catalog {
  const declared = database.relationships;
  const isSettled = (column: string, table: string): boolean =>
    declared.some(({ from }) => from.table === table && from.column === column);
  return {
    tables: tables.map((table) => {
      const known = database.tables.find(({ name }) => name === table.name);
      return {
        ...table,
        primaryKey: table.primaryKey.length > 0 ? table.primaryKey : (known?.primaryKey ?? []),
        columns: table.columns.map((column) => ({
          ...column,
          description: known?.descriptions[column.name] ?? column.description,
        })),
      };
    }),
    relationships: [...declared, ...relationships.filter(({ from }) => !isSettled(from.column, from.table))],
  };
}

async function kept<T>(file: string, make: () => Promise<T>): Promise<T> {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as T;
  const made = await make();
  write(file, made);
  return made;
}

/** A run that is stopped half-way leaves no half of a file. */
function write(file: string, content: unknown): void {
  const unfinished = `${file}.${randomUUID()}`;
  writeFileSync(unfinished, JSON.stringify(content));
  renameSync(unfinished, file);
}
