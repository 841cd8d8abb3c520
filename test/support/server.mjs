/** A Lumiere server of its own process, on a free loopback port and a data directory of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/src/main.js', import.meta.url));

/** What the server that all tests share gives its metrics for. */
export const METRICS_TOKEN = 'scrapers-only-4711-0815';

/** @typedef {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, import('node:stream').Readable>} Child */

/**
 * @typedef {object} TestServer
 * @property {string} url
 * @property {string} dataDir
 * @property {number} pid
 * @property {() => string} output Everything the server has printed so far.
 * @property {() => Promise<number | null>} stop Asks the server to stop, waits until it has, and gives its exit code. The data directory stays.
 * @property {() => Promise<number | null>} kill Ends the server without asking.
 */

/**
 * Starts a server and waits until it is ready.
 *
 * @param {Record<string, string>} [environment]
 * @param {string} [dataDir] a new one when left out
 * @returns {Promise<TestServer>}
 */
export async function startServer(environment = {}, dataDir) {
  const directory = dataDir ?? (await mkdtemp(join(tmpdir(), 'lumiere-test-')));
  return openServer(environment, directory).ready;
}

/**
 * Starts a server that may be ended before it is ready.
 *
 * @param {Record<string, string>} environment
 * @param {string} dataDir
 * @returns {{ ready: Promise<TestServer>, kill: TestServer['kill'] }}
 */
export function openServer(environment, dataDir) {
  const { child, output } = launch({ ...environment, LUMIERE_DATA_DIR: dataDir });
  const kill = () => end(child, 'SIGKILL');
  /** @type {Promise<string>} */
  const address = new Promise((resolve, reject) => {
    child.stdout.on('data', () => {
      const match = /Lumiere is ready at (http:\S+)/.exec(output());
      if (match?.[1] !== undefined) resolve(match[1]);
    });
    child.once('exit', (code) => reject(new Error(`The server ended with code ${code}:\n${output()}`)));
  });
  const ready = address.then((url) => ({
    url,
    dataDir,
    pid: child.pid ?? 0,
    output,
    stop: () => end(child, 'SIGTERM'),
    kill,
  }));
  return { ready, kill };
}

/**
 * Starts a server that is expected to end by itself.
 *
 * @param {Record<string, string>} environment
 * @returns {Promise<{ code: number | null, output: string }>}
 */
export async function runToExit(environment) {
  const { child, output } = launch(environment);
  await once(child, 'close');
  return { code: child.exitCode, output: output() };
}

/** @param {TestServer} server */
export async function removeDataDir(server) {
  await rm(server.dataDir, { recursive: true, force: true });
}

/**
 * @param {Record<string, string>} environment
 * @returns {{ child: Child, output: () => string }}
 */
function launch(environment) {
  const child = spawn(process.execPath, [MAIN], {
    cwd: tmpdir(),
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      BCRYPT_COST: '10',
      UV_THREADPOOL_SIZE: '16',
      NODE_ENV: 'test',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text) => {
      printed += text;
    });
  }
  return { child, output: () => printed };
}

/**
 * @param {Child} child
 * @param {NodeJS.Signals} signal
 */
async function end(child, signal) {
  if (child.exitCode === null && child.signalCode === null) {
    const closed = once(child, 'close');
    child.kill(signal);
    await closed;
  }
  return child.exitCode;
}
