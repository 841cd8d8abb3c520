/** From `npm start` to ready: with a new data directory, and with one that is there. */
import { join } from 'node:path';
import { inMilliseconds, median, timed } from './numbers.mjs';
import { startServer } from './server.mjs';

const ROUNDS = 3;
const MOST_FIRST_MS = 5000;
const MOST_LATER_MS = 2000;

/** @param {import('./run.mjs').Bench} bench */
export async function measureStart(bench) {
  const [firsts, laters] = [[], []];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const dataDir = join(bench.folder, `start-${round}`);
    firsts.push(await startAndStop(dataDir));
    laters.push(await startAndStop(dataDir));
    bench.say(`round ${round}: first ${inMilliseconds(firsts.at(-1))}, afterwards ${inMilliseconds(laters.at(-1))}`);
  }
  const line = (what, times, most) => ({
    what,
    measured: inMilliseconds(median(times)),
    target: `< ${inMilliseconds(most)}`,
    ok: median(times) < most,
  });
  return [line('First start to ready', firsts, MOST_FIRST_MS), line('Later start to ready', laters, MOST_LATER_MS)];
}

async function startAndStop(dataDir) {
  let server;
  const elapsed = await timed(async () => {
    server = await startServer(dataDir);
  });
  await server.stop();
  return elapsed;
}
