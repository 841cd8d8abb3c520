/** `npm run test:timing`: whether the time of a refused sign-in tells that the account exists. */
import { removeDataDir, startServer } from '../test/support/server.mjs';

const ATTEMPTS = 500;
const ACCOUNTS = 20;
const WARM_UP = 20;
const LARGEST_DIFFERENCE_MS = 5;
const PASSWORD = 'a staple for horses';

// The lock-out would answer most of these attempts at once, and so the same.
const server = await startServer({
  LOG_LEVEL: 'warn',
  LOGIN_FREE_ATTEMPTS: '1000000',
  LOGIN_FREE_ATTEMPTS_PER_ADDRESS: '1000000',
});
try {
  for (let nth = 0; nth < ACCOUNTS; nth += 1) {
    const username = existing(nth);
    await post('register', { username, email: `${username}@example.com`, password: PASSWORD }, 201);
  }
  for (let nth = 0; nth < WARM_UP; nth += 1) await signIn(nth % 2 === 0 ? existing(nth) : unknown(nth));

  console.log(`${ATTEMPTS} sign-ins with an existing and ${ATTEMPTS} with an unknown name …`);
  /** @type {{ existing: number[], unknown: number[] }} */
  const times = { existing: [], unknown: [] };
  // In turns, the first of a pair changing: what else the machine does falls on both alike.
  for (let nth = 0; nth < ATTEMPTS; nth += 1) {
    const pair = [() => signIn(existing(nth)).then(keep('existing')), () => signIn(unknown(nth)).then(keep('unknown'))];
    for (const attempt of nth % 2 === 0 ? pair : pair.reverse()) await attempt();
  }
  const medians = { existing: median(times.existing), unknown: median(times.unknown) };
  const difference = Math.abs(medians.existing - medians.unknown);
  console.log(`existing name: median ${medians.existing.toFixed(2)} ms`);
  console.log(`unknown name:  median ${medians.unknown.toFixed(2)} ms`);
  console.log(`difference:    ${difference.toFixed(2)} ms (at most ${LARGEST_DIFFERENCE_MS} ms)`);
  if (difference >= LARGEST_DIFFERENCE_MS) process.exitCode = 1;

  /** @param {'existing' | 'unknown'} kind */
  function keep(kind) {
    return (/** @type {number} */ milliseconds) => times[kind].push(milliseconds);
  }
} finally {
  await server.stop();
  await removeDataDir(server);
}

/** @param {number} nth */
function existing(nth) {
  return `somebody-${nth % ACCOUNTS}`;
}

/** @param {number} nth */
function unknown(nth) {
  return `nobody-${nth % ACCOUNTS}`;
}

/**
 * @param {string} username
 * @returns {Promise<number>} milliseconds until the refusal was read
 */
async function signIn(username) {
  const started = performance.now();
  await post('login', { username, password: 'not this one' }, 401);
  return performance.now() - started;
}

/**
 * @param {string} route
 * @param {Record<string, string>} body
 * @param {number} expected
 */
async function post(route, body, expected) {
  const response = await fetch(`${server.url}/api/v1/auth/${route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (response.status !== expected) throw new Error(`${route} answered ${response.status}: ${text}`);
}

/** @param {number[]} values */
function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
