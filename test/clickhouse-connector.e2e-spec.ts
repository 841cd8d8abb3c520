import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClickHouseConnector } from '../src/engine/connectors/clickhouse/index.js';
import type { SourceAddress } from '../src/engine/connectors/remote/source-address.js';
import { CLICKHOUSE_ENGINE, CLICKHOUSE_SHOP, CLICKHOUSE_TYPES } from './support/clickhouse-contract.js';
import { ClickHouseDouble, type ClickHouseDoubleOptions } from './support/clickhouse-double.js';
import { codeOf, connectorContract, LOCAL, Workspace } from './support/connector-contract.js';

const recorded = Object.fromEntries(CLICKHOUSE_TYPES.map(({ sql, answer }) => [sql, answer]));

function start(changes: Partial<ClickHouseDoubleOptions> = {}): Promise<ClickHouseDouble> {
  return ClickHouseDouble.start({ setup: CLICKHOUSE_SHOP, recorded, ...changes });
}

function addressOf({ port }: { port: number }, changes: Partial<SourceAddress> = {}): SourceAddress {
  return {
    host: '127.0.0.1',
    port,
    database: 'shop',
    username: 'reader',
    password: 'reads only',
    sslMode: 'disable',
    options: {},
    ...changes,
  };
}

connectorContract({
  ...CLICKHOUSE_ENGINE,
  name: 'ClickHouse',
  start: async () => {
    const double = await start();
    return {
      address: addressOf(double),
      // The question with which a session begins is over in no time.
      running: () =>
        Promise.resolve([...double.running.values()].filter(({ sql }) => !sql.includes('version()')).length),
      endSessions: () => Promise.resolve(double.endSessions()),
      stop: () => double.stop(),
    };
  },
});

describe('a ClickHouse source', () => {
  let workspace: Workspace;
  const doubles: ClickHouseDouble[] = [];

  beforeAll(async () => {
    workspace = await Workspace.open();
  });
  afterAll(async () => {
    for (const double of doubles) await double.stop();
    await workspace.close();
  });

  async function source(
    options: Partial<ClickHouseDoubleOptions> = {},
    changes: Partial<SourceAddress> = {},
  ): Promise<{ double: ClickHouseDouble; connector: ClickHouseConnector }> {
    const double = await start(options);
    doubles.push(double);
    const address = addressOf(double, changes);
    return { double, connector: new ClickHouseConnector({ address, policy: LOCAL, bounds: workspace.bounds }) };
  }

  it.each(['tagged', 'text', 'cut'] as const)(
    'that fails in mid-stream leaves no result, and says why, when it tells so by %s',
    async (exceptions) => {
      const { connector } = await source({ exceptions, failAfter: 300_000 });
      const sql = `SELECT number FROM numbers(400000)`;
      const failed = workspace.run(connector, sql, { maxRows: 400_000 });
      await expect(failed).rejects.toMatchObject({ code: 'query_failed', details: { kind: 395 } });
      await expect(failed).rejects.not.toThrow(/secret/);
    },
  );

  it('may hold rows that look like an exception', async () => {
    const { connector } = await source();
    const sql = `SELECT concat('Code: 241. DB::Exception: (X)', repeat('\n__exception__', 2)) AS t FROM numbers(3)`;
    expect((await workspace.run(connector, sql)).pageRows).toHaveLength(3);
  });

  it('is asked with nothing secret in a URL, and as one that can only read', async () => {
    const { double, connector } = await source();
    await workspace.run(connector, 'SELECT 1 AS one');
    const urls = double.seen.map(({ url }) => url);
    expect(urls.join()).not.toMatch(/reads|reader/);
    expect(urls.at(-1)).toContain('readonly=1');
  });

  it('is read by a user whose profile has readonly = 2, and tells one with 1 what is missing', async () => {
    const lenient = await source({ readonly: 2 });
    expect((await workspace.run(lenient.connector, 'SELECT 1 AS one')).pageRows).toEqual([[1]]);
    expect(await workspace.failure(lenient.connector, 'DROP TABLE orders')).toBe('query_failed');
    const strict = await source({ readonly: 1 });
    await expect(strict.connector.test()).rejects.toMatchObject({
      code: 'source_refused',
      message: expect.stringContaining('readonly = 2') as unknown as string,
    });
  });

  it('tells a wrong password and a database that is not there from what a query does wrong', async () => {
    const wrong = (await source({}, { password: 'not this' })).connector.test();
    await expect(wrong).rejects.toMatchObject({ code: 'source_refused' });
    await expect(wrong).rejects.not.toThrow(/not this|reader/);
    expect(await codeOf((await source({}, { database: 'nothing' })).connector.test())).toBe('source_refused');
    const { connector } = await source();
    await expect(workspace.run(connector, 'SELECT nothing FROM orders')).rejects.toMatchObject({
      code: 'query_failed',
      message: 'The query does not fit the data: Unknown expression identifier `nothing`.',
    });
    const format = 'SELECT 1 FORMAT TabSeparated';
    expect(await workspace.failure(connector, format)).toBe('query_failed');
  });

  it('with 2,000 tables is introspected in less than ten seconds', async () => {
    const { connector } = await source({
      setup: [
        ...CLICKHOUSE_SHOP,
        `INSERT INTO system_tables SELECT 't' || i, 'MergeTree', 3, '', 'id', 'shop', false FROM range(2000) AS t(i)`,
        `INSERT INTO system_columns SELECT 't' || i, p, 'c' || p, 'String', '', 'shop', '' FROM range(2000) AS t(i), range(5) AS c(p)`,
      ],
    });
    const started = performance.now();
    expect((await connector.introspect()).tables).toHaveLength(2_004);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
