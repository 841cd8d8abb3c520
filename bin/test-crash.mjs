/**
 * `npm run test:crash [rounds]`: whether a server on the embedded database can be killed (SIGKILL) while it writes, opens
 * again every time, and still has everything that it has acknowledged.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openServer } from '../test/support/server.mjs';

const ROUNDS = Number(process.argv[2] ?? 50);
const WRITERS = 6;
const LONGEST_WRITING_MS = 1500;
/** Every so many rounds, the server is also killed while it opens what the last kill has left. */
const KILLED_WHILE_OPENING_EVERY = 5;
const LONGEST_OPENING_MS = 180_000;
const CHECKS_AT_ONCE = 8;
const CSV = 'customer,amount\nada,1\ngrace,2\nalan,4\n';

/**
 * @typedef {object} Writer
 * @property {number} id
 * @property {string} token
 * @property {number} source
 * @property {number} renamed how often the writer has changed its name
 * @property {Acknowledged[]} queries
 * @property {Acknowledged[]} keys
 */

/**
 * @typedef {object} Acknowledged a write that was answered with success
 * @property {string} what
 * @property {number} id
 * @property {'no' | 'asked' | 'yes'} undone whether what was made has been removed since, as far as the server has said
 * @property {(undone: Acknowledged['undone']) => Promise<boolean>} isThere
 */

/** @typedef {(writer: Writer, nth: number) => Promise<void>} Kind */

if (!Number.isInteger(ROUNDS) || ROUNDS < 1)
  throw new Error('Say how many rounds with a whole number: npm run test:crash -- 5');

let url = '';
let serial = 0;
let inFlight = 0;
/** @type {Acknowledged[]} */
const ledger = [];
/** @type {Set<Acknowledged>} */
const missing = new Set();
const figures = { kills: 0, whileOpening: 0, inFlight: 0, slowestMs: 0 };

const dataDir = await mkdtemp(join(tmpdir(), 'lumiere-crash-'));
const environment = { LOG_LEVEL: 'warn', ACCESS_TOKEN_SECONDS: '86400' };
const KINDS = kinds();
console.log(`${ROUNDS} rounds of ${WRITERS} writers, each ended by SIGKILL …`);
let server = await open();
try {
  const writers = await Promise.all(Array.from({ length: WRITERS }, newWriter));
  for (let round = 1; round <= ROUNDS; round += 1) {
    const before = ledger.length;
    await writeUntilKilled(writers);
    if (round % KILLED_WHILE_OPENING_EVERY === 0) await killWhileOpening();
    server = await open();
    await check(ledger.slice(before));
    for (const writer of writers) await checkThatAllHaveEnded(writer);
    if (round % 10 === 0)
      console.log(`${round} rounds, ${ledger.length} acknowledged writes, ${missing.size} missing …`);
  }
  await check(ledger);
  const code = await server.stop();
  if (code !== 0) throw new Error(`In the end the server did not stop in order, but with code ${code}.`);
} finally {
  await server.kill();
}
console.log(`killed while writing:   ${figures.kills} times, with ${figures.inFlight} writes under way`);
console.log(`killed while opening:   ${figures.whileOpening} times`);
console.log(`acknowledged writes:    ${ledger.length} (${[...tally(ledger)].join(', ')})`);
console.log(`missing:                ${missing.size}`);
console.log(`longest time to open:   ${(figures.slowestMs / 1000).toFixed(1)} s`);
if (missing.size === 0) {
  await rm(dataDir, { recursive: true });
} else {
  for (const { what, id } of missing) console.log(`- ${what} ${id}`);
  console.log(`The data directory is kept: ${dataDir}`);
  process.exitCode = 1;
}

/** A server on what there is, with the time that it took to open it. */
async function open() {
  const started = performance.now();
  const opening = openServer(environment, dataDir);
  const opened = await Promise.race([opening.ready, sleep(LONGEST_OPENING_MS, null, { ref: false })]).catch(
    (/** @type {unknown} */ cause) => {
      throw new Error(`The server does not open ${dataDir} again.`, { cause });
    },
  );
  if (opened === null) {
    await opening.kill();
    throw new Error(`The server has not opened ${dataDir} within ${LONGEST_OPENING_MS / 1000} s.`);
  }
  figures.slowestMs = Math.max(figures.slowestMs, performance.now() - started);
  url = opened.url;
  return opened;
}

