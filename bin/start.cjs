/**
 * `npm start`: builds when needed, then serves until SIGTERM or Ctrl+C.
 *
 * CommonJS, because DuckDB runs its statements on libuv's threads and their number must be set before the first of them is
 * used, which loading an ES module already does. With the default of four, a few imports or exports would hold up file access.
 */
process.env.UV_THREADPOOL_SIZE ??= '16';

async function start() {
  const { buildWhenNeeded } = await import('./build.mjs');
  buildWhenNeeded();
  await import('../dist/src/main.js');
}

void start();
