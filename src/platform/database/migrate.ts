import type { DataSource } from 'typeorm';

/** Any number that no other use of advisory locks takes. */
const MIGRATION_LOCK = 4_926_401;

/** Brings the schema up to date; replicas that start together wait for the one that got here first. */
export async function runMigrations(dataSource: DataSource): Promise<void> {
  const holder = dataSource.createQueryRunner();
  try {
    await holder.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await dataSource.runMigrations({ transaction: 'each' });
  } finally {
    await holder.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    await holder.release();
  }
}
