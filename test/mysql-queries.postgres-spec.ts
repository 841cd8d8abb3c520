import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { type Account, type Answer, newAccount, type Problem, type UploadedSource } from './support/client.js';
import { follow } from './support/events.js';
import { startMariaDb } from './support/mariadb.mjs';
import { eventually } from './support/patience.js';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';
import type { Page, Query, Rows, Schema } from './support/shapes.js';

const SECRET = 'do-not-tell';
const RULES = [
  { table: 'people', predicate: `region = 'north'`, roles: ['analyst'] },
  { table: 'people', column: 'email', mask: 'partial', roles: [] },
  { table: 'people', column: 'salary', mask: 'hide', roles: [] },
];

/** People of the north, whose emails and salaries are masked, and orders that everybody may see. */
const VISIBLE = `
  CREATE TABLE people (id int PRIMARY KEY, name varchar(40), region varchar(20), email varchar(60), salary int, code varchar(20));
  CREATE TABLE orders (id int PRIMARY KEY, person_id int, amount decimal(10,2));
  INSERT INTO people VALUES (1, 'Ada', 'north', 'ada@example.com', 100, '1'), (2, 'Bo', 'north', 'bo@example.com', 200, '2');
  INSERT INTO orders SELECT seq, 1 + seq % 4, seq * 10 FROM seq_1_to_40;`;
const HIDDEN = `
  INSERT INTO people VALUES (3, '${SECRET}', 'south', '${SECRET}@example.com', 300, '${SECRET}'),
    (4, '${SECRET} too', 'east', '${SECRET}@example.com', 710, '710');`;

/** A statement that does not end while anybody waits. */
const ENDLESS = 'SELECT count(*) FROM orders a, orders b, orders c, orders d, orders e, orders f, orders g';

