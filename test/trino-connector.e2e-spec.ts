import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SourceAddress } from '../src/engine/connectors/remote/source-address.js';
import { TrinoConnector } from '../src/engine/connectors/trino/index.js';
import { codeOf, connectorContract, LOCAL, Workspace } from './support/connector-contract.js';
import { TRINO_ENGINE, TRINO_SHOP, TRINO_TYPES } from './support/trino-contract.js';
import { TrinoDouble, type TrinoDoubleOptions } from './support/trino-double.js';

const recorded = Object.fromEntries(TRINO_TYPES.map(({ sql, answer }) => [sql, answer]));

function start(changes: Partial<TrinoDoubleOptions> = {}): Promise<TrinoDouble> {
  return TrinoDouble.start({ setup: TRINO_SHOP, recorded, ...changes });
}

function addressOf({ port }: { port: number }, changes: Partial<SourceAddress> = {}): SourceAddress {
  return {
    host: '127.0.0.1',
    port,
    database: 'lake.default',
    username: 'reader',
    password: '',
    sslMode: 'disable',
    options: {},
    ...changes,
  };
}

connectorContract({
  ...TRINO_ENGINE,
  name: 'Trino',
  start: async () => {
    const double = await start();
    return {
      address: addressOf(double),
      running: () => Promise.resolve(double.running),
      endSessions: () => Promise.resolve(double.endSessions()),
      stop: () => double.stop(),
    };
  },
});

describe('a Trino source', () => {
  let workspace: Workspace;
  const doubles: TrinoDouble[] = [];

  beforeAll(async () => {
    workspace = await Workspace.open();
  });
  afterAll(async () => {
    for (const double of doubles) await double.stop();
    await workspace.close();
  });

  async function source(
    options: Partial<TrinoDoubleOptions> = {},
    changes: Partial<SourceAddress> = {},
  ): Promise<{ double: TrinoDouble; connector: TrinoConnector }> {
    const double = await start(options);
    doubles.push(double);
    const address = addressOf(double, changes);
    return { double, connector: new TrinoConnector({ address, policy: LOCAL, bounds: workspace.bounds }) };
  }

  it('that is busy is asked again', async () => {
    const { connector } = await source({ busy: 3 });
    expect((await workspace.run(connector, 'SELECT 1 AS one')).pageRows).toEqual([[1]]);
  });

  it('is left without a transaction and without a query, however the work ends', async () => {
    const { double, connector } = await source();
    await workspace.run(connector, TRINO_ENGINE.numbers(5_000), { maxRows: 10 });
    expect(await workspace.failure(connector, 'SELECT nothing FROM orders')).toBe('query_failed');
    expect(await workspace.failure(connector, TRINO_ENGINE.sleep(20), { timeoutMs: 500 })).toBe('query_timeout');
    expect([double.running, double.openTransactions]).toEqual([0, 0]);
  });

  it('says what a query does wrong, and nothing of its rows', async () => {
    const { connector } = await source();
    await expect(workspace.run(connector, 'SELECT nothing FROM orders')).rejects.toMatchObject({
      code: 'query_failed',
      message: "The query does not fit the data: Column 'nothing' cannot be resolved.",
    });
    await expect(workspace.run(connector, `SELECT error('secret') FROM orders`)).rejects.not.toThrow(/secret/);
  });

  it('of a whole catalog has tables that are named with their schemas', async () => {
    const { connector } = await source({}, { database: 'lake' });
    const { tables } = await connector.introspect();
    expect(tables.map(({ name }) => name)).toEqual(['default.big_orders', 'default.customers', 'default.orders']);
    expect(await codeOf((await source({}, { database: 'nowhere' })).connector.introspect())).toBe('source_refused');
  });

  it('that does not say how many rows there are is read as far as it is small', async () => {
    const { connector } = await source({ keepsStatistics: false });
    const { tables } = await connector.introspect();
    expect(tables.map(({ name, rowCount }) => [name, rowCount])).toEqual([
      ['big_orders', 0],
      ['customers', 3],
      ['orders', 1_000],
    ]);
  });

  it('with 2,000 tables is introspected in less than ten seconds', async () => {
    const { connector } = await source({
      setup: [
        ...TRINO_SHOP,
        `INSERT INTO trino_tables SELECT 'default', 't' || i, 'BASE TABLE' FROM range(2000) AS t(i)`,
        `INSERT INTO trino_columns SELECT 'default', 't' || i, 'c' || p, 'varchar', 'YES', p FROM range(2000) AS t(i), range(5) AS c(p)`,
      ],
    });
    const started = performance.now();
    expect((await connector.introspect()).tables).toHaveLength(2_003);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
