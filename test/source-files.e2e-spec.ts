import { randomUUID } from 'node:crypto';
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount, type Problem, type UploadedSource } from './support/client.js';
import { CUSTOMERS, ENDLESS_SQL, newSource, numbers, ORDERS, SHOP } from './support/data.js';
import { eventually } from './support/patience.js';
import type { Page, Query, Rows, Schema } from './support/shapes.js';

interface Report {
  file_name: string;
  table: string;
  row_count: number;
  format: string;
  compression: string | null;
  encoding: string | null;
  delimiter: string | null;
  header: boolean | null;
  rejected_count: number;
  rejected_lines: { line: number; reason: string }[];
  notes: string[];
}
interface Preview {
  tables: (Report & {
    columns: { name: string; type: string }[];
    rows: unknown[][];
    accepted: boolean;
    replaces: boolean;
  })[];
}
type Uploaded = UploadedSource & { version: number; imported: Report[] };

describe('files of a source', () => {
  let ada: Account;

  beforeAll(async () => {
    ada = await newAccount();
  });

  const shop = (): Promise<UploadedSource> => newSource(ada.client, SHOP, { name: `Shop ${randomUUID()}` });
  const schemaOf = async (id: number): Promise<Schema> =>
    (await ada.client.get<Schema>(`/data-sources/${id}/schema`)).body;
  const count = async (id: number, table: string): Promise<unknown> => {
    const { body } = await ada.client.post<Query>('/queries', {
      data_source_id: id,
      sql: `SELECT count(*) FROM ${table}`,
    });
    return body.rows[0]?.[0] ?? body.error;
  };
  const versionsOf = (id: number): Promise<string[]> => readdir(join(dataDirectory(), 'sources', String(id)));

  it('tell their schema page by page, every relationship once', async () => {
    const { id } = await shop();
    const whole = await schemaOf(id);
    expect(whole.tables.length).toBeGreaterThan(1);
    const pages: (Schema & { next_cursor: string | null })[] = [];
    let cursor: string | null = '';
    while (cursor !== null && pages.length < 9) {
      const next: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body } = await ada.client.get<Schema & { next_cursor: string | null }>(
        `/data-sources/${id}/schema?limit=1${next}`,
      );
      pages.push(body);
      cursor = body.next_cursor;
    }
    expect(pages.map(({ tables }) => tables.length)).toEqual(whole.tables.map(() => 1));
    expect(pages.flatMap(({ tables }) => tables)).toEqual(whole.tables);
    expect(pages.flatMap(({ relationships }) => relationships)).toHaveLength(whole.relationships.length);
    const wrong = await ada.client.get<Problem>(`/data-sources/${id}/schema?cursor=nonsense`);
    expect([wrong.status, wrong.body.code]).toEqual([422, 'validation_failed']);
  });

  it('may be CSV, JSON and NDJSON together, compressed or not', async () => {
    const { status, body } = await ada.client.upload<Uploaded>({
      'customers.csv.gz': new Uint8Array(gzipSync(CUSTOMERS)),
      'orders.json': JSON.stringify([{ order_id: 1, customer: { id: 1 } }, { order_id: 2 }]),
      'events.ndjson': '{"at": "2025-01-01T10:00:00Z"}\n',
    });
    expect([status, body.tables_count, body.row_count]).toEqual([201, 3, 7]);
    expect(body.imported.map(({ table, format, compression }) => [table, format, compression])).toEqual([
      ['customers', 'delimited', 'gzip'],
      ['orders', 'json', null],
      ['events', 'json', null],
    ]);
    const { tables } = await schemaOf(body.id);
    expect(tables[1]?.columns.map(({ name, type }) => [name, type])).toEqual([
      ['order_id', 'integer'],
      ['customer_id', 'integer'],
    ]);
  });

  it('are added and replaced in one step, and keep what people have said', async () => {
    const { id } = await shop();
    const relationship = { from: { table: 'orders', column: 'status' }, to: { table: 'customers', column: 'name' } };
    await ada.client.patch(`/data-sources/${id}/schema`, {
      tables: [
        {
          name: 'customers',
          description: 'People',
          synonyms: ['clients'],
          columns: [
            { name: 'name', description: 'In full', synonyms: ['called'], sensitivity: 'secret' },
            { name: 'country', hidden: true },
          ],
        },
      ],
      relationships: [relationship],
    });
    const changed = await ada.client.addFiles<Uploaded>(id, {
      'customers.csv':
        'customer_id,name,city\n1,Ada,London\n2,Grace,New York\n3,Alan,London\n4,Emmy,Göttingen\n5,Mary,Bath\n',
      'cities.csv': 'city,people\nLondon,9\nBath,1\n',
    });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ id, version: 2, tables_count: 3, row_count: 14 });
    const { tables, relationships } = await schemaOf(id);
    expect(tables.map(({ name, row_count: rows }) => [name, rows])).toEqual([
      ['customers', 5],
      ['orders', 7],
      ['cities', 2],
    ]);
    expect(tables[0]).toMatchObject({ description: 'People', synonyms: ['clients'] });
    expect(tables[0]?.columns.map(({ name, description, sensitivity }) => [name, description, sensitivity])).toEqual([
      ['customer_id', null, 'none'],
      ['name', 'In full', 'secret'],
      ['city', null, expect.any(String)],
    ]);
    expect(relationships).toContainEqual({ ...relationship, origin: 'user', confidence: 1 });
    expect(relationships.map(({ from, to }) => `${from.table}.${from.column} → ${to.table}.${to.column}`)).toContain(
      'orders.customer_id → customers.customer_id',
    );
    expect([await count(id, 'customers'), await count(id, 'orders'), await count(id, 'cities')]).toEqual([5, 7, 2]);
  });

  it('lose what was related with a column that is gone', async () => {
    const { id } = await shop();
    await ada.client.patch(`/data-sources/${id}/schema`, {
      relationships: [{ from: { table: 'orders', column: 'status' }, to: { table: 'customers', column: 'country' } }],
    });
    await ada.client.addFiles(id, { 'customers.csv': 'customer_id,name\n1,Ada\n2,B\n3,C\n4,D\n' });
    const { relationships } = await schemaOf(id);
    expect(relationships.map(({ origin }) => origin)).toEqual(['inferred']);
  });

  it('are removed table by table, but for the last', async () => {
    const { id } = await shop();
    expect((await ada.client.delete(`/data-sources/${id}/tables/nothing`)).status).toBe(404);
    expect((await ada.client.delete(`/data-sources/${id}/tables/customers`)).status).toBe(204);
    const { tables, relationships } = await schemaOf(id);
    expect([tables.map(({ name }) => name), relationships]).toEqual([['orders'], []]);
    expect((await ada.client.get(`/data-sources/${id}`)).body).toMatchObject({
      version: 2,
      row_count: 7,
      tables_count: 1,
    });
    const last = await ada.client.delete<Problem>(`/data-sources/${id}/tables/orders`);
    expect([last.status, last.body.code]).toEqual([409, 'conflict']);
  });

  it('stay for a query that has begun to read them', async () => {
    const { id } = await newSource(ada.client, { 'numbers.csv': numbers(1000) });
    const started = await ada.client.post<Query>('/queries?wait=0', { data_source_id: id, sql: ENDLESS_SQL });
    await eventually(
      async () => (await ada.client.get<Query>(`/queries/${started.body.id}`)).body.status,
      (status) => status === 'running',
    );
    await ada.client.addFiles(id, { 'numbers.csv': numbers(5) });
    expect(await count(id, 'numbers')).toBe(5);
    await access(join(dataDirectory(), 'sources', String(id), 'v1', 'numbers.parquet'));
    expect((await ada.client.get<Query>(`/queries/${started.body.id}`)).body.status).toBe('running');
    await ada.client.post(`/queries/${started.body.id}/cancel`);
  });

  it('are replaced under results that stay, and say that they are of before', async () => {
    const { id } = await shop();
    const sql = 'SELECT country FROM customers ORDER BY customer_id LIMIT 1';
    const { body } = await ada.client.post<Query>('/queries', { data_source_id: id, sql });
    const seen = async (): Promise<unknown[]> => {
      const { body: query } = await ada.client.get<Query>(`/queries/${body.id}`);
      return [query.stale, query.rows];
    };
    const rows = [['United Kingdom']];
    expect(await seen()).toEqual([null, rows]);
    await ada.client.addFiles(id, { 'customers.csv': CUSTOMERS.replace('United Kingdom', 'UK') });
    expect(await seen()).toEqual(['data_changed', rows]);
    await ada.client.addFiles(id, { 'customers.csv': 'customer_id,name\n1,Ada\n' });
    expect(await seen()).toEqual(['schema_changed', rows]);
  });

  it('change all together or not at all, and leave nothing behind', async () => {
    const { id } = await shop();
    const before = await schemaOf(id);
    const { status, body } = await ada.client.addFiles<Problem>(id, {
      'customers.csv': 'a,b\n1,2\n',
      'broken.csv': 'a,b\n1,2\n3\n',
    });
    expect([status, body.code]).toEqual([422, 'file_malformed']);
    expect([await schemaOf(id), await versionsOf(id)]).toEqual([before, ['v1']]);
  });

  it('are changed by one request at a time: the other is told to look again', async () => {
    const { id } = await shop();
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((name) => ada.client.addFiles<Problem>(id, { [`${name}.csv`]: CUSTOMERS })),
    );
    const made = answers.filter(({ status }) => status === 200).length;
    expect(made).toBeGreaterThan(0);
    for (const { status, body } of answers) if (status !== 200) expect([status, body.code]).toEqual([409, 'conflict']);
    const { tables } = await schemaOf(id);
    expect(tables).toHaveLength(2 + made);
    expect((await versionsOf(id)).length).toBe(1 + made);
  });

  it('are nobody else’s', async () => {
    const { id } = await shop();
    const { client } = await newAccount();
    const answers = [
      await client.addFiles<Problem>(id, { 'customers.csv': CUSTOMERS }),
      await client.addFiles<Problem>(id, { 'customers.csv': CUSTOMERS }, {}, '?dry_run=true'),
      await client.delete<Problem>(`/data-sources/${id}/tables/orders`),
    ];
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(answers.map(() => [404, 'not_found']));
  });

  it('can be looked at before they are kept', async () => {
    const { client } = await newAccount();
    const files = {
      'sales.csv': 'Sales\n\nday;amount\n2024-05-01;1,5\n2024-05-02\n2024-05-03;2,5\n',
      'orders.csv': ORDERS,
    };
    const { status, body } = await client.upload<Preview>(files, {}, '?dry_run=true');
    expect(status).toBe(200);
    expect(body.tables[0]).toMatchObject({
      file_name: 'sales.csv',
      table: 'sales',
      format: 'delimited',
      encoding: 'utf-8',
      delimiter: ';',
      header: true,
      skipped_lines: 2,
      columns: [
        { name: 'day', type: 'date' },
        { name: 'amount', type: 'float' },
      ],
      rows: [
        ['2024-05-01', 1.5],
        ['2024-05-03', 2.5],
      ],
      row_count: 2,
      rejected_count: 1,
      rejected_lines: [{ line: 5, reason: 'has 1 column where 2 are expected' }],
      accepted: false,
      replaces: false,
    });
    expect(body.tables[1]).toMatchObject({ table: 'orders', row_count: 7, rejected_count: 0, accepted: true });
    expect((await client.get<Page<unknown>>('/data-sources')).body.items).toEqual([]);
    expect((await client.upload<Problem>(files)).body.code).toBe('file_malformed');
    const kept = await client.upload<Uploaded>(files, { options: '{"on_bad_lines": "skip"}' });
    expect([kept.status, kept.body.imported[0]?.rejected_count]).toEqual([201, 1]);
    const again = await client.addFiles<Preview>(kept.body.id, { 'orders.csv': ORDERS }, {}, '?dry_run=true');
    expect(again.body.tables[0]?.replaces).toBe(true);
    expect((await client.get(`/data-sources/${kept.body.id}`)).body).toMatchObject({ version: 1 });
  });

  it('shows decimals and days of a preview as they are shown later', async () => {
    const { id } = await newSource(ada.client, { 'big.json': '[{"n": 12345678901234567890}]' });
    const { body } = await ada.client.get<Rows>(`/data-sources/${id}/tables/big/preview`);
    expect(body.rows).toEqual([['12345678901234567890']]);
  });
});

function dataDirectory(): string {
  const path = process.env['LUMIERE_TEST_DATA_DIR'];
  if (path === undefined) throw new Error('There is no test server: run the tests through the e2e project.');
  return path;
}
