/**
 * `GET /auth/me` against the same token check and the same SELECT on bare Fastify and `pg`, on the same database; and
 * how much slower it gets while people sign in.
 */
import autocannon from 'autocannon';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { inMilliseconds, median, quantile, timed } from './numbers.mjs';
import { signUp, startProcess, startServer } from './server.mjs';

const ROUNDS = 3;
const SECONDS = 5;
const CONNECTIONS = 16;
const LOGINS_PER_SECOND = 8;
const LEAST_THROUGHPUT = 0.6;
const MOST_P99_TIMES = 3;
const BARE = fileURLToPath(new URL('./bare-account.mjs', import.meta.url));

/** @param {import('./run.mjs').Bench} bench */
export async function measureAccount(bench) {
  const server = await startServer(join(bench.folder, 'account'));
  let bare;
  try {
    const { token, account } = await signUp(server.url);
    const { embeddedConnection } = await import('../dist/src/platform/database/embedded-postgres.js');
    bare = await startProcess(BARE, {
      BARE_SECRET: server.secret,
      BARE_DATABASE: JSON.stringify(databaseOf(embeddedConnection(server.dataDir))),
    });
    const ours = `${server.url}/api/v1/auth/me`;
    const theirs = `${bare.url}/me`;
    await same(ours, theirs, token);
    const [mine, baseline] = [[], []];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const [bareRate, rate] = [await throughput(theirs, token), await throughput(ours, token)];
      // The first round warms both up.
      if (round === 0) continue;
      baseline.push(bareRate);
      mine.push(rate);
      bench.say(`round ${round}: bare ${bareRate.toFixed(0)}/s, Lumiere ${rate.toFixed(0)}/s`);
    }
    return [
      throughputResult(median(mine), median(baseline)),
      await loginResult(bench, { ours, token, account, url: server.url, rate: median(mine) }),
    ];
  } finally {
    await bare?.stop();
    await server.stop();
  }
}

function throughputResult(mine, baseline) {
  const share = mine / baseline;
  return {
    what: 'GET /auth/me, throughput to bare Fastify and pg',
    measured: `${(share * 100).toFixed(0)}% (${mine.toFixed(0)}/s to ${baseline.toFixed(0)}/s)`,
    target: `≥ ${LEAST_THROUGHPUT * 100}%`,
    ok: share >= LEAST_THROUGHPUT,
  };
}

/** A third of the full load, so that the latency is that of an answer and not that of a queue. */
async function loginResult(bench, { ours, token, account, url, rate }) {
  const load = { url: ours, token, rate: Math.max(1, Math.round(rate / 3)) };
  const idle = await latencies(load);
  const logins = signInSteadily(url, account);
  const busy = await latencies(load);
  const { succeeded, refused, seconds } = logins.stop();
  const [idleP99, busyP99] = [quantile(idle, 0.99), quantile(busy, 0.99)];
  const perSecond = succeeded / seconds;
  bench.say(`idle p99 ${inMilliseconds(idleP99)}, beside logins ${inMilliseconds(busyP99)}; ${refused} logins refused`);
  return {
    what: `GET /auth/me, p99 with ${LOGINS_PER_SECOND} logins/s to idle p99`,
    // How many logins are answered depends on the cores: one costs a quarter of a second of one, and that is meant so.
    measured: `${(busyP99 / idleP99).toFixed(2)}× (${perSecond.toFixed(1)} of ${LOGINS_PER_SECOND} logins/s answered)`,
    target: `< ${MOST_P99_TIMES}×`,
    ok: busyP99 < idleP99 * MOST_P99_TIMES && succeeded > 0,
  };
}

/** Both servers must answer with the same account, or the comparison means nothing. */
async function same(ours, theirs, token) {
  const read = async (url) => {
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
    return response.json();
  };
  const [mine, bare] = [await read(ours), await read(theirs)];
  if (mine.id !== bare.id || mine.username !== bare.username)
    throw new Error('the two servers answer with other accounts');
}

async function throughput(url, token) {
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: SECONDS,
    headers: { authorization: `Bearer ${token}` },
  });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${url}: ${result.non2xx} refusals, ${result.errors} errors`);
  return result.requests.average;
}

/** Milliseconds of every answer when requests come evenly spaced, whether earlier ones are answered or not. */
async function latencies({ url, token, rate }) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const started = performance.now();
  const answers = [];
  for (let nth = 0; nth < rate * SECONDS * 2; nth += 1) {
    const early = started + (nth * 1000) / rate - performance.now();
    if (early > 0) await sleep(early);
    answers.push(timed(() => answered(url, token, agent)));
  }
  const times = await Promise.all(answers);
  agent.destroy();
  return times;
}

function answered(url, token, agent) {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
      response.resume().once('end', resolve);
      if (response.statusCode !== 200) reject(new Error(`${url} answered ${response.statusCode}`));
    });
    request.once('error', reject);
  });
}

/** Starts a login every eighth of a second, whether earlier ones are answered or not, until it is stopped. */
function signInSteadily(url, account) {
  const started = performance.now();
  const stopping = new AbortController();
  const counts = { started: 0, succeeded: 0, refused: 0 };
  const signIn = async () => {
    counts.started += 1;
    const response = await fetch(`${url}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(account),
      signal: stopping.signal,
    });
    await response.arrayBuffer();
    counts[response.ok ? 'succeeded' : 'refused'] += 1;
  };
  // A login that is cut off by the end of the measure is neither answered nor refused.
  const timer = setInterval(() => void signIn().catch(() => {}), 1000 / LOGINS_PER_SECOND);
  return {
    stop() {
      clearInterval(timer);
      stopping.abort();
      return { ...counts, seconds: (performance.now() - started) / 1000 };
    },
  };
}

function databaseOf(embedded) {
  const url = process.env.DATABASE_URL;
  return url === undefined ? embedded : { connectionString: url };
}
