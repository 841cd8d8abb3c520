import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type Account, type Answer, Client, newAccount, type Problem } from './support/client.js';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';

const FREE = 3;
const WRONG = 'not this one';

const signIn = (url: string, username: string, password: string) =>
  new Client(url).post<Problem>('/auth/login', { username, password });

const fail = async (url: string, username: string, times: number): Promise<number[]> => {
  const statuses = [];
  for (let nth = 0; nth < times; nth += 1) statuses.push((await signIn(url, username, WRONG)).status);
  return statuses;
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const waitOf = ({ headers }: Answer<unknown>): number => Number(headers.get('retry-after'));

/** The real PostgreSQL when the tests run on one, otherwise the embedded one of the server. */
const databaseOf = ({ dataDir }: TestServer): string =>
  process.env['TEST_DATABASE_URL'] ??
  `postgresql://postgres@localhost:5432/postgres?host=${encodeURIComponent(dataDir)}`;

async function query(server: TestServer, sql: string): Promise<void> {
  const client = new pg.Client(databaseOf(server));
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

describe('guessing at an account', () => {
  let server: TestServer;
  let replica: TestServer;
  let ada: Account;

  beforeAll(async () => {
    const limits = { LOGIN_FREE_ATTEMPTS: String(FREE), LOGIN_FREE_ATTEMPTS_PER_ADDRESS: '1000' };
    const external = process.env['TEST_DATABASE_URL'];
    server = await startServer({ ...limits, ...(external === undefined ? {} : { DATABASE_URL: external }) });
    // A second process on the same system of record.
    replica = await startServer({ ...limits, DATABASE_URL: databaseOf(server) });
    ada = await newAccount(server.url);
  });

  afterAll(async () => {
    await replica.stop();
    await server.stop();
    await removeDataDir(replica);
    await removeDataDir(server);
  });

  it('locks it after the free attempts, for the right password and by every name of it', async () => {
    const bob = await newAccount(server.url);
    expect(await fail(server.url, bob.username, FREE)).toEqual([401, 401, 401]);
    for (const name of [bob.username, bob.username.toUpperCase(), `${bob.username}@example.com`]) {
      const locked = await signIn(replica.url, name, bob.password);
      expect([locked.status, locked.body.code, waitOf(locked)]).toEqual([429, 'rate_limited', 1]);
    }
    await pause(1000);
    expect((await signIn(server.url, bob.username, bob.password)).status).toBe(200);
    expect(await fail(server.url, bob.username, FREE)).toEqual([401, 401, 401]);
  });

  it('leaves sessions that are open alone', async () => {
    await fail(server.url, ada.username, FREE);
    expect((await ada.client.get('/auth/me')).status).toBe(200);
  });

  it('doubles the pause with every further failure, up to a quarter of an hour', async () => {
    const bob = await newAccount(server.url);
    await fail(server.url, bob.username, FREE);
    const waits: number[] = [];
    for (let nth = 0; nth < 13; nth += 1) {
      waits.push(waitOf(await signIn(server.url, bob.username, WRONG)));
      await query(server, 'UPDATE login_attempts SET locked_until = now()');
      expect(await fail(server.url, bob.username, 1)).toEqual([401]);
    }
    // A second may pass between the failure and the look.
    const pauses = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900];
    expect(waits.map((wait, nth) => Math.abs(wait - (pauses[nth] ?? 0)) <= 1)).toEqual(pauses.map(() => true));
  });

  it('forgets failures after a day', async () => {
    const bob = await newAccount(server.url);
    await fail(server.url, bob.username, FREE + 1);
    await query(server, `UPDATE login_attempts SET locked_until = now() - interval '25 hours'`);
    expect(await fail(server.url, bob.username, FREE + 1)).toEqual([401, 401, 401, 429]);
  });

  it('answers the same for a name that nobody has', async () => {
    const bob = await newAccount(server.url);
    const known = [];
    const unknown = [];
    for (let nth = 0; nth <= FREE; nth += 1) {
      known.push(await signIn(server.url, bob.username, WRONG));
      unknown.push(await signIn(server.url, `Nobody ${bob.username}`, WRONG));
    }
    const told = (answers: Answer<Problem>[]) =>
      answers.map((answer) => ({ ...answer.body, request_id: '', wait: waitOf(answer) }));
    expect(told(unknown)).toEqual(told(known));
    expect((await signIn(server.url, ` nobody ${bob.username.toUpperCase()} `, WRONG)).status).toBe(429);
  });

  it('lets no more than the free attempts through when two processes get many at once', async () => {
    const bob = await newAccount(server.url);
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, nth) => signIn(nth % 2 === 0 ? server.url : replica.url, bob.username, WRONG)),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(FREE);
    expect(statuses.filter((status) => status === 429)).toHaveLength(30 - FREE);
  });

  it('guards the current password of who changes it, too', async () => {
    const bob = await newAccount(server.url);
    const change = (current: string) =>
      bob.client.post('/auth/password/change', { current_password: current, new_password: 'a staple for horses' });
    for (let nth = 0; nth < FREE; nth += 1) expect((await change(WRONG)).status).toBe(422);
    expect((await change(bob.password)).status).toBe(429);
  });
});

describe('guessing from one address', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer({ LOGIN_FREE_ATTEMPTS_PER_ADDRESS: '4', TRUSTED_PROXIES: '127.0.0.1' });
  });

  afterAll(async () => {
    await server.stop();
    await removeDataDir(server);
  });

  const signInFrom = (address: string, username: string, password: string) =>
    new Client(server.url).post<Problem>('/auth/login', { username, password }, { 'x-forwarded-for': address });

  it('locks the address, whatever the accounts, and no other address', async () => {
    const bob = await newAccount(server.url);
    for (let nth = 0; nth < 4; nth += 1) {
      expect((await signInFrom('192.0.2.1', `nobody ${nth}`, WRONG)).status).toBe(401);
    }
    const locked = await signInFrom('192.0.2.1', bob.username, bob.password);
    expect([locked.status, locked.body.code, waitOf(locked)]).toEqual([429, 'rate_limited', 1]);
    expect((await signInFrom('192.0.2.2', bob.username, bob.password)).status).toBe(200);
  });

  it('counts an account’s failures at the address no longer once its owner has signed in', async () => {
    const bob = await newAccount(server.url);
    const address = '192.0.2.3';
    for (let round = 0; round < 3; round += 1) {
      for (let nth = 0; nth < 3; nth += 1) expect((await signInFrom(address, bob.username, WRONG)).status).toBe(401);
      expect((await signInFrom(address, bob.username, bob.password)).status).toBe(200);
    }
  });

  it('does not let anybody clear an address by signing in to an account of their own', async () => {
    const mallory = await newAccount(server.url);
    const address = '2001:db8::1';
    for (let nth = 0; nth < 3; nth += 1) await signInFrom(address, `somebody ${nth}`, WRONG);
    expect((await signInFrom('2001:db8::2', mallory.username, mallory.password)).status).toBe(200);
    expect((await signInFrom('2001:db8::3', 'somebody else', WRONG)).status).toBe(401);
    expect((await signInFrom(address, 'somebody else again', WRONG)).status).toBe(429);
  });
});
