import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { extract } from 'tar';
import { type DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import { AuditLog } from '../../platform/audit/index.js';
import { MIGRATION_LOCK, readSchemaState, SERVER_LOCK, settleRestoresAlone } from '../../platform/database/index.js';
import { swapFolders } from '../../platform/storage/index.js';
import { refused } from '../outcome.js';
import { bringsKeys } from './key-files.js';
import { type BackupManifest, checkBackup } from './manifest.js';
import { dataTables, loadRows } from './table-rows.js';

/**
 * Unpacks a backup and compares it with its manifest.
 *
 * @param folder a new one, on the disk of the data directory
 * @throws CommandFailure when it is no backup, or not as it was written
 */
export async function unpack(backup: string, folder: string): Promise<BackupManifest> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = resolve(backup);
  const found = await stat(path).catch((cause: unknown) => {
    throw refused(`${backup} cannot be read.`, { cause });
  });
  if (found.isDirectory()) await cp(path, folder, { recursive: true, verbatimSymlinks: true });
  else {
    // Links could lead out of the folder; a backup of ours has none.
    const refuseLinks = (name: string, entry: object): boolean => {
      if (
        'type' in entry &&
        !['File', 'OldFile', 'ContiguousFile', 'Directory', 'GNUDumpDir'].includes(String(entry.type))
      )
        links.push(name);
      return links.length === 0;
    };
    const links: string[] = [];
    await extract({ file: path, cwd: folder, strict: true, filter: refuseLinks }).catch((cause: unknown) => {
      throw refused(`${backup} is damaged: it cannot be unpacked.`, { cause });
    });
    const [stranger] = links;
    if (stranger !== undefined) throw refused(`The backup holds ${stranger}, which is neither a file nor a folder.`);
  }
  return checkBackup(folder);
}

/** Rows say which files of these there are, so an old file has no place beside new rows. */
const FOLDERS_OF_ROWS = ['sources', 'results'];

export interface RestoreTarget {
  dataSource: DataSource;
  dataDir: string;
  /** Whether what is there may be replaced. */
  force: boolean;
}

/**
 * Puts a backup in the place of everything: rows in one transaction, which brings the schema to the backup's state and then to
 * this version's, and files, which take their places just before it is committed.
 *
 * @throws CommandFailure when somebody has an account there and `force` does not say that they may go
 */
export async function restore(manifest: BackupManifest, folder: string, target: RestoreTarget): Promise<void> {
  const { dataSource, dataDir } = target;
  await refuseOtherKeys(manifest, target);
  try {
    await replaceAll(manifest, folder, target);
  } catch (error) {
    await settleRestoresAlone(dataDir, dataSource).catch((cause: unknown) => {
      const causes = new AggregateError([error, cause]);
      throw refused(
        'The restore was cut short. The next command or server that reaches the database brings files and rows together again.',
        { cause: causes },
      );
    });
    throw error;
  }
  await settleRestoresAlone(dataDir, dataSource);
}

async function replaceAll(
  manifest: BackupManifest,
  folder: string,
  { dataSource, dataDir, force }: RestoreTarget,
): Promise<void> {
  const id = randomUUID();
  const runner = dataSource.createQueryRunner();
  try {
    await runner.startTransaction();
    await refuseServers(runner);
    await runner.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await refuseInhabited(runner, force);
    await emptyTables(runner);
    await bringSchemaTo(manifest.migrations, dataSource, runner);
    await loadTables(runner, manifest, folder);
    await bringSchemaTo(null, dataSource, runner);
    const details = { backup_of: manifest.created_at, restore_id: id };
    await new AuditLog(dataSource).write([{ action: 'database.restored', objectId: null, details }], runner.manager);
    for (const name of FOLDERS_OF_ROWS) await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
    await swapFolders(dataDir, id, folder, [...FOLDERS_OF_ROWS, ...(bringsKeys(manifest) ? ['keys'] : [])]);
    await runner.commitTransaction();
  } catch (error) {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    throw error;
  } finally {
    await runner.release();
  }
}

/** Until the end of the transaction no server can start, either. */
async function refuseServers(runner: QueryRunner): Promise<void> {
  const [row] = (await runner.query('SELECT pg_try_advisory_xact_lock($1) AS alone', [SERVER_LOCK])) as {
    alone: boolean;
  }[];
  if (row?.alone !== true) throw refused('A server is running on this installation. Stop it first.');
}

