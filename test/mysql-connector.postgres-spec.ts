import { afterAll, beforeAll } from '@jest/globals';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { MySqlConnector } from '../src/engine/connectors/mysql/index.js';
import type { SourceAddress } from '../src/engine/connectors/remote/source-address.js';
import { connectorContract, type ContractSource, type TypeCase } from './support/connector-contract.js';
import { startMariaDb } from './support/mariadb.mjs';

let server: Awaited<ReturnType<typeof startMariaDb>>;

beforeAll(async () => {
  server = await startMariaDb();
}, 60_000);
afterAll(() => server?.stop());

/** An account that may read the database that is made for it, with what the statements make in it. */
async function database(name: string, sql: string): Promise<{ address: SourceAddress; admin: Connection }> {
  const root = await server.connect();
  await root.query(
    `CREATE DATABASE ${name}; CREATE USER ${name} IDENTIFIED BY 'reads only'; GRANT SELECT ON ${name}.* TO ${name}`,
  );
  await root.end();
  const admin = await server.connect(name);
  await admin.query(sql);
  return { address: addressOf(name), admin };
}

function addressOf(database: string, changes: Partial<SourceAddress> = {}): SourceAddress {
  return {
    host: '127.0.0.1',
    port: server.port,
    database,
    username: database,
    password: 'reads only',
    sslMode: 'disable',
    options: {},
    ...changes,
  };
}

async function contractSource(): Promise<ContractSource> {
  const { address, admin } = await database(
    'contract',
    `CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, city varchar(20)) COMMENT 'People who buy';
     INSERT INTO customers VALUES (1, 'Ada', 'Oslo'), (2, 'Bo', 'Paris'), (3, 'Cy', 'Bergen');
     CREATE TABLE orders (id bigint PRIMARY KEY, customer_id int, amount decimal(10,2),
       FOREIGN KEY (customer_id) REFERENCES customers (id));
     INSERT INTO orders SELECT seq, 1 + seq % 3, seq / 7.0 FROM seq_1_to_1000;
     CREATE VIEW big_orders AS SELECT * FROM orders WHERE amount > 100;`,
  );
  const sessions = async (): Promise<RowDataPacket[]> => {
    const [rows] = await admin.query<RowDataPacket[]>(
      `SELECT id, command FROM information_schema.processlist WHERE user = 'contract'`,
    );
    return rows;
  };
  return {
    address,
    running: async () => (await sessions()).filter(({ command }) => command === 'Execute').length,
    endSessions: async () => {
      for (const { id } of await sessions()) await admin.query(`KILL ${id}`);
    },
    stop: () => admin.end(),
  };
}

const TYPES: TypeCase[] = [
  { sql: `32767`, type: 'integer', value: 32767 },
  { sql: `CAST(-1 AS SIGNED)`, type: 'integer', value: -1 },
  { sql: `-9223372036854775808`, type: 'integer', value: '-9223372036854775808' },
];

connectorContract({
  name: 'MariaDB',
  start: contractSource,
  connect: (source) => new MySqlConnector(source),
  types: TYPES,
  numbers: (count) => `SELECT seq AS i, CONCAT('row number ', seq) AS label FROM seq_1_to_${count} ORDER BY seq`,
  sleep: (seconds) => `SELECT SLEEP(${seconds}) AS done`,
  endless: `SELECT seq, REPEAT('x', 200) FROM seq_1_to_1000000000`,
});
