import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type Account, Client, newAccount } from './support/client.js';
import { command, result, startCommand } from './support/command-line.js';
import { newSource, SHOP } from './support/data.js';
import { removeDataDir, runToExit, startServer, type TestServer } from './support/server.mjs';
import type { Query, Rows } from './support/shapes.js';

const SLOW = 90_000;
const ADMINISTRATOR = {
  ADMIN_USERNAME: 'root',
  ADMIN_EMAIL: 'root@example.com',
  ADMIN_PASSWORD: 'a staple for horses',
};

interface Manifest {
  tables: { name: string; rows: number }[];
}

/** The shared server is backed up, and restored into another installation, whose database is the embedded one. */
describe('a backup', () => {
  let folder: string;
  let other: TestServer;
  const inOther = (): { environment: Record<string, string> } => ({ environment: { LUMIERE_DATA_DIR: other.dataDir } });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lumiere-backup-'));
    other = await startServer(ADMINISTRATOR);
  }, SLOW);

  afterAll(async () => {
    await other.stop();
    await removeDataDir(other);
    await rm(folder, { recursive: true, force: true });
  });

  it(
    'needs somebody to begin with: the administrator of the configuration, and only all of it',
    async () => {
      const visitor = new Client(other.url);
      const { ADMIN_USERNAME: username, ADMIN_PASSWORD: password } = ADMINISTRATOR;
      const session = await visitor.post<{ access_token: string }>('/auth/login', { username, password });
      const me = await new Client(other.url, session.body.access_token).get<{ roles: string[] }>('/auth/me');
      expect(me.body.roles).toEqual(['admin']);
      const { client } = await newAccount(other.url);
      expect((await client.get<{ roles: string[] }>('/auth/me')).body.roles).toEqual(['analyst']);
      expect(other.output()).not.toContain(password);

      const { code, output } = await runToExit({ LUMIERE_DATA_DIR: folder, ADMIN_USERNAME: username });
      expect(code).toBe(1);
      expect(output).toContain('ADMIN_EMAIL must be set too');
    },
    SLOW,
  );

  it(
    'brings back people, data and the audit trail as they were, all of it or nothing',
    async () => {
      const account = await newAccount();
      const asked = await askShop(account);
      const noted = await result<{ end: { position: number; hash: string } }>(['audit', 'verify']);
      const file = join(folder, 'backup.tar.gz');
      const { tables } = await result<Manifest>(['db', 'backup', file]);

      expect(await command(['db', 'restore', file], inOther())).toMatchObject({
        code: 1,
        err: expect.stringContaining('A server is running'),
      });
      await other.stop();
      expect(await command(['db', 'restore', file], inOther())).toMatchObject({
        code: 1,
        err: expect.stringContaining('--force'),
      });
      const keys = await keysOf(other.dataDir);
      await result(['db', 'restore', file, '--force'], inOther());
      expect(await keysOf(other.dataDir)).toEqual(keys);

      other = await startServer(ADMINISTRATOR, other.dataDir);
      expect(await rowsOf(other.dataDir, tables)).toEqual(
        tables.filter(isSteady).map(({ name, rows }) => [name, rows]),
      );
      const restored = await signedIn(account);
      const { body: rows } = await restored.get<Rows>(`/queries/${asked.id}/result`);
      expect(rows.rows).toEqual(asked.rows);
      const anew = await restored.post<Query>('/queries?wait=20', {
        data_source_id: asked.data_source_id,
        sql: 'SELECT sum(amount) AS total FROM orders',
      });
      expect(anew.body).toMatchObject({ status: 'succeeded', rows: [[700]] });
      expect(anew.body.id).toBeGreaterThan(asked.id);
      const { position, hash } = noted.end;
      expect(await result(['audit', 'verify', '--noted', `${position}:${hash}`], inOther())).toMatchObject({
        ok: true,
      });
    },
    SLOW,
  );

  it(
    'is restored as a whole or not at all, when restoring it is killed among its files',
    async () => {
      const owner = await newAccount(other.url);
      const { id } = await askShop(owner);
      const file = join(folder, 'backup.tar.gz');
      await other.stop();
      const child = startCommand(['db', 'restore', file, '--force'], inOther().environment);
      const closed = once(child, 'close');
      while (child.exitCode === null && !(await readdir(other.dataDir)).some(isParked)) await pause(1);
      child.kill('SIGKILL');
      await closed;
      expect((await readdir(other.dataDir)).some(isParked)).toBe(true);

      other = await startServer(ADMINISTRATOR, other.dataDir);
      const { username, password } = owner;
      const session = await new Client(other.url).post('/auth/login', { username, password });
      // Where the rows are the old ones, so are the files.
      if (session.status === 200) {
        const { status, body } = await (await signedIn(owner)).get<Rows>(`/queries/${id}/result`);
        expect([status, body.rows.length]).toEqual([200, 3]);
      }
      expect((await readdir(other.dataDir)).some(isParked)).toBe(false);
    },
    SLOW,
  );

  it(
    'is not restored when it is not as it was written',
    async () => {
      const target = join(folder, 'backup');
      const environment = { LUMIERE_DATA_DIR: join(folder, 'empty') };
      await result(['db', 'backup', target, '--no-results']);
      const manifest = JSON.parse(await readFile(join(target, 'manifest.json'), 'utf8')) as Manifest;
      expect(manifest.tables.map(({ name }) => name)).not.toContain('query_results');
      const users = join(target, 'tables', 'users.ndjson');
      await writeFile(users, (await readFile(users, 'utf8')).replace('"is_active":"true"', '"is_active":"false"'));
      expect(await command(['db', 'restore', target], { environment })).toMatchObject({
        code: 1,
        err: expect.stringContaining('tables/users.ndjson is missing or not as it was'),
      });
      expect(await command(['users', 'list'], { environment })).toMatchObject({
        code: 3,
        err: expect.stringContaining('db migrate'),
      });
    },
    SLOW,
  );

  async function signedIn({ username, password }: Account): Promise<Client> {
    const session = await new Client(other.url).post<{ access_token: string }>('/auth/login', { username, password });
    return new Client(other.url, session.body.access_token);
  }
});

