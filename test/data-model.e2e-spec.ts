import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type SchemaDump, TestDatabase } from './support/database.js';
import { EVERYTHING_ELSE, PEOPLE_AND_QUERIES } from './support/rows.js';

/** A state of the schema that installations out there may be in, with rows as they were written then. */
interface Release {
  name: string;
  /** How many migrations it had. */
  migrations: number;
  rows: string;
  /** Tables that must come through with every row as it was, in the columns that they had. */
  tables: string[];
}

const EARLIER: Release[] = [
  {
    name: 'the tables alone, before roles and unique names',
    migrations: 1,
    rows: PEOPLE_AND_QUERIES,
    tables: ['users', 'refresh_tokens', 'data_sources', 'source_tables', 'source_columns', 'queries', 'query_results'],
  },
  {
    name: 'before the audit trail was a chain',
    migrations: 2,
    rows: PEOPLE_AND_QUERIES + EVERYTHING_ELSE,
    tables: ['users', 'api_keys', 'data_sources', 'access_rules', 'queries', 'dashboards', 'charts', 'system_logs'],
  },
];

const NOTHING: SchemaDump = { columns: [], constraints: [], indexes: [], sequences: [], triggers: [], functions: [] };
/** `foreign_key_violation`, or from version 18 on `restrict_violation`. */
const REFUSED = expect.stringMatching(/^23(503|001)$/);

