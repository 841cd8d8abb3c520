import { once } from 'node:events';
import { chmod, lstat, mkdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { ConfigurationError } from '../config/environment.js';
import type { PgliteWorkerData, PgliteWorkerMessage } from './pglite.worker.js';
import { lockDataDirectory, socketDirectory } from './data-directory-lock.js';

/** What `pg` needs to reach the embedded database. */
export interface EmbeddedConnection {
  host: string;
  port: number;
  user: string;
  database: string;
}

/** PGlite takes connections in turn; this many may be open at the same time (server pool, job queue, command line). */
const MAX_CONNECTIONS = 64;
const SOCKET_PORT = 5432;

/** Where the embedded database of a data directory listens on systems with Unix sockets. */
export function embeddedConnection(dataDir: string): EmbeddedConnection {
  return { host: socketDirectory(dataDir), port: SOCKET_PORT, user: 'postgres', database: 'postgres' };
}

/** PostgreSQL inside this process: started in a worker thread, reached through a socket, stopped with the process. */
export class EmbeddedPostgres {
  private constructor(
    private readonly worker: Worker,
    private readonly releaseLock: () => Promise<void>,
    readonly connection: EmbeddedConnection,
  ) {}

  /**
   * Opens the database of a data directory, making it when it is new.
   *
   * @param onCrash called when the database's thread ends without having been asked to
   * @throws DataDirectoryInUseError when another server uses the directory, ConfigurationError when another user may reach its socket
   */
  static async start(dataDir: string, onCrash: (error: Error) => void): Promise<EmbeddedPostgres> {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await prepareSocketDirectory(dataDir);
    const { release } = await lockDataDirectory(dataDir);
    try {
      const connection = await chooseAddress(dataDir);
      const directory = join(dataDir, 'postgres');
      // The data directory itself may be one that others can look into; PGlite makes its files readable to everybody.
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await chmod(directory, 0o700);
      const worker = await startWorker(directory, connection, onCrash);
      return new EmbeddedPostgres(worker, release, connection);
    } catch (error) {
      await release();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.worker.removeAllListeners('exit');
    const exited = once(this.worker, 'exit');
    this.worker.postMessage('stop');
    await exited;
    await this.releaseLock();
  }
}

/** In the temporary directory anybody may have made the folder before us, to stand between us and our database. */
async function prepareSocketDirectory(dataDir: string): Promise<void> {
  const folder = socketDirectory(dataDir);
  if (folder === dataDir || process.platform === 'win32') return;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { mode, uid } = await lstat(folder);
  const isOurs = (mode & 0o170077) === 0o040000 && uid === process.getuid?.();
  if (!isOurs) {
    throw new ConfigurationError(
      `The folder ${folder} must belong to the user of this server, and to nobody else. Remove it, or choose a shorter LUMIERE_DATA_DIR.`,
    );
  }
}

async function chooseAddress(dataDir: string): Promise<EmbeddedConnection> {
  const connection = embeddedConnection(dataDir);
  if (process.platform === 'win32') return { ...connection, host: '127.0.0.1', port: await freePort() };
  await rm(socketPath(connection), { force: true });
  return connection;
}

function socketPath(connection: EmbeddedConnection): string {
  return join(connection.host, `.s.PGSQL.${connection.port}`);
}

async function startWorker(
  directory: string,
  connection: EmbeddedConnection,
  onCrash: (error: Error) => void,
): Promise<Worker> {
  const workerData: PgliteWorkerData = {
    directory,
    listen:
      process.platform === 'win32'
        ? { host: connection.host, port: connection.port }
        : { path: socketPath(connection) },
    maxConnections: MAX_CONNECTIONS,
  };
  const worker = new Worker(new URL('./pglite.worker.js', import.meta.url), { workerData });
  const [message] = (await once(worker, 'message')) as [PgliteWorkerMessage];
  if (message.type === 'failed') throw new Error(`The embedded database did not start: ${message.message}`);
  worker.once('error', onCrash);
  worker.once('exit', (code) => onCrash(new Error(`The embedded database ended with code ${code}.`)));
  return worker;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('No free loopback port was found.');
  return address.port;
}
