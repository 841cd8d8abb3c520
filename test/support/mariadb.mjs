/** A throw-away MariaDB server from the installed binaries: loopback, a free port, a temporary directory, no fsync. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import mysql from 'mysql2/promise';
import { freePort, unprivilegedUser } from './postgres.mjs';

const START_SECONDS = 30;

/**
 * @typedef {object} MariaDbServer
 * @property {string} version
 * @property {number} port on 127.0.0.1
 * @property {(database?: string) => Promise<import('mysql2/promise').Connection>} connect as the administrator; `mysql` when no database is named
 * @property {() => Promise<void>} stop ends the server and removes its files
 */

/** The programs `mariadbd` and `mariadb-install-db`, or null when MariaDB is not installed. */
export function mariadbBinaries() {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  const [server, install] = ['mariadbd', 'mariadb-install-db'].map((name) =>
    folders.map((folder) => join(folder, name)).find((file) => existsSync(file)),
  );
  return server !== undefined && install !== undefined ? { server, install } : null;
}

/**
 * @param {string[]} [settings] more options of the server, for example `--ssl-cert=…`
 * @returns {Promise<MariaDbServer>}
 * @throws Error when MariaDB is not installed, or does not start
 */
export async function startMariaDb(settings = []) {
  const binaries = mariadbBinaries();
  if (binaries === null) {
    throw new Error(
      'MariaDB is not installed: mariadbd or mariadb-install-db is neither in PATH nor in /usr/sbin. ' +
        'Install it (Debian: apt-get install mariadb-server).',
    );
  }
  const owner = unprivilegedUser();
  const directory = await mkdtemp(join(tmpdir(), 'lumiere-mariadb-'));
  if (owner !== undefined) chownSync(directory, owner.uid, owner.gid);
  const data = join(directory, 'data');
  execFileSync(
    binaries.install,
    [
      '--no-defaults',
      `--datadir=${data}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--skip-name-resolve',
      '--innodb-log-file-size=16M',
    ],
    { ...owner, cwd: directory, stdio: 'pipe' },
  );
  const port = await freePort();
  const server = spawn(
    binaries.server,
    [
      '--no-defaults',
      `--datadir=${data}`,
      `--socket=${join(directory, 'socket')}`,
      `--pid-file=${join(directory, 'pid')}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      '--skip-name-resolve',
      '--skip-log-bin',
      '--character-set-server=utf8mb4',
      '--innodb-log-file-size=16M',
      '--innodb-flush-log-at-trx-commit=0',
      '--innodb-flush-method=nosync',
      '--innodb-doublewrite=0',
      ...settings,
    ],
    { ...owner, cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  server.stderr.setEncoding('utf8').on('data', (text) => {
    log += text;
  });
  /** @param {string} [database] */
  const connect = (database = 'mysql') =>
    mysql.createConnection({ host: '127.0.0.1', port, user: 'root', multipleStatements: true, database });
  const stop = async () => {
    if (server.exitCode === null && server.signalCode === null) {
      const exited = once(server, 'exit');
      server.kill('SIGTERM');
      await exited;
    }
    await rm(directory, { recursive: true, force: true });
  };
  try {
    return { version: await whenReady(connect, () => server.exitCode), port, connect, stop };
  } catch (error) {
    await stop();
    throw new Error(`MariaDB did not start:\n${log.slice(-2000)}`, { cause: error });
  }
}

/**
 * @param {() => Promise<import('mysql2/promise').Connection>} connect
 * @param {() => number | null} exitCode of the server, null while it runs
 * @returns {Promise<string>} the server's version
 */
async function whenReady(connect, exitCode) {
  const deadline = Date.now() + START_SECONDS * 1000;
  for (;;) {
    try {
      const connection = await connect();
      const [rows] = await connection.query('SELECT VERSION() AS version');
      await connection.end();
      return String(/** @type {any} */ (rows)[0].version);
    } catch (error) {
      if (exitCode() !== null || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
