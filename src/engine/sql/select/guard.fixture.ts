/** The tables that the specs of this folder's dialects read, and short ways to check a statement over them. */
import { EngineError } from '../../errors.js';
import type { GuardedStatement, GuardedTable, SqlGuard } from '../guard.js';

export const TABLES: GuardedTable[] = [
  { name: 'orders', columns: ['id', 'customer_id', 'status', 'total', 'placed_at'] },
  { name: 'customers', columns: ['id', 'name', 'email', 'country'] },
  { name: 'events', columns: ['id', 'props', 'tags'] },
  { name: 'sales.orders', columns: ['id', 'region'] },
];

export const check = (guard: SqlGuard, sql: string, tables = TABLES): Promise<GuardedStatement> =>
  guard.check(sql, { tables, defaultSchema: 'shop', maskKey: 'a key' });

/** The code of the refusal, or `passed`. */
export async function verdict(guard: SqlGuard, sql: string, tables = TABLES): Promise<string> {
  try {
    await check(guard, sql, tables);
    return 'passed';
  } catch (error) {
    if (error instanceof EngineError) return error.code;
    throw error;
  }
}

/** The table orders with row rules and masks of every kind. */
export const RULED: GuardedTable[] = [
  {
    name: 'orders',
    columns: ['id', 'customer_id', 'status', 'total'],
    rowRules: [`region = 'EU' OR status = 'open'`, 'total < 1000'],
    masks: { total: 'hide', customer_id: 'hash', status: 'partial' },
  },
  { name: 'customers', columns: ['id', 'name'] },
];
