import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DatabaseConfig, RuntimeConfig } from '../config/index.js';

/** Work in progress of a process that ended is removed at the next start; of one that may still run, only after this time. */
const ABANDONED_AFTER_MS = 86_400_000;

export interface StoredFileInfo {
  location: string;
  changedAtMs: number;
}

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
    for (const folder of ['sources', 'results', 'exports', 'tmp']) {
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

  /** Makes the time of change of a stored file now. */
  async touch(location: string): Promise<void> {
    const now = new Date();
    await utimes(this.pathOf(location), now, now);
  }

  /** The files below a stored folder, in no order. */
  async list(folder: string): Promise<StoredFileInfo[]> {
    const root = this.pathOf(folder);
    const found: StoredFileInfo[] = [];
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const info = await unlessGone(stat(path));
      if (info !== null) found.push({ location: relative(this.root, path), changedAtMs: info.mtimeMs });
    }
    return found;
  }

  /**
   * Removes a stored file unless it has been changed since then, and its folder when nothing else is in it.
   *
   * @returns whether it is gone
   */
  async removeIfUnchangedSince(location: string, timeMs: number): Promise<boolean> {
    const path = this.pathOf(location);
    const info = await unlessGone(stat(path));
    if (info !== null && info.mtimeMs > timeMs) return false;
    await rm(path, { force: true });
    const left = await unlessGone(readdir(dirname(path)));
    if (left?.length === 0) await rm(dirname(path), { recursive: true, force: true });
    return true;
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
  const info = await unlessGone(stat(path));
  return info !== null && Date.now() - info.mtimeMs > ABANDONED_AFTER_MS;
}

/** Null when somebody has removed the file in the meantime. */
async function unlessGone<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
