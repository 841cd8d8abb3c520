import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { newAccount } from './support/client.js';
import { command, result } from './support/command-line.js';
import { type PostgresServer, startPostgres } from './support/postgres.mjs';
import { startServer, type TestServer } from './support/server.mjs';

const SLOW = 90_000;
const PRESENCE = `SELECT pid FROM pg_stat_activity WHERE application_name = 'lumiere presence'`;

let postgres: PostgresServer;
let url: string;
let dataDir: string;
let server: TestServer;
let database: pg.Client;

beforeAll(async () => {
  postgres = await startPostgres();
  url = await postgres.createDatabase('lumiere');
  dataDir = await mkdtemp(join(tmpdir(), 'lumiere-restore-'));
  server = await startServer({ DATABASE_URL: url }, dataDir);
  database = new pg.Client(url);
  await database.connect();
}, SLOW);

afterAll(async () => {
  await database.end();
  await server.stop();
  await postgres.stop();
  await rm(dataDir, { recursive: true, force: true });
});

it(
  'a backup is not restored beside a server that is quiet, and is once it has stopped',
  async () => {
    const environment = { DATABASE_URL: url, LUMIERE_DATA_DIR: dataDir };
    await newAccount(server.url);
    const file = join(dataDir, 'backup.tar.gz');
    await result(['db', 'backup', file], { environment });
    // What the pool of connections does by itself after a while, and what a firewall does to the other.
    const [before] = (await database.query<{ pid: number }>(PRESENCE)).rows;
    await database.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'lumiere%'`,
    );
    let now: number | undefined;
    while (now === undefined || now === before?.pid)
      [{ pid: now } = { pid: undefined }] = (await database.query<{ pid: number }>(PRESENCE)).rows;
    expect((await database.query(`SELECT 1 FROM pg_stat_activity WHERE application_name = 'lumiere'`)).rows).toEqual(
      [],
    );

    const [refused, status] = await Promise.all([
      command(['db', 'restore', file, '--force'], { environment }),
      result<{ server_running: boolean }>(['db', 'status'], { environment }),
    ]);
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('A server is running') });
    expect(status.server_running).toBe(true);

    await server.stop();
    expect(await result(['db', 'restore', file, '--force'], { environment })).toMatchObject({ restored: true });
  },
  SLOW,
);