describe('the data model', () => {
  let database: TestDatabase;
  let migrated: SchemaDump;

  beforeAll(async () => {
    database = await TestDatabase.open();
    await database.step('migrate');
    migrated = await database.dump();
  });

  afterAll(() => database.close());

  const count = async (from: string): Promise<number> => {
    const [row] = await database.rows<{ n: number }>(`SELECT count(*)::integer AS n FROM ${from}`);
    return row?.n ?? -1;
  };

  it('has all the tables that the product is made of', async () => {
    const tables = new Set(migrated.columns.map((line) => line.split(' ')[0]));
    expect(tables.size).toBeGreaterThanOrEqual(56);
  });

  it('leaves nothing to change between migrations and entities', async () => {
    expect(await database.step('drift')).toEqual([]);
  });

  it('has an index for every foreign key', async () => {
    const missing = await database.rows(`
      SELECT k.conrelid::regclass::text AS table, k.conname AS key FROM pg_constraint k
      WHERE k.contype = 'f' AND NOT EXISTS (
        SELECT FROM pg_index i
        WHERE i.indrelid = k.conrelid AND i.indpred IS NULL AND (i.indkey::int2[])[0:cardinality(k.conkey) - 1] = k.conkey)`);
    expect(missing).toEqual([]);
  });

  it('reverts every migration, one by one, to an empty database, and runs forward again', async () => {
    const names = await database.step('list');
    for (let left = names.length - 1; left >= 0; left--) {
      await database.step('revert');
      expect(await count('migrations')).toBe(left);
    }
    expect(await database.dump()).toEqual(NOTHING);
    expect(await database.step('migrate')).toEqual(names);
    expect(await database.dump()).toEqual(migrated);
  });

  it('is the same to the letter when it is made from the entities alone', async () => {
    await database.empty();
    await database.step('build');
    const built = await database.dump();
    const handmade = await database.step('handmade');
    const byEntities = migrated.indexes.filter((line) => !handmade.some((name) => line.includes(` ${name} `)));
    expect(migrated.indexes.length - byEntities.length).toBe(handmade.length);
    expect(built).toEqual({ ...migrated, indexes: byEntities, triggers: [], functions: [] });
    await database.empty();
    await database.step('migrate');
  });

  it.each(EARLIER)('takes the rows of an earlier release along: $name', async ({ migrations, rows, tables }) => {
    const names = await database.step('list');
    await database.empty();
    await database.step('migrate', migrations);
    await database.rows(rows);
    const before = await Promise.all(tables.map((table) => database.rows(`SELECT * FROM ${table} ORDER BY 1`)));
    expect(await database.step('migrate')).toEqual(names.slice(migrations));
    expect(await database.dump()).toEqual(migrated);
    for (const [index, table] of tables.entries()) {
      expect([table, await database.rows(`SELECT * FROM ${table} ORDER BY 1`)]).toMatchObject([table, before[index]]);
    }
    expect(await count('users')).toBe(2);
    await database.empty();
    await database.step('migrate');
  });

  describe('when something is deleted', () => {
    beforeEach(async () => {
      await database.rows('BEGIN');
      await database.rows(PEOPLE_AND_QUERIES + EVERYTHING_ELSE);
    });

    afterEach(() => database.rows('ROLLBACK'));

    it('ends what was a person’s own, and keeps what others work with', async () => {
      await database.rows(`DELETE FROM users WHERE username = 'bob'`);
      for (const own of ['refresh_tokens', 'api_keys', 'query_results', 'conversations', 'conversation_messages']) {
        expect([own, await count(own)]).toEqual([own, 0]);
      }
      expect(await count('queries')).toBe(1);
      expect(await count('dashboard_shares')).toBe(0);
      expect(await count('workspace_members')).toBe(0);
      expect(await count('verified_queries WHERE created_by IS NULL AND query_id IS NULL')).toBe(1);
      expect(await count('business_glossary WHERE created_by IS NULL')).toBe(2);
      expect(await count('access_rules WHERE created_by IS NULL')).toBe(1);
      expect(await count('charts WHERE query_id IS NULL')).toBe(1);
      expect(await count('insights WHERE conversation_id IS NULL')).toBe(1);
      expect(await count('agent_runs WHERE query_id IS NULL')).toBe(1);
      expect(await count('system_logs WHERE user_id IS NULL')).toBe(1);
    });

    it('leaves the audit trail as it was', async () => {
      await database.rows(`DELETE FROM users WHERE username = 'bob'`);
      expect(await count('audit_trails WHERE user_id = 2')).toBe(1);
    });

    it('refuses to delete a person whose things others rely on', async () => {
      await expect(database.rows(`DELETE FROM users WHERE username = 'ada'`)).rejects.toMatchObject({ code: REFUSED });
    });

    it('ends all that was known and asked of a data source', async () => {
      await database.rows('DELETE FROM data_sources');
      for (const part of ['source_tables', 'source_columns', 'queries', 'access_rules', 'access_rule_roles']) {
        expect([part, await count(part)]).toEqual([part, 0]);
      }
      expect(await count('verified_queries')).toBe(0);
      expect(await count('business_glossary')).toBe(1);
      expect(await count('conversations WHERE data_source_id IS NULL')).toBe(1);
      expect(await count('charts WHERE query_id IS NULL')).toBe(1);
    });

    it('ends the parts of a dashboard and keeps what was exported from it', async () => {
      await database.rows('DELETE FROM dashboards');
      for (const part of ['charts', 'dashboard_shares', 'dashboard_versions', 'public_links']) {
        expect([part, await count(part)]).toEqual([part, 0]);
      }
      expect(await count('exports WHERE chart_id IS NULL')).toBe(1);
      expect(await count('queries')).toBe(2);
    });

    it('keeps a role that an access rule is for', async () => {
      await expect(database.rows(`DELETE FROM roles WHERE name = 'viewer'`)).rejects.toMatchObject({ code: REFUSED });
    });
  });

  describe('what it refuses', () => {
    beforeEach(async () => {
      await database.rows('BEGIN');
      await database.rows(PEOPLE_AND_QUERIES + EVERYTHING_ELSE);
    });

    afterEach(() => database.rows('ROLLBACK'));

    it.each([
      ['a value outside a closed set', `UPDATE data_sources SET type = 'oracle'`, '23514'],
      ['a database without an address', `UPDATE data_sources SET type = 'postgres'`, '23514'],
      ['a share with nobody', `UPDATE dashboard_shares SET shared_to_user_id = NULL`, '23514'],
      ['a mask without a column', `UPDATE access_rules SET kind = 'mask'`, '23514'],
      ['a second meaning of a term', `UPDATE business_glossary SET term = 'MARGIN', data_source_id = NULL`, '23505'],
      ['a change of the audit trail', `UPDATE audit_trails SET action = 'nothing'`, '23001'],
      ['a gap in the audit trail', 'DELETE FROM audit_trails', '23001'],
      ['an end of the audit trail', 'TRUNCATE audit_trails', '23001'],
      ['an audit chain without an end', 'DELETE FROM audit_chain', '23001'],
      ['an audit chain that is emptied', 'TRUNCATE audit_chain', '23001'],
      ['an end of the audit chain that is moved', 'UPDATE audit_chain SET length = length + 1', '23001'],
      ['a second end of the audit chain', `INSERT INTO audit_chain (id, length, hash) VALUES (2, 0, 'x')`, '23514'],
    ])('%s', async (_name, sql, code) => {
      await expect(database.rows(sql)).rejects.toMatchObject({ code });
    });
  });
});
