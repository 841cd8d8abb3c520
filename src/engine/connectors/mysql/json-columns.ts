import { escapeId } from 'mysql2';
import type { MySqlSession } from './session.js';
import type { SourceColumn, SourceTable } from './source-table.js';

/** A join has 61 tables at most. */
const TABLES_AT_ONCE = 50;
const MAX_STATEMENT_MS = 1_000;

/**
 * Finds the columns that were made as JSON. MariaDB keeps them as LONGTEXT with a check, which an account that only reads
 * does not see; but it says so of the columns of a result. Many tables are joined without a condition and without rows.
 */
export async function nameJson(session: MySqlSession, tables: readonly SourceTable[]): Promise<void> {
  const stored = tables.filter((table) => table.stored && candidates(table).length > 0);
  for (let start = 0; start < stored.length; start += TABLES_AT_ONCE) {
    const some = stored.slice(start, start + TABLES_AT_ONCE);
    const names = some.flatMap((table, index) =>
      candidates(table).map(({ entry }) => `t${index}.${escapeId(entry.name, true)}`),
    );
    const from = some.map(({ entry }, index) => `${escapeId(entry.name, true)} AS t${index}`);
    const sql = `SELECT ${names.join(', ')} FROM ${from.join(', ')} LIMIT 0`;
    const formats = await session.attempt(MAX_STATEMENT_MS, () => session.formats(sql));
    some.flatMap(candidates).forEach(({ entry }, index) => {
      if (formats?.[index] === 'json') entry.type = 'json';
    });
  }
}

function candidates({ columns }: SourceTable): SourceColumn[] {
  return [...columns.values()].filter(({ dataType }) => dataType === 'longtext');
}
