import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DatabaseConfig, RuntimeConfig } from '../config/index.js';

/** Work in progress of a process that ended is removed at the next start; of one that may still run, only after this time. */
const ABANDONED_AFTER_MS = 86_400_000;

/**
 * Files in the data directory: `sources/` and `results/` are kept, `tmp/` holds what is in the making. Locations are
 * relative paths, as they are stored in the database.
 */
@Injectable()
export class LocalStorage implements OnModuleInit {
  private readonly root: string;

  constructor(
    config: RuntimeConfig,
    private readonly database: DatabaseConfig,
  ) {
    this.root = config.dataDir;
  }

  async onModuleInit(): Promise<void> {
    for (const folder of ['sources', 'results', 'tmp']) {
      await mkdir(join(this.root, folder), { recursive: true, mode: 0o700 });
    }
    await this.removeAbandonedWork();
  }

  /** The absolute path of a stored location, made sure to lie inside the data directory. */
  pathOf(location: string): string {
    const path = resolve(this.root, location);
    if (!path.startsWith(this.root + sep))
      throw new Error(`A stored location leads out of the data directory: ${location}`);
    return path;
  }

  /** Where engines may spill to. */
  get scratchDirectory(): string {
    return join(this.root, 'tmp');
  }

  /** A new empty folder for work in progress; the caller removes it. */
  async createWorkspace(): Promise<string> {
    const path = join(this.root, 'tmp', randomUUID());
    await mkdir(path, { mode: 0o700 });
    return path;
  }

  /** The path of a file that does not exist yet, in a folder that does. */
  async prepare(location: string): Promise<string> {
    const path = this.pathOf(location);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return path;
  }

  /** Moves finished work to where it is kept, in one step. */
  async keep(workspacePath: string, location: string): Promise<void> {
    await rename(workspacePath, await this.prepare(location));
  }

  /**
   * Keeps a file in a second place as well, without copying it; each place is removed by itself.
   *
   * @returns false when the file is not there any more
   */
  async keepAgain(location: string, again: string): Promise<boolean> {
    try {
      await link(this.pathOf(location), await this.prepare(again));
      return true;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
      throw error;
    }
  }

  async remove(location: string): Promise<void> {
    await rm(this.pathOf(location), { recursive: true, force: true });
  }

  /** With the embedded database this process is alone in the directory; otherwise other replicas may be at work in it. */
  private async removeAbandonedWork(): Promise<void> {
    const alone = this.database.url === undefined;
    for (const name of await readdir(join(this.root, 'tmp'))) {
      const path = join(this.root, 'tmp', name);
      if (alone || (await isAbandoned(path))) await rm(path, { recursive: true, force: true });
    }
  }

  /** Writes and removes a small file. */
  async probe(): Promise<void> {
    const path = join(this.root, 'tmp', `probe-${randomUUID()}`);
    await writeFile(path, 'ok');
    await rm(path);
  }
}

/** Work that its owner has just finished and removed is not there any more. */
async function isAbandoned(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > ABANDONED_AFTER_MS;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
