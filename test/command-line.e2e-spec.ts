import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type Account, Client, newAccount, serverUrl } from './support/client.js';
import { command, result, sharedInstallation } from './support/command-line.js';
import { ENDLESS_SQL, newSource, numbers } from './support/data.js';
import type { Query } from './support/shapes.js';

/** Each command is a process that loads the program. */
const SLOW = 60_000;

interface ShownUser {
  id: number;
  username: string;
  roles: string[];
  is_active: boolean;
  password?: string;
}

const signIn = (username: string, password: string) =>
  new Client(serverUrl()).post('/auth/login', { username, password });

const newName = (): string => `c${randomUUID().slice(0, 12)}`;

describe('the command line', () => {
  // The first account of an installation has a rule of its own.
  beforeAll(async () => {
    await newAccount();
  });

  it(
    'shows help, refuses wrong usage and finds no installation, without making one',
    async () => {
      const dataDir = join(tmpdir(), `lumiere-none-${randomUUID()}`);
      const environment = { LUMIERE_DATA_DIR: dataDir };
      const [help, missing, unknown, elsewhere, group, doctor] = await Promise.all([
        command(['users', 'create', '--help'], { environment }),
        command(['users', 'create', 'ada'], { environment }),
        command(['nonsense'], { environment }),
        command(['users', 'list', '--json'], { environment }),
        command(['users']),
        command(['doctor', '--json'], { environment }),
      ]);
      expect(group).toMatchObject({ code: 2, err: expect.stringMatching(/^Say which of its commands is meant/) });
      const { checks } = JSON.parse(doctor.out) as { checks: { check: string; status: string }[] };
      const problems = checks.filter(({ status }) => status === 'problem');
      expect([doctor.code, problems.map(({ check }) => check)]).toEqual([1, ['installation']]);
      expect(help).toMatchObject({ code: 0, out: expect.stringContaining('--password-stdin') });
      expect(missing).toMatchObject({ code: 2, err: expect.stringContaining('--email') });
      expect(unknown.code).toBe(2);
      expect(elsewhere).toMatchObject({ code: 3, out: '' });
      expect(JSON.parse(elsewhere.err)).toMatchObject({
        error: { detail: expect.stringContaining('LUMIERE_DATA_DIR') },
      });
      expect(existsSync(dataDir)).toBe(false);
    },
    SLOW,
  );

  it(
    'makes an account beside the running server, changes its roles and closes it',
    async () => {
      const username = newName();
      const password = 'a staple for horses';
      const create = ['users', 'create', username, '--email', `${username}@example.com`];
      const made = await result<ShownUser>([...create, '--role', 'viewer', '--password-stdin'], {
        input: `${password}\n`,
      });
      expect(made).toMatchObject({ username, roles: ['viewer'] });
      expect(made).not.toHaveProperty('password');
      expect((await signIn(username, password)).status).toBe(200);

      const again = await command([...create, '--generate']);
      expect(again).toMatchObject({ code: 1, err: expect.stringContaining(`already an account ${username}`) });
      const misnamed = await command(['users', 'set-role', username, 'boss']);
      expect(misnamed).toMatchObject({
        code: 1,
        err: expect.stringMatching(/no role boss\. .*admin, analyst, viewer/),
      });
      const changed = await result<ShownUser>(['users', 'set-role', username, 'analyst', 'viewer']);
      expect(changed.roles).toEqual(['analyst', 'viewer']);
      expect(await result<ShownUser>(['users', 'deactivate', String(made.id)])).toMatchObject({ is_active: false });
      expect((await signIn(username, password)).status).toBe(401);
      const { items } = await result<{ items: ShownUser[] }>(['users', 'list', '--search', username]);
      expect(items).toMatchObject([{ id: made.id, is_active: false }]);
      expect(await actorsOf(made.id)).toEqual([
        ['user.created', 'command_line'],
        ['user.roles_changed', 'command_line'],
        ['user.deactivated', 'command_line'],
      ]);
    },
    SLOW,
  );

  it(
    'refuses passwords as registering does',
    async () => {
      const username = newName();
      const { code, err } = await command(
        ['users', 'create', username, '--email', `${username}@example.com`, '--password-stdin'],
        { input: `${username}\n` },
      );
      expect(code).toBe(1);
      expect(err).toContain('password must not be your own name or email');
    },
    SLOW,
  );

  it(
    'gives a link with which somebody sets a new password once',
    async () => {
      const { username } = await newAccount();
      const environment = { ...sharedInstallation(), LUMIERE_PUBLIC_URL: 'https://lumiere.example.com/' };
      const { link } = await result<{ link: string }>(['users', 'reset-password', username], { environment });
      const [address, token = ''] = link.split('#token=');
      expect(address).toBe('https://lumiere.example.com/reset-password');
      const redeem = () =>
        new Client(serverUrl()).post('/auth/password/reset', { token, new_password: 'another staple for horses' });
      expect((await redeem()).status).toBe(204);
      expect((await redeem()).status).toBe(422);
      expect((await signIn(username, 'another staple for horses')).status).toBe(200);
    },
    SLOW,
  );

  it(
    'makes an API key that works until it is revoked, and never more than its owner may',
    async () => {
      const { username } = await newAccount();
      const create = ['keys', 'create', username, '--name', 'script', '--scope'];
      const made = await result<{ key: string; prefix: string }>([...create, 'data_sources:read', 'queries:read']);
      const list = () => new Client(serverUrl(), undefined, made.key).get('/data-sources');
      expect((await list()).status).toBe(200);
      const [beyond] = await Promise.all([
        command([...create, 'users:manage']),
        result(['keys', 'revoke', made.prefix]),
      ]);
      expect(beyond).toMatchObject({
        code: 1,
        err: expect.stringContaining(`permission that ${username} has: users:manage`),
      });
      expect((await list()).status).toBe(401);
      const { items } = await result<{ items: { prefix: string; is_active: boolean }[] }>(['keys', 'list', username]);
      expect(items).toMatchObject([{ prefix: made.prefix, is_active: false }]);
    },
    SLOW,
  );

  it(
    'leaves what the server is at work on alone, and says how the installation is',
    async () => {
      const { client } = await newAccount();
      const query = await askEndlessly(client);
      const [status, health, trail] = await Promise.all([
        result<{ server_running: boolean; rows: Record<string, number>; migrations: { pending: string[] } }>([
          'db',
          'status',
        ]),
        result<{ ok: boolean; checks: { check: string; status: string }[] }>(['doctor']),
        result<{ ok: boolean; rows: number }>(['audit', 'verify']),
      ]);
      expect(status).toMatchObject({ server_running: true, migrations: { pending: [] } });
      expect(status.rows['users']).toBeGreaterThan(0);
      expect(health).toMatchObject({
        ok: true,
        checks: expect.arrayContaining([{ check: 'server', status: 'ok', detail: 'It is running.', advice: null }]),
      });
      expect(trail.ok).toBe(true);
      expect(await client.get<Query>(`/queries/${query}`)).toMatchObject({ body: { status: 'running' } });
      await client.post(`/queries/${query}/cancel`);
    },
    SLOW,
  );

  it(
    'asks which account is meant when the name of one is the id of another',
    async () => {
      const [one, other] = [await newAccount(), await newAccount()];
      await inDatabase((database) =>
        database.query('UPDATE users SET username = $1 WHERE id = $2', [String(one.id), other.id]),
      );
      const { code, err } = await command(['users', 'deactivate', String(one.id)]);
      expect(code).toBe(1);
      for (const candidate of [one.id, other.id]) expect(err).toContain(`id:${candidate} `);
      expect(await result<ShownUser>(['users', 'deactivate', `id:${one.id}`])).toMatchObject({ id: one.id });
      expect((await other.client.get('/auth/me')).status).toBe(200);
    },
    SLOW,
  );

  it(
    'names the variable that is wrong, and the end that was not there',
    async () => {
      const LUMIERE_ENCRYPTION_KEY = 'Zx9Cv8Bn7Ml6Kj5Hg4Fd3Sa2Qw1Er0Ty';
      const [doctor, rotation, noted] = await Promise.all([
        command(['doctor'], { environment: { ...sharedInstallation(), LUMIERE_SECRET_KEY: 'short' } }),
        command(['keys', 'rotate-encryption', '--new'], {
          environment: { ...sharedInstallation(), LUMIERE_ENCRYPTION_KEY },
        }),
        command(['audit', 'verify', '--noted', `1:${'0'.repeat(64)}`]),
      ]);
      expect(doctor).toMatchObject({ code: 1, out: expect.stringContaining('LUMIERE_SECRET_KEY is too short') });
      expect(rotation).toMatchObject({ code: 1, err: expect.stringContaining('set by LUMIERE_ENCRYPTION_KEY') });
      expect(noted).toMatchObject({ code: 1, out: expect.stringContaining('not the one that was noted') });
    },
    SLOW,
  );
});

