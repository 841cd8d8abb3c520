import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClickHouseConnector } from '../src/engine/connectors/clickhouse/index.js';
import type { SourceAddress } from '../src/engine/connectors/remote/source-address.js';
import { CLICKHOUSE_ENGINE, CLICKHOUSE_TYPES } from './support/clickhouse-contract.js';
import { ClickHouseDouble, type ClickHouseDoubleOptions } from './support/clickhouse-double.js';
import { CLICKHOUSE_FUNCTIONS } from './support/clickhouse-translation.js';
import { codeOf, connectorContract, LOCAL, Workspace } from './support/connector-contract.js';

/** The contract's tables, and what the server tells of them. */
const SHOP = [
  ...CLICKHOUSE_FUNCTIONS,
  `CREATE TABLE customers (id INTEGER, name VARCHAR, city VARCHAR)`,
  `INSERT INTO customers VALUES (1, 'Ada', 'Oslo'), (2, 'Bo', 'Paris'), (3, 'Cy', 'Bergen')`,
  `CREATE TABLE orders AS SELECT i AS id, CAST(1 + i % 3 AS INTEGER) AS customer_id, CAST(i / 7.0 AS DECIMAL(10, 2)) AS amount
   FROM range(1, 1001) AS t(i)`,
  `CREATE VIEW big_orders AS SELECT * FROM orders WHERE amount > 100`,
  `CREATE TABLE system_tables AS FROM (VALUES
    ('customers', 'MergeTree', 3, 'People who buy', 'id'), ('orders', 'ReplicatedMergeTree', 1000, '', 'id'),
    ('big_orders', 'View', NULL, '', ''), ('events', 'Kafka', NULL, '', '')
   ) AS t(name, engine, total_rows, comment, primary_key), (VALUES ('shop')) AS d("database"), (VALUES (false)) AS f(is_temporary)`,
  `CREATE TABLE system_columns AS FROM (VALUES
    ('customers', 1, 'id', 'Int32', ''), ('customers', 2, 'name', 'String', ''),
    ('customers', 3, 'city', 'LowCardinality(Nullable(String))', 'Where they live'),
    ('orders', 1, 'id', 'UInt64', ''), ('orders', 2, 'customer_id', 'Int32', ''), ('orders', 3, 'amount', 'Decimal(10, 2)', ''),
    ('big_orders', 1, 'id', 'UInt64', ''), ('events', 1, 'at', 'DateTime', '')
   ) AS t("table", position, name, type, comment), (VALUES ('shop')) AS d("database"), (VALUES ('')) AS k(default_kind)`,
];

const recorded = Object.fromEntries(CLICKHOUSE_TYPES.map(({ sql, answer }) => [sql, answer]));

function start(changes: Partial<ClickHouseDoubleOptions> = {}): Promise<ClickHouseDouble> {
  return ClickHouseDouble.start({ setup: SHOP, recorded, ...changes });
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
      running: () => Promise.resolve(double.running.size),
      endSessions: () => Promise.resolve(double.endSessions()),
      stop: () => double.stop(),
    };
  },
});
