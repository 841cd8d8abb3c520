export { createDuckDbGuard, type DuckDbGuard } from './duckdb/guard.js';
export type { GuardedStatement, GuardScope, SqlGuard } from './guard.js';
