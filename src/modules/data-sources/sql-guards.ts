import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Dialect } from '../../engine/catalog/catalog.js';
import {
  createClickHouseGuard,
  createDuckDbGuard,
  createMySqlGuard,
  createPostgresGuard,
  createTrinoGuard,
  type GuardedStatement,
  type GuardedTable,
  type SqlGuard,
  type TableNeed,
} from '../../engine/sql/index.js';
import type { OpenedTable } from './access-rules.js';
import { MaskKey } from './mask-key.js';

type ClosableGuard = SqlGuard & { close(): void };

const MAKERS: Readonly<Record<Dialect, () => Promise<ClosableGuard>>> = {
  duckdb: () => createDuckDbGuard(),
  postgres: () => createPostgresGuard(),
  mysql: () => createMySqlGuard(),
  clickhouse: () => createClickHouseGuard(),
  trino: () => createTrinoGuard(),
};

/** The schema of tables whose name has none, of sources that were read before it was kept with them. */
const USUAL_SCHEMAS: Partial<Record<Dialect, string>> = { postgres: 'public' };

/** The guards that every statement goes through, one for each dialect, opened when its first statement comes. */
@Injectable()
export class SqlGuards implements OnApplicationShutdown {
  private readonly opened = new Map<Dialect, Promise<ClosableGuard>>();

  constructor(private readonly maskKey: MaskKey) {}

  /** @throws EngineError `sql_*` when the statement is not a harmless read of these tables */
  async check(sql: string, dialect: Dialect, tables: OpenedTable[]): Promise<GuardedStatement> {
    const guard = await this.of(dialect);
    const defaultSchema = tables[0]?.defaultSchema ?? USUAL_SCHEMAS[dialect];
    const scope = { tables, maskKey: this.maskKey.value, ...(defaultSchema === undefined ? {} : { defaultSchema }) };
    return guard.check(sql, scope);
  }

  /** @throws EngineError `sql_*` when it is no condition on rows of this table */
  async checkPredicate(predicate: string, dialect: Dialect, table: GuardedTable): Promise<string> {
    return (await this.of(dialect)).checkPredicate(predicate, table);
  }

  /**
   * What a statement in DuckDB's dialect reads of each table.
   *
   * @throws EngineError as `check`
   */
  async needsOf(sql: string, tables: GuardedTable[]): Promise<TableNeed[]> {
    const { needsOf } = await this.of('duckdb');
    if (needsOf === undefined) throw new Error('The guard of DuckDB does not say what statements need.');
    return needsOf(sql, { tables });
  }

  async onApplicationShutdown(): Promise<void> {
    for (const guard of this.opened.values()) (await guard).close();
  }

  private of(dialect: Dialect): Promise<ClosableGuard> {
    const known = this.opened.get(dialect);
    if (known !== undefined) return known;
    const guard = MAKERS[dialect]();
    this.opened.set(dialect, guard);
    return guard;
  }
}
