import { CLICKHOUSE_ENGINE } from './support/clickhouse-contract.js';
import { connectorContract, type ContractSource } from './support/connector-contract.js';
import { addressIn, CuttableProxy } from './support/remote-contract.js';

const TABLES = [
  `DROP TABLE IF EXISTS big_orders`,
  `DROP TABLE IF EXISTS orders`,
  `DROP TABLE IF EXISTS customers`,
  `CREATE TABLE customers (id Int32, name String, city LowCardinality(Nullable(String)))
     ENGINE = MergeTree ORDER BY id COMMENT 'People who buy'`,
  `INSERT INTO customers VALUES (1, 'Ada', 'Oslo'), (2, 'Bo', 'Paris'), (3, 'Cy', 'Bergen')`,
  `CREATE TABLE orders (id UInt64, customer_id Int32, amount Decimal(10, 2)) ENGINE = MergeTree ORDER BY id`,
  `INSERT INTO orders SELECT number + 1, 1 + (number + 1) % 3, (number + 1) / 7 FROM numbers(1000)`,
  `CREATE VIEW big_orders AS SELECT * FROM orders WHERE amount > 100`,
];

/** For example `http://default:secret@127.0.0.1:8123/scratch`, a database that may be written to. */
async function namedServer(): Promise<ContractSource> {
  const url = process.env['CONTRACT_CLICKHOUSE_URL'];
  if (!url) throw new Error('Set CONTRACT_CLICKHOUSE_URL to a database that may be written to.');
  const address = addressIn(url);
  const { host, port, username, password, database } = address;
  const ask = async (sql: string): Promise<string> => {
    const answer = await fetch(`http://${host}:${port}/?wait_end_of_query=1`, {
      method: 'POST',
      headers: { 'x-clickhouse-user': username, 'x-clickhouse-key': password, 'x-clickhouse-database': database },
      body: sql,
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text);
    return text;
  };
  for (const sql of TABLES) await ask(sql);
  const proxy = await CuttableProxy.to(address);
  return {
    address: { ...address, host: '127.0.0.1', port: proxy.port },
    running: async () =>
      Number(
        await ask(`SELECT count() FROM system.processes WHERE startsWith(query_id, 'lumiere-') FORMAT TabSeparated`),
      ),
    endSessions: () => Promise.resolve(proxy.cut()),
    stop: () => Promise.resolve(proxy.stop()),
  };
}

connectorContract({ ...CLICKHOUSE_ENGINE, name: 'ClickHouse', start: namedServer });
