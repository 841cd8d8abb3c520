import type { SourceAddress } from '../src/engine/connectors/remote/source-address.js';
import { connectorContract } from './support/connector-contract.js';
import { TRINO_ENGINE, TRINO_TYPES } from './support/trino-contract.js';
import { TrinoDouble, type TrinoDoubleOptions } from './support/trino-double.js';

/** The contract's tables, and what the coordinator tells of them. */
const SHOP = [
  `CREATE TABLE customers (id INTEGER, name VARCHAR, city VARCHAR)`,
  `INSERT INTO customers VALUES (1, 'Ada', 'Oslo'), (2, 'Bo', 'Paris'), (3, 'Cy', 'Bergen')`,
  `CREATE TABLE orders AS SELECT i AS id, CAST(1 + i % 3 AS INTEGER) AS customer_id, CAST(i / 7.0 AS DECIMAL(10, 2)) AS amount
   FROM range(1, 1001) AS t(i)`,
  `CREATE VIEW big_orders AS SELECT * FROM orders WHERE amount > 100`,
  `CREATE TABLE trino_schemata AS SELECT 'default' AS schema_name`,
  `CREATE TABLE trino_tables AS FROM (VALUES
    ('default', 'customers', 'BASE TABLE'), ('default', 'orders', 'BASE TABLE'), ('default', 'big_orders', 'VIEW')
   ) AS t(table_schema, table_name, table_type)`,
  `CREATE TABLE trino_columns AS FROM (VALUES
    ('default', 'customers', 'id', 'integer', 'NO', 1), ('default', 'customers', 'name', 'varchar', 'YES', 2),
    ('default', 'customers', 'city', 'varchar(20)', 'YES', 3), ('default', 'orders', 'id', 'bigint', 'YES', 1),
    ('default', 'orders', 'customer_id', 'integer', 'YES', 2), ('default', 'orders', 'amount', 'decimal(10,2)', 'YES', 3),
    ('default', 'big_orders', 'id', 'bigint', 'YES', 1)
   ) AS t(table_schema, table_name, column_name, data_type, is_nullable, ordinal_position)`,
  `CREATE TABLE trino_table_comments AS
   SELECT 'lake' AS catalog_name, 'default' AS schema_name, 'customers' AS table_name, 'People who buy' AS comment`,
];

const recorded = Object.fromEntries(TRINO_TYPES.map(({ sql, answer }) => [sql, answer]));

function start(changes: Partial<TrinoDoubleOptions> = {}): Promise<TrinoDouble> {
  return TrinoDouble.start({ setup: SHOP, recorded, ...changes });
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
