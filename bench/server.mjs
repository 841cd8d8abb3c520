/** Starts servers on free loopback ports with data directories of their own, and talks to them. */
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../bin/start.cjs', import.meta.url));
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;

/** Servers that run now, so that none is left when the bench ends early. */
const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * @typedef {object} Server
 * @property {string} url
 * @property {number} pid
 * @property {string} secret the key that access tokens are signed with
 * @property {string} dataDir
 * @property {() => Promise<void>} stop
 */

/**
 * Starts Lumiere, as `npm start` does, and waits until it says that it is ready.
 *
 * @param {string} dataDir
 * @param {Record<string, string>} environment
 * @returns {Promise<Server>}
 */
export async function startServer(dataDir, environment = {}) {
  const secret = randomBytes(48).toString('base64');
  const started = await startProcess(MAIN, {
    PORT: '0',
    LUMIERE_DATA_DIR: dataDir,
    LUMIERE_SECRET_KEY: secret,
    LOG_LEVEL: 'warn',
    ...environment,
  });
  const response = await fetch(`${started.url}/health/ready`);
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`the server says it is ready, but /health/ready answers ${response.status}`);
  return { ...started, secret, dataDir };
}

/**
 * Runs a script that prints its address when it listens.
 *
 * @param {string} script
 * @param {Record<string, string>} environment
 */
export async function startProcess(script, environment) {
  const child = spawn(process.execPath, [script], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  const exited = new Promise((done) => child.once('exit', done));
  void exited.then(() => running.delete(child));
  const url = await address(child);
  const stop = async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  };
  return { url, pid: child.pid, stop };
}

function address(child) {
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(
      () => reject(new Error(`the server did not start within a minute: ${output}`)),
      START_TIMEOUT_MS,
    );
    child.once('exit', (code) =>
      reject(new Error(`the server ended with code ${code} before it was ready: ${output}`)),
    );
    child.stdout.on('data', (chunk) => {
      output = (output + chunk).slice(-10_000);
      const url = /https?:\/\/127\.0\.0\.1:\d+/.exec(output);
      if (!url) return;
      clearTimeout(timer);
      resolve(url[0]);
    });
  });
}

/**
 * Registers a user and gives a function that calls the API as that user; it throws on anything but success.
 *
 * @param {string} url
 * @param {string} [username]
 */
export async function signUp(url, username = 'bench') {
  const credentials = { username, password: randomBytes(12).toString('base64url') };
  const anonymous = caller(url, {});
  await anonymous('POST', '/auth/register', { ...credentials, email: `${username}@example.com` });
  const { access_token: token } = await anonymous('POST', '/auth/login', credentials);
  return { token, account: credentials, call: caller(url, { authorization: `Bearer ${token}` }) };
}

function caller(url, headers) {
  return async (method, path, body) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return response.status === 204 ? null : response.json();
  };
}

/**
 * Watches the memory of a process while something runs.
 *
 * @param {number} pid
 * @param {() => Promise<unknown>} work
 * @returns {Promise<number>} bytes by which its resident memory grew at the most
 */
export async function memoryGrowth(pid, work) {
  const before = await residentBytes(pid);
  let highest = before;
  const looking = new AbortController();
  const watch = async () => {
    while (!looking.signal.aborted) {
      highest = Math.max(highest, await residentBytes(pid));
      await sleep(50);
    }
  };
  const watched = watch();
  try {
    await work();
  } finally {
    looking.abort();
    await watched;
  }
  return highest - before;
}

async function residentBytes(pid) {
  if (process.platform === 'linux') {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) * 1024;
  }
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout.trim()) * 1024;
}
