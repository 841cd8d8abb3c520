/**
 * Loaded into a server that is measured (`--require`): notes how long its event loop is held up, and writes the longest
 * time since the last note, in milliseconds, to the file in LOOP_WATCH when it gets SIGUSR2.
 */
const { writeFileSync } = require('node:fs');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { isMainThread } = require('node:worker_threads');

const file = process.env.LOOP_WATCH;
if (isMainThread && file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  process.on('SIGUSR2', () => {
    writeFileSync(file, JSON.stringify({ max: delay.max / 1e6, p99: delay.percentile(99) / 1e6 }));
    delay.reset();
  });
}