async function askEndlessly(client: Account['client']): Promise<number> {
  const source = await newSource(client, { 'numbers.csv': numbers(1000) });
  const asked = await client.post<Query>('/queries?wait=0', {
    data_source_id: source.id,
    sql: ENDLESS_SQL,
    timeout_ms: 50_000,
  });
  for (;;) {
    const { body } = await client.get<Query>(`/queries/${asked.body.id}`);
    if (body.status === 'running') return body.id;
    if (body.status !== 'pending') throw new Error(`The query is ${body.status}.`);
  }
}

/** What was done to an account, and how whoever did it was signed in. */
async function actorsOf(userId: number): Promise<[string, string][]> {
  const { rows } = await inDatabase((database) =>
    database.query<{ action: string; actor: string }>(
      `SELECT action, actor FROM audit_trails WHERE object_type = 'user' AND object_id = $1 AND actor = 'command_line' ORDER BY id`,
      [userId],
    ),
  );
  return rows.map(({ action, actor }) => [action, actor]);
}

async function inDatabase<T>(work: (database: pg.Client) => Promise<T>): Promise<T> {
  const { DATABASE_URL: url, LUMIERE_DATA_DIR: host = '' } = sharedInstallation();
  const database = new pg.Client(url ?? { host, port: 5432, user: 'postgres', database: 'postgres' });
  await database.connect();
  try {
    return await work(database);
  } finally {
    await database.end();
  }
}