async function refuseInhabited(runner: QueryRunner, force: boolean): Promise<void> {
  const { done, unknown } = await readSchemaState({ query: (sql) => runner.query(sql) });
  if (unknown.length > 0) throw refused('The database belongs to a newer version of Lumiere. Use that one.');
  if (done.length === 0 || force) return;
  const [people] = (await runner.query('SELECT count(*)::integer AS count FROM users')) as { count: number }[];
  if (people !== undefined && people.count > 0) {
    throw refused(`There are ${people.count} accounts in this database. With --force everything in it is replaced.`);
  }
}

/** The keys that were made here must not be lost by accident: what was encrypted with them would be lost too. */
async function refuseOtherKeys(manifest: BackupManifest, target: RestoreTarget): Promise<void> {
  if (!bringsKeys(manifest) || target.force) return;
  const kept = join(target.dataDir, 'keys');
  if (existsSync(kept) && (await readdir(kept)).length > 0) {
    throw refused('The backup holds keys, and there are keys here already. With --force they are replaced.');
  }
}

/** Row by row deletion would be refused by the triggers of the audit trail, which do not know of restoring. */
async function emptyTables(runner: QueryRunner): Promise<void> {
  const tables = await dataTables(runner);
  if (tables.length === 0) return;
  const triggers = await tablesWithTriggers(runner);
  for (const table of triggers) await runner.query(`ALTER TABLE "${table}" DISABLE TRIGGER USER`);
  await runner.query(`TRUNCATE ${tables.map((table) => `"${table}"`).join(', ')}`);
  for (const table of triggers) await runner.query(`ALTER TABLE "${table}" ENABLE TRIGGER USER`);
}

/**
 * Brings the schema to those migrations that are named, or to all that this version has.
 *
 * @throws CommandFailure when one is not known here
 */
async function bringSchemaTo(
  names: readonly string[] | null,
  dataSource: DataSource,
  runner: QueryRunner,
): Promise<void> {
  const executor = new MigrationExecutor(dataSource, runner);
  executor.transaction = 'none';
  const executed = await executor.getExecutedMigrations();
  const beyond = names === null ? [] : executed.filter(({ name }) => !names.includes(name));
  for (const _ of beyond) await executor.undoLastMigration();
  const pending = await executor.getPendingMigrations();
  for (const migration of pending) {
    if (names === null || names.includes(migration.name)) await executor.executeMigration(migration);
  }
  const { done } = await readSchemaState({ query: (sql) => runner.query(sql) });
  const missing = names?.find((name) => !done.includes(name));
  if (missing !== undefined) throw refused('The backup is of a newer version of Lumiere. Restore it with that one.');
}

/** In any order: foreign keys are taken away meanwhile, and looked at when they are put back. */
async function loadTables(runner: QueryRunner, manifest: BackupManifest, folder: string): Promise<void> {
  const here = await dataTables(runner);
  const unknown = manifest.tables.find(({ name }) => !here.includes(name));
  if (unknown !== undefined) throw refused(`The backup holds a table that Lumiere does not have: ${unknown.name}.`);
  const keys = (await runner.query(FOREIGN_KEYS)) as { table: string; name: string; definition: string }[];
  const triggers = await tablesWithTriggers(runner);
  for (const { table, name } of keys) await runner.query(`ALTER TABLE "${table}" DROP CONSTRAINT "${name}"`);
  for (const table of triggers) await runner.query(`ALTER TABLE "${table}" DISABLE TRIGGER USER`);
  // Migrations have put rows into some of them.
  await runner.query(`TRUNCATE ${here.map((table) => `"${table}"`).join(', ')}`);
  for (const table of manifest.tables) await loadRows(runner, table, folder);
  for (const { table, name, definition } of keys) {
    await runner.query(`ALTER TABLE "${table}" ADD CONSTRAINT "${name}" ${definition}`);
  }
  for (const table of triggers) await runner.query(`ALTER TABLE "${table}" ENABLE TRIGGER USER`);
}

const FOREIGN_KEYS = `
  SELECT relname AS table, conname AS name, pg_get_constraintdef(con.oid) AS definition
  FROM pg_constraint con JOIN pg_class rel ON rel.oid = con.conrelid
  WHERE con.contype = 'f' AND rel.relnamespace = current_schema()::regnamespace
  ORDER BY relname, conname`;

async function tablesWithTriggers(runner: QueryRunner): Promise<string[]> {
  const rows = (await runner.query(
    `SELECT DISTINCT relname AS name FROM pg_trigger JOIN pg_class rel ON rel.oid = tgrelid
     WHERE NOT tgisinternal AND rel.relnamespace = current_schema()::regnamespace`,
  )) as { name: string }[];
  return rows.map(({ name }) => name);
}
