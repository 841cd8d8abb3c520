/** Only one server may use a data directory: the embedded database would be destroyed by a second one. */
import { createHash, randomBytes } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataDirectoryInUseError } from '../config/environment.js';

/** Longest path a Unix socket may have on every system we run on (macOS: 104 with the closing zero). */
const LONGEST_SOCKET_PATH = 100;

/** How often a server that has not yet decided is asked again, and after how long it is taken for the holder. */
const ASK_AGAIN_MS = 20;
const DECISION_PATIENCE_MS = 5000;

/** What another server of the directory is: `unknown` when it did not say. */
type Standing = 'candidate' | 'holder' | 'gone' | 'unknown';

/**
 * A path for a socket that belongs to a data directory: inside it, or, where that path would be too long for a socket,
 * in a folder of the temporary directory named after it.
 */
export function socketDirectory(dataDir: string): string {
  if (join(dataDir, '.s.PGSQL.00000').length <= LONGEST_SOCKET_PATH) return dataDir;
  return join(tmpdir(), `lumiere-${digest(dataDir)}`);
}

/**
 * Holds the data directory until `release` is called or the process ends, however it ends: the operating system closes
 * the listening socket, and a socket file that nobody listens on is removed by the next server.
 *
 * @throws DataDirectoryInUseError when another process holds it, or was about to when this one came
 */
export async function lockDataDirectory(dataDir: string): Promise<{ release: () => Promise<void> }> {
  const release =
    process.platform === 'win32' ? await holdPipe(dataDir) : await Candidate.stand(socketDirectory(dataDir));
  if (release === null) {
    throw new DataDirectoryInUseError(
      `Another Lumiere server is using the data directory ${dataDir}. Stop it first, or give this one its own with LUMIERE_DATA_DIR.`,
    );
  }
  return { release };
}

/** Windows itself lets one process only listen on a name, and forgets the name with the process. */
async function holdPipe(dataDir: string): Promise<(() => Promise<void>) | null> {
  const server = createServer((socket) => socket.destroy());
  try {
    await listen(server, `\\\\.\\pipe\\lumiere-${digest(dataDir)}`);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return null;
    throw error;
  }
  return () => close(server);
}

/**
 * One server that wants a directory. Each listens on a socket with a name of its own, never used again, so that removing
 * a dead one cannot hit a live one; and shows it before it looks for others, so that of two at least the later one sees
 * the other. Whoever sees a holder, or a candidate with a smaller name, gives up; a candidate with the smallest name waits
 * for the others to decide. So no two hold the directory, and of several that start together one does.
 */
class Candidate {
  private standing: 'candidate' | 'holder' = 'candidate';
  private readonly server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(this.standing);
  });

  private constructor(
    private readonly folder: string,
    private readonly name: string,
  ) {}

  /** Gives what lets go of the folder again, or null when somebody else has it. */
  static async stand(folder: string): Promise<(() => Promise<void>) | null> {
    const id = randomBytes(4).toString('hex');
    const candidate = new Candidate(folder, `.lock-${id}`);
    // Shown once it listens: until then it would look dead to others.
    const hidden = join(folder, `.bind-${id}`);
    await listen(candidate.server, hidden);
    try {
      await rename(hidden, candidate.path);
      if (await candidate.wins()) return () => candidate.leave();
    } catch (error) {
      await candidate.leave();
      throw error;
    }
    await candidate.leave();
    return null;
  }

  private get path(): string {
    return join(this.folder, this.name);
  }

  private async wins(): Promise<boolean> {
    const deadline = performance.now() + DECISION_PATIENCE_MS;
    while (performance.now() < deadline) {
      const names = await readdir(this.folder);
      const others = names.filter((name) => /^\.lock-[0-9a-f]{8}$/.test(name) && name !== this.name);
      const standings = await Promise.all(others.map((name) => this.askAfter(name)));
      const undecided = others.filter((_, index) => standings[index] !== 'gone');
      if (undecided.length === 0) {
        this.standing = 'holder';
        return true;
      }
      const mustYield = others.some(
        (name, index) => standings[index] === 'holder' || (standings[index] === 'candidate' && name < this.name),
      );
      if (mustYield) return false;
      await sleep(ASK_AGAIN_MS);
    }
    return false;
  }

  private async askAfter(name: string): Promise<Standing> {
    const path = join(this.folder, name);
    const standing = await ask(path);
    if (standing === 'gone') await rm(path, { force: true });
    return standing;
  }

  private async leave(): Promise<void> {
    await rm(this.path, { force: true });
    await close(this.server);
  }
}

function ask(path: string): Promise<Standing> {
  return new Promise((resolve) => {
    let said = '';
    const socket = connect(path);
    socket.setEncoding('utf8');
    socket.setTimeout(DECISION_PATIENCE_MS, () => socket.destroy());
    socket.on('data', (text) => {
      said += String(text);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? 'gone' : 'unknown');
    });
    socket.once('close', () => resolve(said === 'holder' || said === 'candidate' ? said : 'unknown'));
  });
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      server.unref();
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((done) => server.close(() => done()));
}

function digest(dataDir: string): string {
  return createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
}
