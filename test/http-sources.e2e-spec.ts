import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount, type Problem, type UploadedSource } from './support/client.js';
import { CLICKHOUSE_SHOP } from './support/clickhouse-contract.js';
import { ClickHouseDouble } from './support/clickhouse-double.js';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';
import type { Schema } from './support/shapes.js';
import { TRINO_SHOP } from './support/trino-contract.js';
import { TrinoDouble } from './support/trino-double.js';

describe('a database behind HTTP as a source', () => {
  let server: TestServer;
  let ada: Account;
  let clickhouse: ClickHouseDouble;
  let trino: TrinoDouble;
  const created: Record<string, UploadedSource & Record<string, unknown>> = {};

  beforeAll(async () => {
    [clickhouse, trino, server] = await Promise.all([
      ClickHouseDouble.start({ setup: CLICKHOUSE_SHOP }),
      TrinoDouble.start({ setup: TRINO_SHOP }),
      startServer({ SOURCE_NETWORKS: 'loopback' }),
    ]);
    ada = await newAccount(server.url);
  }, 120_000);
  afterAll(async () => {
    await server.stop();
    await removeDataDir(server);
    await clickhouse.stop();
    await trino.stop();
  });

  const request = (type: 'clickhouse' | 'trino', changes: object = {}) => ({
    name: `Shop in ${type}`,
    type,
    host: '127.0.0.1',
    ...(type === 'clickhouse'
      ? { port: clickhouse.port, database_name: 'shop', password: 'reads only' }
      : { port: trino.port, database_name: 'lake.default', password: '' }),
    username: 'reader',
    ...changes,
  });

  it.each(['clickhouse', 'trino'] as const)('is tried and read before it is stored: %s', async (type) => {
    const { status, body } = await ada.client.post<UploadedSource & Record<string, unknown>>(
      '/data-sources',
      request(type),
    );
    expect([status, body]).toEqual([201, expect.objectContaining({ type, status: 'ready', row_count: 1_003 })]);
    created[type] = body;
    const schema = await ada.client.get<Schema>(`/data-sources/${body.id}/schema`);
    expect(schema.body.tables.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['big_orders', 'customers', 'orders']),
    );
    expect(schema.body.relationships).toContainEqual(
      expect.objectContaining({
        from: { table: 'orders', column: 'customer_id' },
        to: { table: 'customers', column: 'id' },
        origin: 'inferred',
      }),
    );
    expect(server.output()).not.toContain('reads only');
  });

  it.each([
    ['clickhouse', 'ClickHouse 26.9.2.1'],
    ['trino', 'Trino 435'],
  ])('is tested, and read again: %s', async (type, version) => {
    const path = `/data-sources/${created[type]?.id}`;
    expect((await ada.client.post<object>(`${path}/test`)).body).toMatchObject({ ok: true, server_version: version });
    expect((await ada.client.post<object>(`${path}/refresh`)).body).toMatchObject({
      added_tables: [],
      removed_tables: [],
    });
  });

  it('is refused when it cannot be reached, says no, or is where nobody may connect to', async () => {
    const codes: ['clickhouse' | 'trino', object, number, string][] = [
      ['clickhouse', { password: 'wrong' }, 422, 'source_refused'],
      ['clickhouse', { database_name: 'nothing' }, 422, 'source_refused'],
      ['trino', { database_name: 'nothing' }, 422, 'source_refused'],
      ['trino', { password: 'over plain HTTP' }, 422, 'source_tls_failed'],
      ['clickhouse', { ssl_mode: 'require' }, 422, 'source_tls_failed'],
      ['clickhouse', { port: trino.port }, 503, 'source_unreachable'],
      ['trino', { port: clickhouse.port }, 503, 'source_unreachable'],
      ['trino', { host: '169.254.169.254' }, 422, 'source_address_not_allowed'],
      ['clickhouse', { options: { max_threads: 1 } }, 422, 'source_option_not_allowed'],
    ];
    for (const [type, changes, status, code] of codes) {
      const answer = await ada.client.post<Problem>('/data-sources', request(type, { name: 'Other', ...changes }));
      expect([type, changes, answer.status, answer.body.code]).toEqual([type, changes, status, code]);
      expect(JSON.stringify(answer.body)).not.toContain('reads only');
    }
  });
});
