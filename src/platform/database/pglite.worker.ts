/**
 * The embedded PostgreSQL, in a thread of its own so that the event loop stays free. It serves the PostgreSQL protocol on
 * a socket; the application, the job queue and the command line connect with the ordinary `pg` driver.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { BatchKeepingPGlite } from './batch-keeping-pglite.js';

/** Where the database lives and where it listens: a Unix socket path, or a loopback port where there are none. */
export interface PgliteWorkerData {
  directory: string;
  listen: { path: string } | { host: string; port: number };
  maxConnections: number;
}

/** What the worker says: it listens, or it could not start. */
export type PgliteWorkerMessage = { type: 'ready' } | { type: 'failed'; message: string };

const port = parentPort;
if (port === null) throw new Error('pglite.worker.js runs as a worker thread only.');

const data = workerData as PgliteWorkerData;
const tell = (message: PgliteWorkerMessage): void => port.postMessage(message);

try {
  const database = new BatchKeepingPGlite(data.directory);
  await database.waitReady;
  const server = new PGLiteSocketServer({ db: database, ...data.listen, maxConnections: data.maxConnections });
  await server.start();
  port.once('message', () => {
    void server
      .stop()
      .then(() => database.close())
      .finally(() => port.close());
  });
  tell({ type: 'ready' });
} catch (error) {
  tell({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  port.close();
}