const isParked = (name: string): boolean => name.startsWith('before-restore-');

async function keysOf(dataDir: string): Promise<string[]> {
  const folder = join(dataDir, 'keys');
  const names = (await readdir(folder)).sort();
  return Promise.all(names.map(async (name) => `${name} ${await readFile(join(folder, name), 'utf8')}`));
}

/** Three times the same, so that three results are one file on the disk. */
async function askShop({ client }: Account): Promise<Query> {
  const source = await newSource(client, SHOP);
  const ask = () =>
    client.post<Query>('/queries?wait=20', {
      data_source_id: source.id,
      sql: 'SELECT status, count(*) AS orders FROM orders GROUP BY status ORDER BY status',
    });
  await ask();
  await ask();
  const { body } = await ask();
  expect(body.receipt?.cache_hit).toBe(true);
  return body;
}

/** Restoring and starting a server write to the others. */
function isSteady({ name }: { name: string }): boolean {
  return !['audit_chain', 'audit_trails'].includes(name);
}

async function rowsOf(dataDir: string, tables: Manifest['tables']): Promise<[string, number][]> {
  const database = new pg.Client({ host: dataDir, port: 5432, user: 'postgres', database: 'postgres' });
  await database.connect();
  try {
    const counts: [string, number][] = [];
    for (const { name } of tables.filter(isSteady)) {
      const { rows } = await database.query<{ count: number }>(`SELECT count(*)::integer AS count FROM ${name}`);
      counts.push([name, rows[0]?.count ?? -1]);
    }
    return counts;
  } finally {
    await database.end();
  }
}
