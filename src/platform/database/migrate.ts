import type { DataSource } from 'typeorm';

/** Held by whoever changes the schema; any number that no other use of advisory locks takes. */
export const MIGRATION_LOCK = 4_926_401;

/** Brings the schema up to date; replicas that start together wait for the one that got here first. */
export async function runMigrations(dataSource: DataSource): Promise<void> {
  const holder = dataSource.createQueryRunner();
  try {
    await holder.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    try {
      await dataSource.runMigrations({ transaction: 'each' });
    } finally {
      // It fails only where the connection is lost, and the lock with it; what went wrong before is what to tell.
      await holder.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    }
  } finally {
    await holder.release();
  }
}