async function killWhileOpening() {
  const opening = openServer(environment, dataDir);
  const outcome = opening.ready.catch(() => null);
  await sleep(Math.random() * 1500);
  await opening.kill();
  await outcome;
  figures.whileOpening += 1;
}

/**
 * Queries that were running when the server was killed say so, and do not seem to run for ever.
 *
 * @param {Writer} writer
 */
async function checkThatAllHaveEnded({ token }) {
  const { items } = await send('GET', '/queries?limit=50', { token });
  for (const { id, status } of items) {
    if (status !== 'pending' && status !== 'running') continue;
    missing.add({ what: `end of the ${status} query`, id, undone: 'no', isThere: async () => false });
  }
}

/** @param {Writer[]} writers */
async function writeUntilKilled(writers) {
  const killing = new AbortController();
  const writing = writers.map(async (writer, index) => {
    for (let nth = index; !killing.signal.aborted; nth += 1) {
      const kind = KINDS[nth % KINDS.length];
      inFlight += 1;
      try {
        await kind?.(writer, nth);
      } catch (error) {
        if (killing.signal.aborted) continue;
        throw new Error(`A write failed, and the server said:\n${server.output().slice(-3000)}`, { cause: error });
      } finally {
        if (!killing.signal.aborted) inFlight -= 1;
      }
    }
  });
  const failed = Promise.all(writing).then(() => undefined);
  // The first writes after a start take long; a kill before their end would have nothing acknowledged to lose.
  await Promise.race([failed, firstOf(ledger.length)]);
  await Promise.race([failed, sleep(Math.random() * LONGEST_WRITING_MS)]);
  killing.abort();
  figures.inFlight += inFlight;
  await server.kill();
  figures.kills += 1;
  await failed;
  inFlight = 0;
}

/** @param {number} known how many writes were acknowledged before */
async function firstOf(known) {
  while (ledger.length === known) await sleep(5);
}

/** @returns {Promise<Writer>} */
async function newWriter() {
  const username = `writer-${(serial += 1)}`;
  const password = 'a staple for horses';
  const { id } = await send('POST', '/auth/register', {
    body: { username, password, email: `${username}@example.com` },
  });
  const { access_token: token } = await send('POST', '/auth/login', { body: { username, password } });
  const source = await send('POST', '/data-sources/upload', { token, body: csvForm('Shop') });
  return { id, token, source: source.id, renamed: 0, queries: [], keys: [] };
}

