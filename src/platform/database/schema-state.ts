import type { DataSource } from 'typeorm';
import { migrations } from '../../../migrations/index.js';
import { ConfigurationError } from '../config/environment.js';

/** Names of migrations, oldest first. */
export interface SchemaState {
  done: string[];
  /** This program has them, the database has not. */
  pending: string[];
  /** The database has them, this program does not know them. */
  unknown: string[];
}

/** How far the schema of a database is; changes nothing. */
export async function readSchemaState({ query }: { query: (sql: string) => Promise<unknown> }): Promise<SchemaState> {
  const [table] = (await query(`SELECT to_regclass('migrations')::text AS name`)) as { name: string | null }[];
  const rows =
    table?.name == null ? [] : ((await query('SELECT name FROM migrations ORDER BY id')) as { name: string }[]);
  const done = rows.map(({ name }) => name);
  const known = migrations.map(({ name }) => name);
  return {
    done,
    pending: known.filter((name) => !done.includes(name)),
    unknown: done.filter((name) => !known.includes(name)),
  };
}

/** @throws ConfigurationError when the schema is not the one that this program works with */
export async function refuseOtherSchema(dataSource: DataSource): Promise<void> {
  const { pending, unknown } = await readSchemaState({ query: (sql) => dataSource.query(sql) });
  if (unknown.length > 0) {
    throw new ConfigurationError(
      'The database belongs to a newer version of Lumiere. Use the command line of that version.',
    );
  }
  if (pending.length > 0) {
    throw new ConfigurationError(
      'The schema of the database is older than this version of Lumiere. Bring it up to date with: npm run cli -- db migrate',
    );
  }
}