describe('queries to MySQL or MariaDB', () => {
  let database: Awaited<ReturnType<typeof startMariaDb>>;
  let server: TestServer;
  let admin: Connection;
  let ada: Account;
  /** With the hidden rows, and without. */
  let whole: UploadedSource;
  let bare: UploadedSource;

  beforeAll(async () => {
    [database, server] = await Promise.all([startMariaDb(), startServer({ SOURCE_NETWORKS: 'loopback' })]);
    admin = await database.connect();
    await admin.query(`CREATE DATABASE bare; USE bare; ${VISIBLE} CREATE DATABASE whole; USE whole; ${VISIBLE} ${HIDDEN}
      CREATE USER reader IDENTIFIED BY 'reads only'; GRANT SELECT ON whole.* TO reader; GRANT SELECT ON bare.* TO reader`);
    await newAccount(server.url);
    ada = await newAccount(server.url);
    const connect = async (name: string): Promise<UploadedSource> => {
      const { status, body } = await ada.client.post<UploadedSource>('/data-sources', {
        name,
        type: 'mariadb',
        host: '127.0.0.1',
        port: database.port,
        database_name: name,
        username: 'reader',
        password: 'reads only',
      });
      expect([status, body]).toEqual([201, expect.objectContaining({ name })]);
      return body;
    };
    whole = await connect('whole');
    bare = await connect('bare');
  }, 120_000);

  afterAll(async () => {
    await admin.end();
    await server.stop();
    await removeDataDir(server);
    await database.stop();
  });

  const run = (sql: string, more: object = {}, source = whole, wait = 10): Promise<Answer<Query & Problem>> =>
    ada.client.post<Query & Problem>(`/queries?wait=${wait}`, { data_source_id: source.id, sql, ...more });
  const setRules = async (rules: object[]): Promise<void> => {
    for (const { id } of [whole, bare]) {
      const { status, body } = await ada.client.put(`/data-sources/${id}/rules`, { rules });
      expect([status, body]).toEqual([200, expect.anything()]);
    }
  };
  /** Statements of Lumiere that the server is working on. */
  const active = async (): Promise<number> => {
    const [rows] = await admin.query<RowDataPacket[]>(
      `SELECT id FROM information_schema.processlist WHERE user = 'reader' AND info LIKE '%SELECT%'`,
    );
    return rows.length;
  };

  it('store what they answered, as those to every source', async () => {
    const { body } = await run('SELECT id, amount, NULL AS nothing FROM orders ORDER BY id', { max_rows: 30 });
    expect(body).toMatchObject({ row_count: 30, truncated: true });
    const page = await ada.client.get<Rows>(`/queries/${body.id}/result?limit=2`);
    expect(page.body.rows).toEqual([
      [1, '10.00', null],
      [2, '20.00', null],
    ]);
    const csv = await ada.client.get<string>(`/queries/${body.id}/result?format=csv`);
    expect(csv.body.split('\n')[1]).toBe('1,10.00,');
    const preview = await ada.client.get<Rows>(`/data-sources/${whole.id}/tables/orders/preview?limit=2`);
    expect(preview.body.rows.map(([id]) => id)).toEqual([1, 2]);
  });

  it('are run anew only when the caller insists, or the data may have changed', async () => {
    const sql = 'SELECT sum(amount) FROM orders';
    await run(sql);
    const again = await run(sql);
    const headers = { 'cache-control': 'no-cache' };
    const anew = await ada.client.post<Query>('/queries', { data_source_id: whole.id, sql }, headers);
    expect([again, anew].map(({ body }) => body.receipt?.cache_hit)).toEqual([false, false]);
    expect(anew.body.rows).toEqual([['8200.00']]);
  });

  it('do no more than read', async () => {
    for (const sql of [
      'DELETE FROM orders',
      'SELECT SLEEP(10)',
      'SELECT * FROM mysql.user',
      'SELECT * FROM bare.people',
      'SELECT 1; SELECT 2',
      `SELECT LOAD_FILE('/etc/passwd')`,
      `SELECT 1 INTO OUTFILE '/tmp/x'`,
      'SELECT /*!50000 SLEEP(10) */ 1',
      'SELECT @@version',
      'SELECT id FROM orders FOR UPDATE',
    ]) {
      const { status, body } = await run(sql);
      expect([sql, status, body.code]).toEqual([sql, 422, expect.stringMatching(/^sql_/)]);
    }
    const [rows] = await admin.query<RowDataPacket[]>('SELECT count(*) AS n FROM orders');
    expect(rows).toEqual([{ n: 40 }]);
  });

  it('are only explained for a dry run, or when they are over their budget', async () => {
    const reads = async (): Promise<number> => {
      const [rows] = await admin.query<RowDataPacket[]>(`SHOW GLOBAL STATUS LIKE 'Handler_read_rnd_next'`);
      return Number(rows[0]?.['Value']);
    };
    const sql = 'SELECT a.id + b.id + c.id FROM orders a, orders b, orders c';
    await reads();
    const before = await reads();
    const looking = (await reads()) - before;
    const dry = await run(sql, { dry_run: true });
    expect(dry.body.receipt?.estimate).toMatchObject({ rows: 64_000 });
    const { status, body } = await run(sql, { max_estimated_rows: 63_999 });
    expect([status, body.code]).toEqual([422, 'query_over_budget']);
    expect(body).toMatchObject({ estimate: { rows: 64_000 } });
    // What connecting reads, and nowhere near the rows of the tables joined.
    expect((await reads()) - before - looking).toBeLessThan(2_000);
    expect((await run(sql, { max_estimated_rows: 64_000 })).body).toMatchObject({ status: 'succeeded' });
  });

  it('tell how far they are, and what became of them', async () => {
    const { body } = await run(
      `SELECT a.id, b.id AS other, repeat('x', 100) FROM orders a, orders b, orders c, (SELECT * FROM orders LIMIT 10) d`,
      {},
      whole,
      0,
    );
    const stream = await follow(ada.client, `/queries/${body.id}/events`);
    await stream.ended;
    expect(stream.events.at(-1)).toMatchObject({ event: 'finished', data: { status: 'succeeded' } });
    const rows = stream.events.filter(({ event }) => event === 'progress').map(({ data }) => Number(data['rows']));
    expect(rows.at(-1)).toBeGreaterThan(1000);
    const { body: history } = await ada.client.get<Page<{ action: string }>>(`/queries/${body.id}/history`);
    expect(history.items.map(({ action }) => action)).toEqual(['created', 'executed']);
    const { body: metrics } = await ada.client.get<Page<{ result_rows: number }>>(`/queries/${body.id}/metrics`);
    expect(metrics.items[0]?.result_rows).toBeGreaterThan(1000);
  });

  it('are cancelled at the database, twice if somebody likes, and end there when time is up', async () => {
    const { body } = await run(ENDLESS, {}, whole, 0);
    await eventually(active, (count) => count === 1);
    for (let times = 0; times < 2; times += 1) {
      expect((await ada.client.post(`/queries/${body.id}/cancel`)).status).toBeLessThan(300);
    }
    await eventually(active, (count) => count === 0);
    expect((await ada.client.get<Query>(`/queries/${body.id}`)).body.status).toBe('cancelled');
    expect((await run(ENDLESS, { timeout_ms: 500 })).body.error).toMatchObject({ code: 'query_timeout' });
    await eventually(active, (count) => count === 0);
  });

  it('that a row makes fail tell nothing of it', async () => {
    const { body } = await run('SELECT id FROM people WHERE exp(code) > 0');
    expect(body.error).toMatchObject({ code: 'query_failed' });
    expect(JSON.stringify(body.error)).not.toMatch(/710|not-tell/);
  });

  describe('under access rules', () => {
    beforeAll(() => setRules(RULES));
    afterAll(() => setRules([]));

    it('see the rows and values that the role may see, however they ask', async () => {
      const visible = [
        [1, 'Ada', 'north', 'a***@example.com', null, '1'],
        [2, 'Bo', 'north', 'b***@example.com', null, '2'],
      ];
      expect((await run('SELECT * FROM people ORDER BY id')).body.rows).toEqual(visible);
      const asked = await ada.client.post<Query>('/queries', {
        data_source_id: whole.id,
        question: 'How many people?',
      });
      expect(asked.body.rows).toEqual([[2]]);
      const preview = await ada.client.get<Rows>(`/data-sources/${whole.id}/tables/people/preview`);
      expect(preview.body).toMatchObject({ rows: visible, row_count: null });
      const schema = await ada.client.get<Schema>(`/data-sources/${whole.id}/schema`);
      expect(JSON.stringify(schema.body)).not.toContain(SECRET);
      const { body } = await run('SELECT email FROM people');
      expect(JSON.stringify(body.receipt)).not.toMatch(/north|\*\*\*|CASE/);
      expect(body.receipt?.rules_applied).toContain('email of people is masked.');
    });

    it.each([
      'SELECT x.name, x.email FROM people AS x ORDER BY 1',
      'SELECT people.salary FROM orders AS people2 JOIN people ON people.id = people2.person_id',
      'WITH people AS (SELECT * FROM people) SELECT count(*), max(name) FROM people',
      'WITH x AS (SELECT * FROM people), people AS (SELECT 1 AS id) SELECT count(*) FROM x, people',
      'WITH RECURSIVE n AS (SELECT 1 AS id UNION ALL SELECT id + 1 FROM n WHERE id < 5) SELECT n.id, p.name FROM n JOIN people p USING (id) ORDER BY 1',
      'SELECT (SELECT max(name) FROM people)',
      'SELECT id FROM orders WHERE person_id IN (SELECT id FROM people) ORDER BY id',
      'SELECT count(*) FROM orders o WHERE NOT EXISTS (SELECT 1 FROM people p WHERE p.id = o.person_id)',
      'SELECT count(*) FROM people JOIN orders USING (id)',
      'SELECT count(*) FROM people NATURAL JOIN orders',
      'SELECT o.id, p.name FROM orders o LEFT JOIN people p ON p.id = o.person_id ORDER BY o.id',
      'SELECT p.name FROM people p RIGHT JOIN orders o ON p.id = o.person_id ORDER BY o.id',
      'SELECT name FROM people UNION ALL SELECT email FROM people ORDER BY 1',
      'SELECT id FROM orders WHERE id < 9 EXCEPT SELECT id FROM people ORDER BY id',
      'SELECT region, count(*), max(salary) FROM people GROUP BY region WITH ROLLUP',
      'SELECT name, rank() OVER (ORDER BY salary) FROM people ORDER BY id',
      'SELECT group_concat(name ORDER BY id) FROM people',
      'SELECT id FROM people ORDER BY salary DESC, id',
      `SELECT id FROM people WHERE salary > 250 OR email LIKE '%not%' ORDER BY id`,
      `SELECT id FROM people WHERE region = 'south' OR 1 = 1 ORDER BY id`,
      `SELECT id, region FROM people HAVING region <> 'north' OR TRUE ORDER BY id`,
      'SELECT `people`.`name` FROM `people` -- WHERE',
      // They fail on a hidden row only: for it, or its error, to tell, the row would have to be read first.
      'SELECT id FROM people WHERE exp(salary) > 0 ORDER BY id',
      'SELECT id, exp(CASE WHEN id = 4 THEN 710 ELSE 1 END) > 0 FROM people ORDER BY id',
      `SELECT id FROM people WHERE exp(CASE WHEN region = 'east' THEN 710 ELSE 1 END) > 0 ORDER BY id`,
      'SELECT o.id FROM orders o JOIN people p ON o.id = p.id AND exp(p.code) > 0 ORDER BY 1',
      'SELECT max(exp(code)) > 0 FROM people',
      'SELECT id FROM people GROUP BY id HAVING max(exp(code)) > 0 ORDER BY id',
      'SELECT sum(9223372036854775807 + (id > 2)) > 0 FROM people',
      'SELECT id FROM people ORDER BY 9223372036854775807 + (id > 3), id',
      `SELECT id FROM people WHERE region = 'east' AND (SELECT id FROM orders WHERE people.id = 4) = 1`,
    ])('give what they would if there were no hidden rows: %s', async (sql) => {
      const [{ body: guarded }, { body: reference }] = await Promise.all([run(sql), run(sql, {}, bare)]);
      expect([guarded.status, guarded.error, guarded.rows]).toEqual([
        reference.status,
        reference.error,
        reference.rows,
      ]);
      expect(guarded.status).toBe('succeeded');
      expect(JSON.stringify(guarded)).not.toContain(SECRET);
      expect(JSON.stringify(guarded.rows)).not.toContain('ada@');
    });

    it('show no plan, which would show the rules', async () => {
      const { status, body } = await run('EXPLAIN SELECT * FROM people');
      expect([status, body.code]).toEqual([422, 'sql_construct_not_allowed']);
      const dry = await run('SELECT * FROM people', { dry_run: true });
      expect(JSON.stringify(dry.body.receipt)).not.toMatch(/north/);
    });

    it('do not give out results of before', async () => {
      await setRules([]);
      const { body } = await run('SELECT name FROM people WHERE id = 3');
      expect(body.rows).toEqual([[SECRET]]);
      await setRules(RULES);
      const result = await ada.client.get<Problem>(`/queries/${body.id}/result`);
      expect([result.status, JSON.stringify(result.body)]).toEqual([409, expect.not.stringContaining(SECRET)]);
    });
  });
});