/** @returns {Kind[]} */
function kinds() {
  return [
    async function register({ token }) {
      const username = `person-${(serial += 1)}`;
      const body = {
        username,
        password: 'a staple for horses',
        email: `${username}@example.com`,
        full_name: 'Somebody',
      };
      const { id } = await send('POST', '/auth/register', { body });
      acknowledge('account', id, async () => (await send('GET', `/users/${id}`, { token })).username === username);
    },
    async function ask({ token, source, queries }) {
      const body = { data_source_id: source, sql: `SELECT sum(amount) + ${(serial += 1)} AS total FROM shop` };
      const { id, status, rows } = await send('POST', '/queries', { token, body });
      if (status !== 'succeeded') throw new Error(`A query ended as ${status}.`);
      const query = acknowledge('query', id, async (undone) => {
        const answer = await request('GET', `/queries/${id}/result`, { token });
        if (answer.status === 404) return undone !== 'no';
        return undone !== 'yes' && JSON.stringify(answer.body.rows) === JSON.stringify(rows);
      });
      queries.push(query);
    },
    async function makeKey({ token, keys }) {
      const { id, key } = await send('POST', '/api-keys', { token, body: { name: 'k', scopes: ['account:read'] } });
      const made = acknowledge('API key', id, async (undone) => {
        const { status } = await request('GET', '/auth/me', { key });
        return status === 200 ? undone !== 'yes' : undone !== 'no';
      });
      keys.push(made);
    },
    async function rename(writer) {
      const nth = (writer.renamed += 1);
      const { id, token } = writer;
      await send('PATCH', `/users/${id}`, { token, body: { full_name: `Writer ${nth}` } });
      // Later ones may have followed, acknowledged or not.
      acknowledge('name', nth, async () => {
        const { full_name: name } = await send('GET', `/users/${id}`, { token });
        return Number(String(name).split(' ')[1]) >= nth;
      });
    },
    async function makeWorkspace({ token }) {
      const name = `Workspace ${(serial += 1)}`;
      const { id } = await send('POST', '/workspaces', { token, body: { name } });
      acknowledge('workspace', id, async () => (await send('GET', `/workspaces/${id}`, { token })).name === name);
    },
    async function makeDashboard({ token }) {
      const name = `Dashboard ${(serial += 1)}`;
      const { id } = await send('POST', '/dashboards', { token, body: { name } });
      const { version } = await send('POST', `/dashboards/${id}/publish`, { token });
      const kept = `/dashboards/${id}/versions/${version}`;
      acknowledge('published dashboard', id, async () => (await send('GET', kept, { token })).name === name);
    },
    async function revokeKey({ token, keys }) {
      await undo(keys, ({ id }) => send('DELETE', `/api-keys/${id}`, { token }));
    },
    async function removeQuery({ token, queries }) {
      await undo(queries, ({ id }) => send('DELETE', `/queries/${id}`, { token }));
    },
    async function upload({ token }) {
      const { id } = await send('POST', '/data-sources/upload', { token, body: csvForm(`Shop ${(serial += 1)}`) });
      const preview = `/data-sources/${id}/tables/shop/preview`;
      acknowledge('data source', id, async () => (await send('GET', preview, { token })).rows.length === 3);
    },
  ];
}

/**
 * Removes every other of what was made.
 *
 * @param {Acknowledged[]} made
 * @param {(one: Acknowledged) => Promise<unknown>} remove
 */
async function undo(made, remove) {
  const one = made.find(({ undone, id }) => undone === 'no' && id % 2 === 0);
  if (one === undefined) return;
  one.undone = 'asked';
  await remove(one);
  one.undone = 'yes';
  acknowledge(`removal of ${one.what}`, one.id, () => one.isThere('yes'));
}

/**
 * @param {string} what
 * @param {number} id
 * @param {Acknowledged['isThere']} isThere
 */
function acknowledge(what, id, isThere) {
  /** @type {Acknowledged} */
  const one = { what, id, undone: 'no', isThere };
  ledger.push(one);
  return one;
}

/** @param {Acknowledged[]} writes */
async function check(writes) {
  const waiting = [...writes];
  const checkNext = async () => {
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
      const there = await one.isThere(one.undone).catch((/** @type {unknown} */ error) => {
        console.log(String(error));
        return false;
      });
      if (!there) missing.add(one);
    }
  };
  await Promise.all(Array.from({ length: CHECKS_AT_ONCE }, checkNext));
}

/** @param {Acknowledged[]} writes */
function tally(writes) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { what } of writes) counts.set(what, (counts.get(what) ?? 0) + 1);
  return [...counts].map(([what, count]) => `${what} ${count}`);
}

/** @param {string} name */
function csvForm(name) {
  const form = new FormData();
  form.append('name', name);
  form.append('file', new Blob([CSV]), 'shop.csv');
  return form;
}

/**
 * @param {string} method
 * @param {string} path
 * @param {{ token?: string, key?: string, body?: object }} what
 */
async function send(method, path, what) {
  const { status, body } = await request(method, path, what);
  if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

/**
 * @param {string} method
 * @param {string} path
 * @param {{ token?: string, key?: string, body?: object }} what
 */
async function request(method, path, { token, key, body }) {
  const isForm = body instanceof FormData;
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(key === undefined ? {} : { 'x-api-key': key }),
      ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
}
