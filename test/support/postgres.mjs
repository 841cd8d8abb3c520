/** A throw-away PostgreSQL server from the installed binaries: loopback, a free port, a temporary directory, no fsync. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import pg from 'pg';

const DEBIAN = '/usr/lib/postgresql';
const START_SECONDS = 30;

/**
 * @typedef {object} PostgresServer
 * @property {string} version
 * @property {(database: string) => Promise<string>} createDatabase makes an empty database and gives its address
 * @property {() => Promise<void>} stop ends the server and removes its files
 */

/** The folder of `initdb` and `postgres`, or null when PostgreSQL is not installed. */
export function postgresBinaries() {
  const debian = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...debian.map((version) => join(DEBIAN, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter),
  ];
  return folders.find((folder) => ['initdb', 'postgres'].every((name) => existsSync(join(folder, name)))) ?? null;
}

/**
 * @returns {Promise<PostgresServer>}
 * @throws Error when PostgreSQL is not installed, or does not start
 */
export async function startPostgres() {
  const binaries = postgresBinaries();
  if (binaries === null) {
    throw new Error(
      'PostgreSQL is not installed: neither initdb nor postgres is in PATH or /usr/lib/postgresql. ' +
        'Install it (Debian: apt-get install postgresql).',
    );
  }
  const owner = unprivilegedUser();
  const directory = await mkdtemp(join(tmpdir(), 'lumiere-postgres-'));
  if (owner !== undefined) chownSync(directory, owner.uid, owner.gid);
  const data = join(directory, 'data');
  execFileSync(join(binaries, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'], {
    ...owner,
    cwd: directory,
    stdio: 'pipe',
  });
  const port = await freePort();
  const settings = ['fsync=off', 'full_page_writes=off', `port=${port}`, 'listen_addresses=127.0.0.1'];
  const server = spawn(
    join(binaries, 'postgres'),
    ['-D', data, '-k', directory, ...settings.flatMap((setting) => ['-c', setting])],
    { ...owner, cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  server.stderr.setEncoding('utf8').on('data', (text) => {
    log += text;
  });
  const address = (/** @type {string} */ database) => `postgres://postgres@127.0.0.1:${port}/${database}`;
  const stop = async () => {
    if (server.exitCode === null && server.signalCode === null) {
      const exited = once(server, 'exit');
      server.kill('SIGINT');
      await exited;
    }
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const version = await whenReady(address('postgres'), () => server.exitCode);
    return {
      version,
      stop,
      createDatabase: async (database) => {
        await ask(address('postgres'), `CREATE DATABASE ${pg.escapeIdentifier(database)}`);
        return address(database);
      },
    };
  } catch (error) {
    await stop();
    throw new Error(`PostgreSQL did not start:\n${log.slice(-2000)}`, { cause: error });
  }
}

/** PostgreSQL refuses to run as root; then it runs as `postgres`, or as `nobody` where there is no such user. */
export function unprivilegedUser() {
  if (process.getuid?.() !== 0) return undefined;
  const name = ['postgres', 'nobody'].find((user) => {
    try {
      execFileSync('id', ['-u', user], { stdio: 'pipe' });
      return true;
    } catch {
      return false;
    }
  });
  if (name === undefined) throw new Error('PostgreSQL does not run as root, and there is no user postgres or nobody.');
  const id = (/** @type {string} */ flag) => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/**
 * @param {string} url
 * @param {() => number | null} exitCode of the server, null while it runs
 * @returns {Promise<string>} the server's version
 */
async function whenReady(url, exitCode) {
  const deadline = Date.now() + START_SECONDS * 1000;
  for (;;) {
    try {
      return await ask(url, 'SHOW server_version');
    } catch (error) {
      if (exitCode() !== null || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/**
 * @param {string} url
 * @param {string} sql
 * @returns {Promise<string>} the first value of the answer, or an empty text
 */
async function ask(url, sql) {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query({ text: sql, rowMode: 'array' });
    return String(rows[0]?.[0] ?? '');
  } finally {
    await client.end();
  }
}

/** @returns {Promise<number>} */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('No free loopback port was found.');
  return address.port;
}
