/** `npm start`: builds when needed, then serves until SIGTERM or Ctrl+C. */
import { buildWhenNeeded } from './build.mjs';

// DuckDB runs its queries on libuv's threads; with the default of four, a few long queries would hold up file access.
process.env.UV_THREADPOOL_SIZE ??= '16';

buildWhenNeeded();
await import('../dist/src/main.js');
