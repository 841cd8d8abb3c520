export { createPostgresGuard, type PostgresGuard } from './postgres/guard.js';
export { createDuckDbGuard, type DuckDbGuard } from './duckdb/guard.js';
export {
  type AppliedRule,
  COLUMN_MASKS,
  type ColumnMask,
  type GuardedStatement,
  type GuardedTable,
  type SqlGuard,
} from './guard.js';
export type { ColumnFilter, Literal, TableNeed } from './table-need.js';
