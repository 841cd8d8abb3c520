/** Only one server may use a data directory: the embedded database would be destroyed by a second one. */
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from '../config/environment.js';

/** Longest path a Unix socket may have on every system we run on (macOS: 104 with the closing zero). */
const LONGEST_SOCKET_PATH = 100;

/**
 * A path for a socket that belongs to a data directory: inside it, or, where that path would be too long for a socket,
 * in a folder of the temporary directory named after it.
 */
export function socketDirectory(dataDir: string): string {
  if (join(dataDir, '.s.PGSQL.00000').length <= LONGEST_SOCKET_PATH) return dataDir;
  return join(tmpdir(), `lumiere-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`);
}

/**
 * Holds the data directory until `release` is called or the process ends, however it ends: the operating system closes
 * the listening socket, and a socket file that nobody listens on is taken over.
 *
 * @throws ConfigurationError when another process holds it
 */
export async function lockDataDirectory(dataDir: string): Promise<{ release: () => Promise<void> }> {
  const path =
    process.platform === 'win32'
      ? `\\\\.\\pipe\\lumiere-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`
      : join(socketDirectory(dataDir), 'lumiere.lock');
  const server = (await listen(path)) ?? (await takeOver(path));
  if (server === null) {
    throw new ConfigurationError(
      `Another Lumiere server is using the data directory ${dataDir}. Stop it first, or give this one its own with LUMIERE_DATA_DIR.`,
    );
  }
  return { release: () => new Promise((done) => server.close(() => done())) };
}

function listen(path: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else reject(error);
    });
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

async function takeOver(path: string): Promise<Server | null> {
  if (await isListening(path)) return null;
  await rm(path, { force: true });
  return listen(path);
}

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
