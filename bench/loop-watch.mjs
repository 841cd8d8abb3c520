/** Looks at the event loop of a server from outside. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const HOOK = fileURLToPath(new URL('./loop-watch.cjs', import.meta.url));

/** @param {string} folder for the notes */
export function loopWatch(folder) {
  const file = join(folder, `loop-${process.hrtime.bigint()}.json`);
  /** @param {number} pid */
  const longest = async (pid) => {
    await rm(file, { force: true });
    process.kill(pid, 'SIGUSR2');
    for (let tries = 0; tries < 200; tries += 1) {
      await sleep(25);
      const text = await readFile(file, 'utf8').catch(() => '');
      if (text.endsWith('}')) return JSON.parse(text);
    }
    throw new Error('the server did not tell how its event loop does');
  };
  return {
    /** For the server's process. */
    environment: { LOOP_WATCH: file, NODE_OPTIONS: `--require ${JSON.stringify(HOOK)}` },
    /**
     * Milliseconds that the loop was held up at the most while something ran.
     *
     * @param {number} pid
     * @param {() => Promise<unknown>} work
     */
    during: async (pid, work) => {
      await longest(pid);
      await work();
      const { max } = await longest(pid);
      return max;
    },
  };
}
