import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { InstanceBounds } from './engine-bounds.js';
import { literal, literalList } from './sql-text.js';

export interface LockedInstanceOptions extends InstanceBounds {
  /** Exactly the files that may be opened, for reading or writing. */
  files: readonly string[];
  /** Runs while settings may still be changed but other files are already out of reach: the place to create views. */
  prepare?: (connection: DuckDBConnection) => Promise<void>;
}

export interface LockedInstance {
  readonly connection: DuckDBConnection;
  /** Ends the instance and removes its spill directory. May be called more than once. */
  close(): Promise<void>;
}

/** What the names of a process's spill directories begin with, by which they are found when it has died. */
export function spillPrefix(pid: number): string {
  return `spill-${pid}-`;
}

/** Creating an instance costs about 13 ms, most of it the function catalogue. One untouched instance waits for the next caller. */
let standby: Promise<DuckDBInstance> | undefined;

function createInstance(): Promise<DuckDBInstance> {
  return DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
  });
}

async function takeInstance(): Promise<DuckDBInstance> {
  const waiting = standby;
  standby = undefined;
  return (await waiting) ?? createInstance();
}

/** Has an instance ready for the next caller. */
export function prepareStandby(): void {
  if (standby) return;
  const created = createInstance();
  standby = created;
  // A failure here is met again, and reported, by the caller who needs the next instance.
  created.catch(() => {
    if (standby === created) standby = undefined;
  });
}

/**
 * Opens an in-memory DuckDB that can reach exactly the given files and whose settings can no longer be changed: no
 * other file, no network, no extension that is not built in, bounded memory, threads and spill. An instance serves one
 * caller and one source, and is thrown away afterwards.
 *
 * DuckDB works on libuv's thread pool: every running statement holds one of its threads (4 unless `UV_THREADPOOL_SIZE`
 * says otherwise) until it ends, and file access of the whole process waits when none is free. Statements of people
 * therefore run in processes of their own.
 */
export async function openLockedInstance(options: LockedInstanceOptions): Promise<LockedInstance> {
  const instance = await takeInstance();
  const spillDirectory = join(resolve(options.scratchDirectory), `${spillPrefix(process.pid)}${randomUUID()}`);
  let closed = false;
  const connection = await instance.connect();
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    connection.closeSync();
    instance.closeSync();
    prepareStandby();
    await rm(spillDirectory, { recursive: true, force: true });
  };
  try {
    await connection.run(
      [
        `SET memory_limit = '${Math.floor(options.maxMemoryBytes)}B'`,
        `SET threads = ${Math.max(1, Math.floor(options.threads))}`,
        `SET temp_directory = ${literal(spillDirectory)}`,
        `SET max_temp_directory_size = '${Math.floor(options.maxSpillBytes)}B'`,
        `SET TimeZone = 'UTC'`,
        `SET allowed_paths = ${literalList(options.files.map((file) => resolve(file)))}`,
        `SET enable_external_access = false`,
      ].join(';\n'),
    );
    await options.prepare?.(connection);
    await connection.run('SET lock_configuration = true');
    return { connection, close };
  } catch (error) {
    await close();
    throw error;
  }
}
