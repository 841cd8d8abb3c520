import { randomUUID } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { copyFile, link, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { create } from 'tar';
import type { DataSource } from 'typeorm';
import { readSchemaState } from '../../platform/database/index.js';
import { readVersion } from '../../platform/version.js';
import { refused } from '../outcome.js';
import { holdsKeys } from './key-files.js';
import { BACKUP_FORMAT, type BackupManifest, describeFiles, MANIFEST, type TableManifest } from './manifest.js';
import { dataTables, writeRows } from './table-rows.js';

export interface BackupOptions {
  withResults: boolean;
  withKeys: boolean;
}

/**
 * Every file is packed as itself. Files of data may be one on the disk, for results that are the same; told of that, the
 * packer would write links, which a restore does not take, and may wait for itself.
 */
const ARCHIVE = {
  gzip: true,
  portable: true,
  strict: true,
  filter: (_: string, stat: object) => Object.assign(stat, { nlink: 1 }) && true,
};

/** Rows that say where result files are; without the files they would lead nowhere. */
const RESULTS_TABLE = 'query_results';

/**
 * Writes a backup to a file (`.tar.gz`, `.tgz`) or a new folder; it is there when it is whole, and not before.
 *
 * @throws CommandFailure when the target exists, or the database is of a newer version
 */
export async function backUp(
  dataSource: DataSource,
  dataDir: string,
  target: string,
  options: BackupOptions,
): Promise<BackupManifest> {
  const path = resolve(target);
  if (existsSync(path)) throw refused(`${target} exists already. Choose another name.`);
  const asFile = /\.(tar\.gz|tgz)$/.test(path);
  const draft = `${path}.partial`;
  const folder = asFile ? join(dataDir, 'tmp', `backup-${randomUUID()}`) : draft;
  await mkdir(dirname(path), { recursive: true });
  try {
    await mkdir(join(folder, 'tables'), { recursive: true, mode: 0o700 });
    const manifest = await gather(dataSource, dataDir, folder, { ...options, mayLink: asFile });
    if (asFile) await create({ ...ARCHIVE, file: draft, cwd: folder }, await readdir(folder));
    await rename(draft, path);
    return manifest;
  } finally {
    await rm(folder, { recursive: true, force: true });
    await rm(draft, { recursive: true, force: true });
  }
}

async function gather(
  dataSource: DataSource,
  dataDir: string,
  folder: string,
  options: BackupOptions & { mayLink: boolean },
): Promise<BackupManifest> {
  const folders = ['sources', ...(options.withResults ? ['results'] : [])];
  // Before and after the rows are read: a file that a row names is kept either way, even if it goes or comes meanwhile.
  const keepFiles = async (): Promise<void> => {
    for (const name of folders) await keep(join(dataDir, name), join(folder, name), options.mayLink);
  };
  await keepFiles();
  const { migrations, tables } = await readTables(dataSource, folder, options.withResults);
  await keepFiles();
  if (options.withKeys) await keep(join(dataDir, 'keys'), join(folder, 'keys'), false);
  const files = await describeFiles(folder);
  if (options.withKeys && !holdsKeys(files)) throw refused('The keys went away while they were copied. Try again.');
  const manifest: BackupManifest = {
    format: BACKUP_FORMAT,
    lumiere: readVersion(),
    created_at: new Date().toISOString(),
    migrations,
    with_results: options.withResults,
    with_keys: holdsKeys(files),
    tables,
    files,
  };
  await writeFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
  return manifest;
}

/** All tables as they are at one moment. With the embedded database everybody else waits until they are read. */
async function readTables(
  dataSource: DataSource,
  folder: string,
  withResults: boolean,
): Promise<Pick<BackupManifest, 'migrations' | 'tables'>> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.startTransaction('REPEATABLE READ');
    await runner.query('SET TRANSACTION READ ONLY');
    await runner.query(`SET LOCAL TimeZone = 'UTC'`);
    const { done, unknown } = await readSchemaState({ query: (sql) => runner.query(sql) });
    if (unknown.length > 0) throw refused('The database belongs to a newer version of Lumiere. Use that one.');
    if (done.length === 0) throw refused('There is nothing to back up: the database has no tables of Lumiere.');
    const tables: TableManifest[] = [];
    for (const name of await dataTables(runner)) {
      if (withResults || name !== RESULTS_TABLE) tables.push(await writeRows(runner, name, folder));
    }
    return { migrations: done, tables };
  } finally {
    await runner.rollbackTransaction();
    await runner.release();
  }
}

/** Takes over the files below a folder; one that goes meanwhile is none that anybody needs. */
async function keep(from: string, to: string, mayLink: boolean): Promise<void> {
  if (!existsSync(from)) return;
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const source = join(entry.parentPath, entry.name);
    const target = join(to, source.slice(from.length + 1));
    if (existsSync(target)) continue;
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await takeOver(source, target, mayLink).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    });
  }
}

/** Files of data are written once and never changed, so a link is as good as a copy until it is packed. */
async function takeOver(source: string, target: string, mayLink: boolean): Promise<void> {
  if (mayLink) {
    try {
      await link(source, target);
      return;
    } catch (error) {
      if (!['EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  await copyFile(source, target, constants.COPYFILE_FICLONE);
}
