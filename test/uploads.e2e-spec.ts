import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount, type Problem, type UploadedSource } from './support/client.js';
import { CUSTOMERS, newSource, numbers, ORDERS, SHOP } from './support/data.js';
import type { Page, Rows, Schema } from './support/shapes.js';

describe('uploads', () => {
  let ada: Account;
  let folder: string;

  beforeAll(async () => {
    ada = await newAccount();
    folder = await mkdtemp(join(tmpdir(), 'lumiere-files-'));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  const schemaOf = async (id: number): Promise<Schema> =>
    (await ada.client.get<Schema>(`/data-sources/${id}/schema`)).body;

  it('makes a source of a CSV file, with types and statistics of its columns', async () => {
    const { status, body } = await ada.client.upload({ 'orders.csv': ORDERS });
    expect(status).toBe(201);
    expect(body).toMatchObject({ name: 'orders', type: 'file', status: 'ready', tables_count: 1, row_count: 7 });
    const { tables } = await schemaOf(body.id);
    expect(tables[0]).toMatchObject({ name: 'orders', row_count: 7, primary_key: ['order_id'] });
    expect(tables[0]?.columns.map(({ name, type }) => [name, type])).toEqual([
      ['order_id', 'integer'],
      ['customer_id', 'integer'],
      ['ordered_at', 'date'],
      ['status', 'text'],
      ['amount', 'integer'],
    ]);
    expect(tables[0]?.columns[3]?.stats).toMatchObject({ distinct: 3, samples: expect.arrayContaining(['paid']) });
    expect(tables[0]?.columns[2]?.stats).toMatchObject({ min: '2024-12-30', max: '2025-03-09' });
  });

  it('reads tab-separated and semicolon-separated text without being told', async () => {
    const { id } = await newSource(ada.client, {
      'towns.tsv': 'town\tpeople\nOslo\t700000\nBergen\t290000\n',
      'rivers.csv': 'river;length_km\nGlomma;621,5\nTana;348,0\n',
    });
    const { tables } = await schemaOf(id);
    expect(tables.map((table) => [table.name, table.columns.map((column) => column.name)])).toEqual([
      ['towns', ['town', 'people']],
      ['rivers', ['river', 'length_km']],
    ]);
  });

  it('takes a Parquet file with the types that it has', async () => {
    const { id } = await newSource(ada.client, { 'prices.parquet': await parquetFile() });
    const { body } = await ada.client.get<Rows>(`/data-sources/${id}/tables/prices/preview`);
    expect(body.columns.map((column) => column.type)).toEqual(['integer', 'decimal', 'date']);
    expect(body.rows).toEqual([
      [1, '9.90', '2025-01-31'],
      [2, null, null],
    ]);
  });

  it('reads files the way the options say', async () => {
    const { id } = await newSource(
      ada.client,
      { 'codes.csv': "007|'a|b'\n008|c\n" },
      {
        name: 'Codes',
        options: JSON.stringify({
          delimiter: '|',
          quote: "'",
          header: false,
          types: { column0: 'text' },
          table: 'agents',
        }),
      },
    );
    const { body } = await ada.client.get<Rows>(`/data-sources/${id}/tables/agents/preview`);
    expect(body.rows).toEqual([
      ['007', 'a|b'],
      ['008', 'c'],
    ]);
  });

  it('finds out how the tables of several files relate', async () => {
    const { id, tables_count: tables, row_count: rows } = await newSource(ada.client, SHOP);
    expect([tables, rows]).toEqual([2, 11]);
    expect((await schemaOf(id)).relationships).toEqual([
      {
        from: { table: 'orders', column: 'customer_id' },
        to: { table: 'customers', column: 'customer_id' },
        origin: 'inferred',
        confidence: expect.any(Number),
      },
    ]);
  });

  it('keeps the given name and description, and refuses a name that is in use, whatever its case', async () => {
    const parts = { name: 'Bicycle shop', description: 'Since 2024' };
    expect((await ada.client.upload({ 'a.csv': CUSTOMERS }, parts)).body).toMatchObject(parts);
    const again = await ada.client.upload<Problem>({ 'b.csv': CUSTOMERS }, { name: 'BICYCLE SHOP' });
    expect([again.status, again.body.code, again.body.errors?.[0]?.field]).toEqual([409, 'conflict', 'name']);
    const bob = await newAccount();
    expect((await bob.client.upload({ 'a.csv': CUSTOMERS }, parts)).status).toBe(201);
  });

  it('lets people describe, hide and relate', async () => {
    const { id } = await newSource(ada.client, { 'p.csv': CUSTOMERS, 'q.csv': 'who,score\n1,5\n4,7\n' });
    const relationship = { from: { table: 'q', column: 'who' }, to: { table: 'p', column: 'customer_id' } };
    const changed = await ada.client.patch<Schema>(`/data-sources/${id}/schema`, {
      tables: [
        { name: 'p', description: 'People', synonyms: ['persons'], columns: [{ name: 'country', hidden: true }] },
        { name: 'q', hidden: true, columns: [{ name: 'score', description: 'Out of ten', sensitivity: 'personal' }] },
      ],
      relationships: [relationship],
    });
    expect(changed.status).toBe(200);
    const [p, q] = changed.body.tables;
    expect(p).toMatchObject({ description: 'People', synonyms: ['persons'], hidden: false });
    expect(p?.columns.find((column) => column.name === 'country')?.hidden).toBe(true);
    expect(q?.hidden).toBe(true);
    expect(q?.columns[1]).toMatchObject({ description: 'Out of ten', sensitivity: 'personal', hidden: false });
    expect(changed.body.relationships).toContainEqual({ ...relationship, origin: 'user', confidence: 1 });
    expect(await schemaOf(id)).toEqual(changed.body);
  });

  it('names the table or column that a change of the schema does not find, and changes nothing', async () => {
    const { id } = await newSource(ada.client, { 'r.csv': CUSTOMERS });
    const before = await schemaOf(id);
    const { status, body } = await ada.client.patch<Problem>(`/data-sources/${id}/schema`, {
      tables: [{ name: 'r', description: 'changed' }, { name: 'nothing' }, { name: 'r', columns: [{ name: 'nope' }] }],
      relationships: [{ from: { table: 'r', column: 'nope' }, to: { table: 'r', column: 'name' } }],
    });
    expect([status, body.code]).toEqual([422, 'validation_failed']);
    expect(body.errors?.map((error) => error.field)).toEqual([
      'tables[1].name',
      'tables[2].name',
      'tables[2].columns[0].name',
      'relationships[0].from',
    ]);
    expect(await schemaOf(id)).toEqual(before);
  });

  it('refuses to be told of one column twice, and changes thousands of columns at once', async () => {
    const names = Array.from({ length: 2000 }, (_, place) => `c${place}`);
    const { id } = await newSource(ada.client, { 'wide.csv': `${names.join()}\n${names.map(() => 1).join()}\n` });
    const change = (columns: object[]) =>
      ada.client.patch<Schema & Problem>(`/data-sources/${id}/schema`, { tables: [{ name: 'wide', columns }] });
    const twice = await change([{ name: 'c1', hidden: true }, { name: 'c2' }, { name: 'c1', hidden: false }]);
    expect([twice.status, twice.body.errors]).toEqual([
      422,
      [{ field: 'tables[0].columns[2].name', message: 'is named twice' }],
    ]);
    const started = performance.now();
    const { status, body } = await change(
      names.map((name) => ({ name, description: `of ${name}`, synonyms: ['x', 'y'] })),
    );
    expect(status).toBe(200);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(body.tables[0]?.columns.at(-1)).toMatchObject({
      description: 'of c1999',
      synonyms: ['x', 'y'],
      hidden: false,
    });
    const emptied = await change([{ name: 'c1999', description: null, hidden: true }]);
    expect(emptied.body.tables[0]?.columns.at(-1)).toMatchObject({
      description: null,
      synonyms: ['x', 'y'],
      hidden: true,
    });
  });

  it('leaves what is hidden out of previews', async () => {
    const { id } = await newSource(ada.client, { 'shown.csv': CUSTOMERS, 'secret.csv': CUSTOMERS });
    await ada.client.patch(`/data-sources/${id}/schema`, {
      tables: [
        { name: 'shown', columns: [{ name: 'name', hidden: true }] },
        { name: 'secret', hidden: true },
      ],
    });
    const { body } = await ada.client.get<Rows>(`/data-sources/${id}/tables/shown/preview?limit=1`);
    expect([body.columns.map(({ name }) => name), body.rows]).toEqual([
      ['customer_id', 'country'],
      [[1, 'United Kingdom']],
    ]);
    expect((await ada.client.get(`/data-sources/${id}/tables/secret/preview`)).status).toBe(404);
  });

  it('refuses null where a field of the schema has no use for it', async () => {
    const { id } = await newSource(ada.client, { 's.csv': CUSTOMERS });
    const { status, body } = await ada.client.patch<Problem>(`/data-sources/${id}/schema`, {
      tables: [{ name: 's', synonyms: null, hidden: null }],
      relationships: [{}],
    });
    expect(status).toBe(422);
    expect(body.errors?.map((error) => error.field)).toEqual([
      'tables[0].synonyms',
      'tables[0].hidden',
      'relationships[0].from',
      'relationships[0].to',
    ]);
  });

  it('shows a table page by page to the end, in its stored order', async () => {
    const { id } = await newSource(ada.client, { 'count.csv': numbers(250) });
    const seen: unknown[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const at: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body } = await ada.client.get<Rows>(`/data-sources/${id}/tables/count/preview?limit=100${at}`);
      expect(body.row_count).toBe(250);
      seen.push(...body.rows.flat());
      cursor = body.next_cursor;
    }
    expect(seen).toEqual(Array.from({ length: 250 }, (_, n) => n));
    expect((await ada.client.get(`/data-sources/${id}/tables/nothing/preview`)).status).toBe(404);
  });

  it('lists sources newest first, by cursor, and counts them when asked to', async () => {
    const { client } = await newAccount();
    const ids: number[] = [];
    for (const name of ['first', 'second', 'third'])
      ids.unshift((await newSource(client, { 'a.csv': 'x\n1\n' }, { name })).id);
    const first = await client.get<Page<UploadedSource>>('/data-sources?limit=2&include_total=true');
    expect(first.body).toMatchObject({ total: 3, items: [{ name: 'third' }, { name: 'second' }] });
    const rest = await client.get<Page<UploadedSource>>(`/data-sources?limit=2&cursor=${first.body.next_cursor}`);
    expect(rest.body.next_cursor).toBeNull();
    expect(rest.body).not.toHaveProperty('total');
    expect([...first.body.items, ...rest.body.items].map((source) => source.id)).toEqual(ids);
  });

  it('renames a source, and says whether its data can be reached', async () => {
    const { id } = await newSource(ada.client, { 'old name.csv': CUSTOMERS });
    const renamed = await ada.client.patch(`/data-sources/${id}`, { name: ' New name ', description: null });
    expect(renamed.body).toMatchObject({ id, name: 'New name', description: null });
    const blank = await ada.client.patch<Problem>(`/data-sources/${id}`, { name: '  ' });
    expect([blank.status, blank.body.errors?.[0]?.field]).toEqual([422, 'name']);
    const tested = await ada.client.post(`/data-sources/${id}/test`);
    expect(tested.body).toMatchObject({ ok: true, server_version: expect.stringContaining('DuckDB') });
  });

  it('removes a source with its files and its queries', async () => {
    const { id } = await newSource(ada.client, { 'gone.csv': CUSTOMERS });
    const query = await ada.client.post<{ id: number }>('/queries', { data_source_id: id, sql: 'SELECT * FROM gone' });
    const folders = ['sources', 'results'].map((name) => join(dataDirectory(), name, String(id)));
    for (const path of folders) await access(path);
    expect((await ada.client.delete(`/data-sources/${id}`)).status).toBe(204);
    for (const path of folders) await expect(access(path)).rejects.toThrow('ENOENT');
    expect((await ada.client.get(`/data-sources/${id}`)).status).toBe(404);
    expect((await ada.client.get(`/queries/${query.body.id}`)).status).toBe(404);
  });

  it('does not tell anybody else that the source exists', async () => {
    const { id } = await newSource(ada.client, { 'private.csv': CUSTOMERS });
    const { client } = await newAccount();
    const answers = [
      await client.get<Problem>(`/data-sources/${id}`),
      await client.patch<Problem>(`/data-sources/${id}`, { name: 'mine' }),
      await client.delete<Problem>(`/data-sources/${id}`),
      await client.post<Problem>(`/data-sources/${id}/test`),
      await client.get<Problem>(`/data-sources/${id}/schema`),
      await client.patch<Problem>(`/data-sources/${id}/schema`, { tables: [] }),
      await client.get<Problem>(`/data-sources/${id}/tables/private/preview`),
      await client.post<Problem>('/queries', { data_source_id: id, question: 'How many customers?' }),
      await client.post<Problem>('/queries', { data_source_id: id, sql: 'SELECT 1' }),
    ];
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(answers.map(() => [404, 'not_found']));
    expect((await client.get<Page<unknown>>('/data-sources')).body.items).toEqual([]);
    expect((await ada.client.get(`/data-sources/${id}`)).status).toBe(200);
  });

  async function parquetFile(): Promise<Uint8Array<ArrayBuffer>> {
    const path = join(folder, 'prices.parquet');
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    await connection.run(
      `COPY (FROM (VALUES (1::BIGINT, 9.90::DECIMAL(6, 2), DATE '2025-01-31'), (2, NULL, NULL)) AS t(id, price, since))
       TO '${path}' (FORMAT parquet)`,
    );
    connection.closeSync();
    instance.closeSync();
    return new Uint8Array(await readFile(path));
  }
});

function dataDirectory(): string {
  const path = process.env['LUMIERE_TEST_DATA_DIR'];
  if (path === undefined) throw new Error('There is no test server: run the tests through the e2e project.');
  return path;
}
