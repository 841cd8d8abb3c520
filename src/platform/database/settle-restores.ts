import type { DataSource } from 'typeorm';
import { openSwaps, settleSwap } from '../storage/folder-swap.js';
import { SERVER_LOCK } from './server-presence.js';

type Ask = (sql: string, values?: unknown[]) => Promise<unknown[]>;

/**
 * Ends restores of the data directory that were cut short: their files stay if their rows are there; otherwise those that
 * were there before come back. Nobody else may be at work in the database.
 */
export async function settleRestores(dataDir: string, ask: Ask): Promise<void> {
  for (const id of await openSwaps(dataDir)) await settleSwap(dataDir, id, await isCommitted(id, ask));
}

/** The same for a command, unless a server or a restore is at work, which see to it themselves. */
export async function settleRestoresAlone(dataDir: string, dataSource: DataSource): Promise<void> {
  if ((await openSwaps(dataDir)).length === 0) return;
  await dataSource.transaction(async (manager) => {
    const [row] = (await manager.query('SELECT pg_try_advisory_xact_lock($1) AS alone', [SERVER_LOCK])) as {
      alone: boolean;
    }[];
    if (row?.alone === true) await settleRestores(dataDir, (sql, values) => manager.query(sql, values));
  });
}

/** A restore writes its id to the audit trail, as a part of its transaction. */
async function isCommitted(id: string, ask: Ask): Promise<boolean> {
  const [table] = (await ask(`SELECT to_regclass('audit_trails')::text AS name`)) as { name: string | null }[];
  if (table?.name == null) return false;
  // An earlier schema has other columns; then the restore, which leaves the newest one, was not committed.
  const found = await ask(
    `SELECT 1 FROM audit_trails entry
     WHERE action = 'database.restored' AND to_jsonb(entry) #>> '{diff,details,restore_id}' = $1`,
    [id],
  );
  return found.length > 0;
}
