import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type Account, type Answer, Client, newAccount, type Problem } from './support/client.js';
import { Mailbox } from './support/mailbox.js';
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

async function query(server: TestServer, sql: string, values: unknown[] = []): Promise<void> {
  const client = new pg.Client(databaseOf(server));
  await client.connect();
  try {
    await client.query(sql, values);
  } finally {
    await client.end();
  }
}

/** Failures of one address that are free, in the tests of two processes. */
const FREE_PER_ADDRESS = 1000;
const MAILS_PER_HOUR = 5;

describe('guessing at an account', () => {
  /** What two processes let through at once, for each limit that is kept in the database. */
  const limits: string[] = [];
  let mailbox: Mailbox;
  let server: TestServer;
  let replica: TestServer;
  let ada: Account;

  beforeAll(async () => {
    mailbox = await Mailbox.open();
    const settings = {
      LOGIN_FREE_ATTEMPTS: String(FREE),
      LOGIN_FREE_ATTEMPTS_PER_ADDRESS: String(FREE_PER_ADDRESS),
      TRUSTED_PROXIES: '127.0.0.1',
      SMTP_URL: mailbox.url,
      MAIL_FROM: 'Lumiere <lumiere@example.com>',
      LUMIERE_PUBLIC_URL: 'https://lumiere.example.com',
    };
    const external = process.env['TEST_DATABASE_URL'];
    server = await startServer({ ...settings, ...(external === undefined ? {} : { DATABASE_URL: external }) });
    // A second process on the same system of record.
    replica = await startServer({ ...settings, DATABASE_URL: databaseOf(server) });
    ada = await newAccount(server.url);
  });

  afterAll(async () => {
    const inMemory =
      'Kept by each process for itself: running and waiting queries, waiting mails, passwords being hashed.';
    process.stdout.write(
      `\nLimits kept in the database, tried at two processes at once\n  ${limits.join('\n  ')}\n  ${inMemory}\n\n`,
    );
    await replica.stop();
    await server.stop();
    await mailbox.close();
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

  it('pauses from the end of a check on, however long it takes', async () => {
    const bob = await newAccount(server.url);
    await fail(server.url, bob.username, FREE - 1);
    // Takes seconds to compare with, and belongs to no password.
    await query(server, 'UPDATE users SET password_hash = $1 WHERE id = $2', [`$2b$15$${'.'.repeat(53)}`, bob.id]);
    const began = Date.now();
    expect(await fail(server.url, bob.username, 1)).toEqual([401]);
    expect(Date.now() - began).toBeGreaterThan(1000);
    expect(await fail(server.url, bob.username, 1)).toEqual([429]);
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
    limits.push(`failed sign-ins to an account: ${FREE} free, 30 tried, ${FREE} let through`);
  });

  it('lets no more through from one address either, whatever the accounts', async () => {
    const address = '192.0.2.77';
    const subject = createHash('sha256').update(`address:${address}`).digest('hex');
    // As if it had failed that often before: two are still free.
    await query(
      server,
      'INSERT INTO login_attempts (subject_hash, failures, locked_until) VALUES ($1, $2, clock_timestamp())',
      [subject, FREE_PER_ADDRESS - 2],
    );
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, nth) =>
        new Client(nth % 2 === 0 ? server.url : replica.url).post<Problem>(
          '/auth/login',
          { username: `nobody ${nth}`, password: WRONG },
          { 'x-forwarded-for': address },
        ),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(2);
    expect(statuses.filter((status) => status === 429)).toHaveLength(18);
    limits.push('failed sign-ins from an address: 2 left, 20 tried, 2 let through');
  });

  it('mails no more links than there are in an hour when two processes are asked at once', async () => {
    const bob = await newAccount(server.url);
    const forget = (url: string, { username }: Account) =>
      new Client(url).post('/auth/password/forgot', { email: `${username}@example.com` });
    await Promise.all(Array.from({ length: 20 }, (_, nth) => forget(nth % 2 === 0 ? server.url : replica.url, bob)));
    // Each process mails in the order in which it was asked: once these two have theirs, nothing is waiting.
    for (const url of [server.url, replica.url]) {
      const after = await newAccount(url);
      await forget(url, after);
      await mailbox.mailsTo(`${after.username}@example.com`, 1);
    }
    const mails = await mailbox.mailsTo(`${bob.username}@example.com`, MAILS_PER_HOUR);
    expect(mails).toHaveLength(MAILS_PER_HOUR);
    limits.push(`mails to set a new password: ${MAILS_PER_HOUR} an hour, 20 asked for, ${mails.length} sent`);
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
