import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option, SubCommand } from 'nest-commander';
import type { QueryRunner } from 'typeorm';
import { AuditLog } from '../platform/audit/index.js';
import { readSchemaState, runMigrations } from '../platform/database/index.js';
import { readVersion } from '../platform/version.js';
import { CommandGroup } from './administration-command.js';
import { backUp } from './backup/backup.js';
import { bringsKeys, refuseKeysElsewhere } from './backup/key-files.js';
import { restore, unpack } from './backup/restore.js';
import { dataTables } from './backup/table-rows.js';
import { DatabaseCommand } from './database-command.js';
import { refused } from './outcome.js';
import { table } from './terminal.js';

@SubCommand({ name: 'status', description: 'Say which version the database has, how large it is, and what is in it.' })
export class DbStatusCommand extends DatabaseCommand {
  override async run(): Promise<void> {
    const status = await this.connect(async (dataSource, opened) => {
      const runner = dataSource.createQueryRunner();
      try {
        const { done, pending, unknown } = await readSchemaState({ query: (sql) => runner.query(sql) });
        const [about] = (await runner.query(
          `SELECT current_setting('server_version') AS version, pg_database_size(current_database())::text AS bytes`,
        )) as { version: string; bytes: string }[];
        const rows = done.length === 0 ? {} : await countRows(runner);
        return {
          lumiere: readVersion(),
          database: opened.connection === undefined ? 'postgresql' : 'embedded',
          version: about?.version ?? null,
          server_running: await this.isServerRunning(dataSource, opened),
          bytes: Number(about?.bytes),
          migrations: { done, pending, unknown },
          rows,
        };
      } finally {
        await runner.release();
      }
    });
    const { done, pending, unknown } = status.migrations;
    this.terminal.print(status, [
      `Lumiere ${status.lumiere} on ${status.database} ${status.version}, ${(status.bytes / 2 ** 20).toFixed(1)} MiB, ${status.server_running ? 'a server is running' : 'no server is running'}.`,
      `Migrations: ${done.length} done, ${pending.length} pending${unknown.length > 0 ? `, ${unknown.length} of a newer version` : ''}.`,
      ...pending.map((name) => `  pending: ${name}`),
      '',
      ...table(
        ['TABLE', 'ROWS'],
        Object.entries(status.rows)
          .filter(([, count]) => count > 0)
          .map(([name, count]) => [name, String(count)]),
      ),
    ]);
  }
}

@SubCommand({ name: 'migrate', description: 'Bring the schema of the database up to date.' })
export class DbMigrateCommand extends DatabaseCommand {
  override async run(): Promise<void> {
    const { pending } = await this.connect(async (dataSource) => {
      const state = await readSchemaState({ query: (sql) => dataSource.query(sql) });
      if (state.unknown.length > 0) throw refused('The database belongs to a newer version of Lumiere. Use that one.');
      await runMigrations(dataSource);
      return state;
    }, true);
    this.terminal.print(
      { migrated: pending },
      pending.length === 0 ? 'The schema is up to date already.' : pending.map((name) => `Done: ${name}`),
    );
  }
}

@SubCommand({
  name: 'backup',
  arguments: '<target>',
  argsDescription: { target: 'a new file (.tar.gz or .tgz) or a new folder' },
  description:
    'Write rows and files of the installation to a file or a folder. Leaves the keys out, which stored credentials need: keep them elsewhere, or add --with-keys and guard the backup as you guard them.',
})
export class DbBackupCommand extends DatabaseCommand {
  override async run(
    [target = '']: string[],
    { results = true, withKeys = false }: { results?: boolean; withKeys?: boolean },
  ): Promise<void> {
    if (withKeys) refuseKeysElsewhere(this.installation.configuration);
    const manifest = await this.connect(async (dataSource) => {
      const made = await backUp(dataSource, this.dataDir, target, { withResults: results, withKeys });
      if ((await readSchemaState({ query: (sql) => dataSource.query(sql) })).pending.length === 0) {
        const details = { with_results: results, with_keys: withKeys };
        await new AuditLog(dataSource).record({ action: 'database.backed_up', objectId: null, details });
      }
      return made;
    });
    const rows = manifest.tables.reduce((sum, one) => sum + one.rows, 0);
    const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
    this.terminal.print({ target, ...manifest }, [
      `Wrote ${target}: ${rows} rows of ${manifest.tables.length} tables, ${manifest.files.length} files, ${(bytes / 2 ** 20).toFixed(1)} MiB before packing.`,
      withKeys
        ? 'It holds the keys of the installation: whoever has it can read the stored credentials.'
        : 'It does not hold the keys of the installation. Keep them elsewhere: stored credentials cannot be read without.',
    ]);
  }

  @Option({ flags: '--no-results', description: 'leave stored results out; queries can be run again' })
  protected results(): boolean {
    return false;
  }

  @Option({ flags: '--with-keys', description: 'put the keys in the data directory into the backup' })
  protected withKeys(): boolean {
    return true;
  }
}

@SubCommand({
  name: 'restore',
  arguments: '<backup>',
  argsDescription: { backup: 'a file or folder that db backup has written' },
  description:
    'Put a backup into a database without accounts, of either kind, while no server runs. All of it, or nothing.',
})
export class DbRestoreCommand extends DatabaseCommand {
  override async run([backup = '']: string[], { force = false }: { force?: boolean }): Promise<void> {
    const folder = join(this.dataDir, 'tmp', `restore-${randomUUID()}`);
    const manifest = await this.connect(async (dataSource, database) => {
      if (await this.isServerRunning(dataSource, database))
        throw refused('A server is running on this installation. Stop it first.');
      try {
        this.terminal.note('Unpacking and checking the backup …');
        const checked = await unpack(backup, folder);
        this.terminal.note('Restoring …');
        await restore(checked, folder, { dataSource, dataDir: this.dataDir, force });
        return checked;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }, true);
    const rows = manifest.tables.reduce((sum, one) => sum + one.rows, 0);
    this.terminal.print({ restored: true, backup_of: manifest.created_at, rows, files: manifest.files.length }, [
      `Restored ${rows} rows of ${manifest.tables.length} tables and their files, as they were on ${manifest.created_at}.`,
      ...(bringsKeys(manifest)
        ? []
        : [
            'The backup held no keys, and those that are here stayed. Give this installation the keys of the other one before it needs a stored credential.',
          ]),
    ]);
  }

  @Option({ flags: '--force', description: 'replace everything that is there' })
  protected force(): boolean {
    return true;
  }
}

@Command({
  name: 'db',
  description: 'The database: its state, its schema, backup and restore.',
  subCommands: [DbStatusCommand, DbMigrateCommand, DbBackupCommand, DbRestoreCommand],
})
export class DbCommand extends CommandGroup {}

export const DB_COMMANDS = [DbCommand, DbStatusCommand, DbMigrateCommand, DbBackupCommand, DbRestoreCommand];

async function countRows(runner: QueryRunner): Promise<Record<string, number>> {
  const tables = await dataTables(runner);
  const counts = tables.map((name) => `SELECT '${name}' AS name, count(*)::text AS count FROM "${name}"`);
  const rows = (await runner.query(counts.join(' UNION ALL '))) as { name: string; count: string }[];
  return Object.fromEntries(rows.map(({ name, count }) => [name, Number(count)]));
}
