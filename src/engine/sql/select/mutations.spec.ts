/** Fragments of attacks at every place of statements that are let through. */
import { describe, expect, it } from '@jest/globals';
import { createClickHouseGuard } from '../clickhouse/guard.js';
import { EngineError } from '../../errors.js';
import type { GuardedStatement, SqlGuard } from '../guard.js';
import { createMySqlGuard } from '../mysql/guard.js';
import { createTrinoGuard } from '../trino/guard.js';
import { TABLES } from './guard.fixture.js';

const READS = [
  `SELECT c.name, COUNT(*) AS n FROM customers AS c LEFT JOIN orders AS o ON o.customer_id = c.id WHERE c.country IN ('DE', 'it''s') AND o.total BETWEEN 1 AND 2 GROUP BY c.name HAVING COUNT(*) > 1 ORDER BY n DESC LIMIT 5`,
  `WITH t AS (SELECT id, SUM(total) OVER (PARTITION BY status ORDER BY id) AS s FROM orders) SELECT CASE WHEN s > 1 THEN 'a' ELSE 'b' END FROM t UNION ALL SELECT (SELECT MAX(status) FROM orders)`,
];

const FRAGMENTS = [
  ';',
  '; DROP TABLE orders',
  'INTO OUTFILE "/tmp/x"',
  'FROM secret',
  ', secret',
  'UNION SELECT * FROM secret',
  '(SELECT x FROM secret)',
  'sleep(5)',
  '@x',
  '/*! UNION SELECT 1 */',
  'FOR UPDATE',
  'SETTINGS readonly = 0',
  'FORMAT Null',
  'IN secret',
  `'`,
  '"',
  '`',
  '\\',
  '--',
  '/*',
];

const GUARDS: [string, () => Promise<SqlGuard>][] = [
  ['mysql', createMySqlGuard],
  ['clickhouse', createClickHouseGuard],
  ['trino', createTrinoGuard],
];

/** What may never be in a print, outside of strings and quoted names. */
const FORBIDDEN = /\b(sleep|outfile|settings|format|drop|for update)\b|[@;\\]|\/\*|--|#/i;
const QUOTED = /'(?:[^'\\]|''|\\.)*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`/g;

/** Null when it is refused. */
async function checked(guard: SqlGuard, sql: string): Promise<GuardedStatement | null> {
  try {
    return await guard.check(sql, { tables: TABLES, defaultSchema: 'shop' });
  } catch (error) {
    if (error instanceof EngineError) return null;
    throw error;
  }
}

describe.each(GUARDS)('the guard for %s', (_dialect, open) => {
  it('prints no part of an attack, wherever it stands in a read', async () => {
    const guard = await open();
    let passed = 0;
    for (const read of READS) {
      const places = [...read.matchAll(/\s|(?=[(),])/g)].map(({ index }) => index);
      for (const at of places) {
        for (const fragment of FRAGMENTS) {
          const sql = `${read.slice(0, at)} ${fragment} ${read.slice(at)}`;
          const statement = await checked(guard, sql);
          if (statement === null) continue;
          passed += 1;
          expect(statement.sql.replaceAll(QUOTED, 'x')).not.toMatch(FORBIDDEN);
          expect(statement.tables.every((table) => TABLES.some(({ name }) => name === table))).toBe(true);
        }
      }
    }
    // A comment to the end of the line, for one, may leave a shorter read.
    expect(passed).toBeGreaterThan(0);
  });
});
