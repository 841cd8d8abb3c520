import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, type Answer, newAccount, type Problem } from './support/client.js';
import { ENDLESS_SQL, newSource, numbers } from './support/data.js';
import type { Page, Query } from './support/shapes.js';

describe('refused SQL', () => {
  let ada: Account;
  let source: number;

  beforeAll(async () => {
    ada = await newAccount();
    ({ id: source } = await newSource(ada.client, { 'numbers.csv': numbers(1000) }));
  });

  const run = <T = Problem>(sql: string, more: object = {}): Promise<Answer<T>> =>
    ada.client.post<T>('/queries', { data_source_id: source, sql, ...more });

  it.each([
    ['INSERT', 'INSERT INTO numbers VALUES (1)'],
    ['UPDATE', 'UPDATE numbers SET n = 1'],
    ['DELETE', 'DELETE FROM numbers'],
    ['DROP', 'DROP TABLE numbers'],
    ['CREATE', 'CREATE TABLE copy AS SELECT * FROM numbers'],
    ['COPY', "COPY numbers TO '/tmp/stolen.csv'"],
    ['COPY', "COPY (SELECT * FROM numbers) TO '/tmp/stolen.csv'"],
    ['EXPORT', "EXPORT DATABASE '/tmp/stolen'"],
    ['ATTACH', "ATTACH '/tmp/other.db'"],
    ['PRAGMA', 'PRAGMA database_list'],
    ['SET', "SET memory_limit = '1TB'"],
    ['CALL', 'CALL pragma_version()'],
    ['INSTALL', 'INSTALL httpfs'],
    ['LOAD', 'LOAD httpfs'],
  ])('refuses %s, which does more than read: %s', async (kind, sql) => {
    const { status, body } = await run(sql);
    expect([status, body.code]).toEqual([422, 'sql_not_read_only']);
    expect(body.detail).toBe(`${kind} statements are not allowed. Only SELECT can be run.`);
  });

  it.each(['SELECT 1; SELECT 2', 'SELECT n FROM numbers; DROP TABLE numbers'])(
    'refuses two statements: %s',
    async (sql) => {
      const { status, body } = await run(sql);
      expect([status, body.code]).toEqual([422, 'sql_multiple_statements']);
      expect(body.detail).toBe('Only one statement can be run at a time. Send them one by one.');
    },
  );

  it.each([
    ['read_csv', "SELECT * FROM read_csv('/etc/passwd')"],
    ['read_text', "SELECT * FROM read_text('/etc/passwd')"],
    ['glob', "SELECT * FROM glob('/*')"],
    ['getenv', "SELECT getenv('HOME')"],
    ['duckdb_settings', 'SELECT * FROM duckdb_settings()'],
    ['current_setting', "SELECT current_setting('home_directory')"],
  ])('refuses the function %s by name', async (name, sql) => {
    const { status, body } = await run(sql);
    expect([status, body.code]).toEqual([422, 'sql_function_not_allowed']);
    expect(body.detail).toMatch(new RegExp(`^The function ${name} is not allowed\\. Use functions for`));
  });

  it.each([
    ['/etc/passwd', "SELECT * FROM '/etc/passwd'"],
    ['information_schema.tables', 'SELECT * FROM information_schema.tables'],
    ['pg_catalog.pg_tables', 'SELECT * FROM pg_catalog.pg_tables'],
    ['nothing', 'SELECT * FROM nothing'],
  ])('refuses the table %s, which is not of this source', async (name, sql) => {
    const { status, body } = await run(sql);
    expect([status, body.code]).toEqual([422, 'sql_table_not_allowed']);
    expect(body.detail).toBe(`The table ${name} is not part of this data source. Use one of its tables.`);
  });

  it('says where a statement is not SQL, and that there is none', async () => {
    const wrong = await run('SELEC n FROM numbers');
    expect([wrong.status, wrong.body.code]).toEqual([422, 'sql_invalid']);
    expect(wrong.body.detail).toContain('near "SELEC"');
    const nothing = await run('-- nothing here');
    expect([nothing.status, nothing.body.detail]).toEqual([422, 'There is no statement. Write a SELECT.']);
  });

  it('names a column that does not exist', async () => {
    const { body } = await run<Query>('SELECT nope FROM numbers');
    expect([body.status, body.error?.code]).toEqual(['failed', 'query_failed']);
    expect(body.error?.detail).toContain('nope');
  });

  it('refuses what is nested too deeply', async () => {
    const { status, body } = await run(`SELECT ${'('.repeat(5000)}1${')'.repeat(5000)}`);
    expect([status, body.code]).toEqual([422, 'sql_too_large']);
    expect(body.detail).toBe('The statement is nested too deeply. Use CTEs instead.');
  });

  it('refuses a megabyte of SQL', async () => {
    const { status, body } = await run(`SELECT ${'1'.repeat(1_000_000)}`);
    expect([status, body.code]).toEqual([422, 'validation_failed']);
    expect(body.errors).toEqual([{ field: 'sql', message: 'must be shorter than or equal to 100000 characters' }]);
  });

  it('ends a cross join of 10¹² rows at the row limit, and says so', async () => {
    const sql = 'SELECT a.n FROM numbers a, numbers b, numbers c, numbers d';
    const { body } = await run<Query>(sql, { max_rows: 5000 });
    expect(body).toMatchObject({ status: 'succeeded', truncated: true, row_count: 5000 });
    expect(body.receipt?.checks).toContainEqual({
      name: 'complete',
      ok: false,
      detail: 'The query has more rows; only the first 5000 were kept.',
    });
  });

  it('ends an aggregate over 10¹² rows at the time limit, and says what to do', async () => {
    const started = performance.now();
    const { body } = await run<Query>(ENDLESS_SQL, { timeout_ms: 300 });
    expect(performance.now() - started).toBeLessThan(5000);
    expect([body.status, body.error?.code]).toEqual(['failed', 'query_timeout']);
    expect(body.error?.detail).toMatch(
      /longer than .* and was stopped\. Filter or aggregate more, or allow it more time \(timeout_ms\)\./,
    );
  });

  it('leaves the data as it was, and the refused statements in the list of queries', async () => {
    expect((await run<Query>('SELECT count(*), sum(n) FROM numbers')).body.rows).toEqual([[1000, 499_500]]);
    const { body } = await ada.client.get<Page<Query>>('/queries?limit=200');
    const refused = body.items.filter((query) => query.error?.code.startsWith('sql_'));
    expect(refused.length).toBeGreaterThan(20);
    expect(refused.every((query) => query.status === 'failed')).toBe(true);
  });
});
