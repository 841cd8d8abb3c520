export { createDuckDbGuard, type DuckDbGuard } from './duckdb/guard.js';
export {
  type AppliedRule,
  COLUMN_MASKS,
  type ColumnMask,
  type GuardedStatement,
  type GuardedTable,
  type SqlGuard,
} from './guard.js';
