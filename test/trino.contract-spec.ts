import { connectorContract, type ContractSource } from './support/connector-contract.js';
import { addressIn, CuttableProxy } from './support/remote-contract.js';
import { TRINO_ENGINE } from './support/trino-contract.js';

const TABLES = [
  `DROP TABLE IF EXISTS orders`,
  `DROP TABLE IF EXISTS customers`,
  `CREATE TABLE customers (id integer, name varchar, city varchar(20)) COMMENT 'People who buy'`,
  `INSERT INTO customers VALUES (1, 'Ada', 'Oslo'), (2, 'Bo', 'Paris'), (3, 'Cy', 'Bergen')`,
  `CREATE TABLE orders AS SELECT CAST(i AS bigint) AS id, CAST(1 + i % 3 AS integer) AS customer_id,
     CAST(i / DECIMAL '7.00' AS decimal(10,2)) AS amount FROM UNNEST(sequence(1, 1000)) AS t(i)`,
  `CREATE OR REPLACE VIEW big_orders AS SELECT * FROM orders WHERE amount > 100`,
];

/** A server without TLS and passwords, for example `http://me@127.0.0.1:8080/memory.default`. */
async function namedServer(): Promise<ContractSource> {
  const url = process.env['CONTRACT_TRINO_URL'];
  if (!url) throw new Error('Set CONTRACT_TRINO_URL to a catalog and schema that may be written to.');
  const address = addressIn(url);
  const [catalog = '', schema = ''] = address.database.split('.');
  const headers = { 'x-trino-user': 'contract', 'x-trino-catalog': catalog, 'x-trino-schema': schema };
  const ask = async (sql: string): Promise<unknown[][]> => {
    const rows: unknown[][] = [];
    let next: string | undefined = new URL('/v1/statement', url).href.replace(/\/\/[^@/]*@/, '//');
    for (let body: string | null = sql; next !== undefined; body = null) {
      const answer: Response = await fetch(next, { method: body === null ? 'GET' : 'POST', headers, body });
      const page = (await answer.json()) as { nextUri?: string; data?: unknown[][]; error?: { message: string } };
      if (page.error) throw new Error(page.error.message);
      rows.push(...(page.data ?? []));
      next = page.nextUri;
    }
    return rows;
  };
  for (const sql of TABLES) await ask(sql);
  const proxy = await CuttableProxy.to(address);
  return {
    address: { ...address, host: '127.0.0.1', port: proxy.port },
    running: async () => {
      const rows = await ask(
        `SELECT count(*) FROM system.runtime.queries WHERE source = 'lumiere' AND state IN ('RUNNING', 'PLANNING', 'QUEUED')`,
      );
      return Number(rows[0]?.[0]);
    },
    endSessions: () => Promise.resolve(proxy.cut()),
    stop: () => Promise.resolve(proxy.stop()),
  };
}

connectorContract({ ...TRINO_ENGINE, name: 'Trino', start: namedServer });
