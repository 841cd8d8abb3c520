export { createPostgresGuard, type PostgresGuard } from './postgres/guard.js';
export { createDuckDbGuard, type DuckDbGuard } from './duckdb/guard.js';
export { createMySqlGuard } from './mysql/guard.js';
export { createClickHouseGuard } from './clickhouse/guard.js';
export { createTrinoGuard } from './trino/guard.js';
export { digestKey } from './mask-key.js';
export {
  type AppliedRule,
  COLUMN_MASKS,
  type ColumnMask,
  type GuardedStatement,
  type GuardedTable,
  maskOf,
  type SqlGuard,
} from './guard.js';
export type { ColumnFilter, Literal, TableNeed } from './table-need.js';
