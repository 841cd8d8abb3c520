import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { PostgresConnector } from '../src/engine/connectors/postgres/index.js';
import type { SourceAddress } from '../src/engine/connectors/remote/source-address.js';
import {
  codeOf,
  connectorContract,
  type ContractSource,
  LOCAL,
  type TypeCase,
  Workspace,
} from './support/connector-contract.js';
import { startPostgres } from './support/postgres.mjs';

let server: Awaited<ReturnType<typeof startPostgres>>;

beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server?.stop());

function addressOf(url: string, changes: Partial<SourceAddress> = {}): SourceAddress {
  const { hostname, port, pathname, username } = new URL(url);
  const [database, password] = [pathname.slice(1), ''];
  return {
    host: hostname,
    port: Number(port),
    database,
    username,
    password,
    sslMode: 'disable',
    options: {},
    ...changes,
  };
}

async function database(name: string, sql: string): Promise<{ url: string; admin: pg.Client }> {
  const url = await server.createDatabase(name);
  const admin = new pg.Client(url);
  await admin.connect();
  await admin.query(sql);
  return { url, admin };
}

async function contractSource(): Promise<ContractSource> {
  const { url, admin } = await database(
    'contract',
    `CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, city varchar(20));
     COMMENT ON TABLE customers IS 'People who buy';
     INSERT INTO customers VALUES (1, 'Ada', 'Oslo'), (2, 'Bo', 'Paris'), (3, 'Cy', 'Bergen');
     CREATE TABLE orders (id bigint PRIMARY KEY, customer_id int REFERENCES customers, amount numeric(10,2));
     INSERT INTO orders SELECT i, 1 + i % 3, i / 7.0 FROM generate_series(1, 1000) i;
     CREATE VIEW big_orders AS SELECT * FROM orders WHERE amount > 100;
     ANALYZE orders;
     CREATE TYPE mood AS ENUM ('fine', 'so so');
     CREATE DOMAIN price AS numeric(8,2);
     CREATE DOMAIN prices AS int[];`,
  );
  const ours = `FROM pg_stat_activity WHERE application_name = 'lumiere'`;
  return {
    address: addressOf(url),
    running: async () => {
      const { rows } = await admin.query<{ n: string }>(`SELECT count(*) AS n ${ours} AND state = 'active'`);
      return Number(rows[0]?.n);
    },
    endSessions: async () => {
      await admin.query(`SELECT pg_terminate_backend(pid) ${ours}`);
    },
    stop: () => admin.end(),
  };
}

const TYPES: TypeCase[] = [
  { sql: `32767::smallint`, type: 'integer', value: 32767 },
  { sql: `9223372036854775807`, type: 'integer', value: '9223372036854775807' },
  { sql: `12345678.90::numeric(10,2)`, type: 'decimal', value: '12345678.90' },
  { sql: `'NaN'::numeric(10,2)`, type: 'decimal', value: 'NaN' },
  { sql: `1.2345::numeric`, type: 'decimal', value: '1.2345' },
  { sql: `'Infinity'::numeric`, type: 'decimal', value: 'Infinity' },
  { sql: `'NaN'::public.price`, type: 'decimal', value: 'NaN' },
  { sql: `9.99::public.price`, type: 'decimal', value: '9.99' },
  { sql: `${'9'.repeat(38)}::numeric(38,0)`, type: 'decimal', value: '9'.repeat(38) },
  { sql: `${'9'.repeat(60)}.125::numeric`, type: 'decimal', value: `${'9'.repeat(60)}.125` },
  { sql: `0.1::real`, type: 'float', value: 0.1 },
  { sql: `0.1::float8 + 0.2::float8`, type: 'float', value: 0.30000000000000004 },
  { sql: `true`, type: 'boolean', value: true },
  { sql: `NULL::text`, type: 'text', value: null },
  { sql: `''::text`, type: 'text', value: '' },
  {
    sql: `E'tab\\t line\\n return\\r \\\\n "q", \\x01 é ☃'::text`,
    type: 'text',
    value: 'tab\t line\n return\r \\n "q", \x01 é ☃',
  },
  { sql: `'\\N'::text`, type: 'text', value: '\\N' },
  { sql: `'\\.'::text`, type: 'text', value: '\\.' },
  { sql: `'ab'::char(4)`, type: 'text', value: 'ab  ' },
  { sql: `'so so'::public.mood`, type: 'text', value: 'so so' },
  { sql: `'\\xdeadbeef'::bytea`, type: 'binary', value: '3q2+7w==' },
  { sql: `date '2024-02-29'`, type: 'date', value: '2024-02-29' },
  { sql: `date '0044-03-15 BC'`, type: 'date', value: '0044-03-15 BC' },
  { sql: `date 'infinity'`, type: 'date', value: 'infinity' },
  { sql: `time '23:59:59.999999'`, type: 'time', value: '23:59:59.999999' },
  { sql: `timetz '12:00:00+02'`, type: 'time', value: '12:00:00+02' },
  { sql: `timestamp '2024-01-01 00:00:00.000001'`, type: 'timestamp', value: '2024-01-01T00:00:00.000001' },
  { sql: `timestamp '0044-03-15 10:00 BC'`, type: 'timestamp', value: '0044-03-15 10:00:00 BC' },
  { sql: `timestamptz '2024-01-01 12:00+05'`, type: 'timestamptz', value: '2024-01-01T07:00:00Z' },
  { sql: `timestamptz '-infinity'`, type: 'timestamptz', value: '-infinity' },
  { sql: `timestamptz '294276-12-31 UTC'`, type: 'timestamptz', value: '294276-12-31 00:00:00+00' },
  { sql: `timestamptz '4713-01-01 BC UTC'`, type: 'timestamptz', value: '4713-01-01 00:00:00+00 BC' },
  { sql: `interval '1 year 2 days 03:04:05.6'`, type: 'interval', value: '1 year 2 days 03:04:05.6' },
  { sql: `'00000000-0000-0000-0000-000000000001'::uuid`, type: 'uuid', value: '00000000-0000-0000-0000-000000000001' },
  { sql: `'{"a": [1, "x\\ny"]}'::jsonb`, type: 'json', value: { a: [1, 'x\ny'] } },
  { sql: `ARRAY[1, NULL, 3]`, type: 'list', value: [1, null, 3] },
  { sql: `'{1,2}'::public.prices`, type: 'list', value: [1, 2] },
  { sql: `'{}'::int[]`, type: 'list', value: [] },
  { sql: `ARRAY['a"b', E'c\\\\d,', '', NULL]`, type: 'list', value: ['a"b', 'c\\d,', '', null] },
  { sql: `ARRAY[9223372036854775807]`, type: 'list', value: ['9223372036854775807'] },
  { sql: `ARRAY[1.50]::numeric(5,2)[]`, type: 'list', value: ['1.50'] },
  {
    sql: `ARRAY[[1, 2], [3, NULL]]`,
    type: 'list',
    value: [
      ['1', '2'],
      ['3', null],
    ],
  },
  { sql: `ARRAY[['a'], ['[b']]`, type: 'list', value: [['a'], ['[b']] },
  { sql: `ARRAY['[[x'::text]`, type: 'list', value: ['[[x'] },
  { sql: `ARRAY['fine'::public.mood]`, type: 'list', value: ['fine'] },
  { sql: `ARRAY['\\xde'::bytea]`, type: 'list', value: ['3g=='] },
  { sql: `ARRAY['{"a": 1}'::jsonb]`, type: 'list', value: [{ a: 1 }] },
  { sql: `ARRAY[timestamptz '2024-01-01 UTC']`, type: 'list', value: ['2024-01-01T00:00:00Z'] },
  { sql: `int4range(1, 5)`, type: 'text', value: '[1,5)' },
  { sql: `'10.0.0.1/8'::inet`, type: 'text', value: '10.0.0.1/8' },
  { sql: `12.34::money`, type: 'text', value: '$12.34' },
  { sql: `B'0101'`, type: 'text', value: '0101' },
  { sql: `ROW(1, 'x y')`, type: 'text', value: '(1,"x y")' },
];

connectorContract({
  name: 'PostgreSQL',
  start: contractSource,
  connect: (source) => new PostgresConnector(source),
  types: TYPES,
  schema: 'public.',
  numbers: (count) => `SELECT i, 'row number ' || i AS label FROM generate_series(1, ${count}) AS t(i) ORDER BY i`,
  sleep: (seconds) => `SELECT 1 AS done FROM pg_sleep(${seconds})`,
  endless: `SELECT i, repeat('x', 200) FROM generate_series(1, 1000000000) AS t(i)`,
});

describe('a PostgreSQL source', () => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await Workspace.open();
  });
  afterAll(() => workspace?.close());

  const connect = (address: SourceAddress): PostgresConnector =>
    new PostgresConnector({ address, policy: LOCAL, bounds: workspace.bounds });

  it('is read for what the role may see, with names that need no more than they must', async () => {
    const { url, admin } = await database(
      'rights',
      `CREATE SCHEMA sales; CREATE SCHEMA hidden;
       CREATE TABLE here (id int PRIMARY KEY, secret text, code text UNIQUE); INSERT INTO here VALUES (1, 's', 'a');
       CREATE TABLE sales.deals (id int, "Odd ""name" text);
       CREATE TABLE hidden.deals (id int);
       CREATE TABLE parts (day date, n int) PARTITION BY RANGE (day);
       CREATE TABLE parts_2024 PARTITION OF parts FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
       INSERT INTO parts SELECT '2024-05-05', i FROM generate_series(1, 50) i;
       CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS n FROM parts;
       ANALYZE;
       CREATE ROLE reader LOGIN;
       GRANT USAGE ON SCHEMA sales TO reader; GRANT SELECT ON sales.deals, parts, totals TO reader;
       GRANT SELECT (id, code) ON here TO reader;`,
    );
    try {
      const { tables } = await connect(addressOf(url, { username: 'reader' })).introspect();
      expect(tables.map(({ name, columns }) => [name, columns.map((column) => column.name)])).toEqual([
        ['here', ['id', 'code']],
        ['parts', ['day', 'n']],
        ['totals', ['n']],
        ['sales.deals', ['id', 'Odd "name']],
      ]);
      expect(tables.find(({ name }) => name === 'parts')?.rowCount).toBe(50);
      const { pageRows } = await workspace.run(
        connect(addressOf(url, { username: 'reader' })),
        'SELECT code FROM public.here',
      );
      expect(pageRows).toEqual([['a']]);
      const denied = workspace.failure(
        connect(addressOf(url, { username: 'reader' })),
        'SELECT secret FROM public.here',
      );
      expect(await denied).toBe('source_refused');
    } finally {
      await admin.end();
    }
  });

  it('with 2,000 tables is introspected in less than ten seconds', async () => {
    const { url, admin } = await database(
      'many',
      `DO $$ BEGIN FOR t IN 1..2000 LOOP
         EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, label text, at timestamptz)', t);
         EXECUTE format('INSERT INTO t%s VALUES (1, %L, now())', t, 'x');
         IF t % 100 = 0 THEN COMMIT; END IF;
       END LOOP; END $$`,
    );
    try {
      const started = performance.now();
      const { tables } = await connect(addressOf(url)).introspect();
      expect(tables).toHaveLength(2000);
      expect(performance.now() - started).toBeLessThan(10_000);
      expect(tables[0]?.rowCount).toBe(1);
    } finally {
      await admin.end();
    }
  }, 60_000);

  it('without an encoding is read where its text is UTF-8, and refused where it is not', async () => {
    const { admin } = await database(
      'unused',
      `CREATE DATABASE raw ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'`,
    );
    await admin.query(`CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'`);
    await admin.end();
    const { url } = { url: await server.createDatabase('unused_too') };
    const raw = connect(addressOf(url, { database: 'raw' }));
    const sql = (hex: string): string => `SELECT convert_from('\\x${hex}'::bytea, 'SQL_ASCII') AS t`;
    expect((await workspace.run(raw, sql('c3a9'))).pageRows).toEqual([['é']]);
    expect(await workspace.failure(raw, sql('ff41'))).toBe('source_data_invalid');
    const latin = connect(addressOf(url, { database: 'latin' }));
    expect((await workspace.run(latin, `SELECT convert_from('\\xe9'::bytea, 'LATIN1') AS t`)).pageRows).toEqual([
      ['é'],
    ]);
  });

  it('may not send a row that would not fit into memory', async () => {
    const connector = connect(addressOf(await server.createDatabase('huge')));
    expect(await workspace.failure(connector, `SELECT repeat('x', 200000000)`)).toBe('query_result_too_large');
    expect(await workspace.failure(connector, `SELECT repeat('x', 600000000) || repeat('x', 600000000)`)).toBe(
      'query_failed',
    );
    const columns = Array.from({ length: 10_000 }, (_, index) => `1 AS c${index}`).join(', ');
    expect(await workspace.failure(connector, `SELECT ${columns}`)).toBe('query_failed');
    const { pageRows } = await workspace.run(connector, `SELECT repeat('x', 5000000) AS x, 2 AS y`);
    expect(pageRows).toEqual([['x'.repeat(5_000_000), 2]]);
  });

  it('writes a large result whose last row does not fit its type as text', async () => {
    const connector = connect(addressOf(await server.createDatabase('late')));
    const sql = `SELECT i, CASE WHEN i < 200000 THEN (i / 4.0)::numeric(12,2) ELSE 'NaN' END::numeric(12,2) AS n,
      repeat('y', 20) AS pad FROM generate_series(1, 200000) AS t(i)`;
    const { rowCount, columns, pageRows } = await workspace.run(connector, sql, { maxRows: 300_000 });
    expect(rowCount).toBe(200_000);
    expect(columns[1]).toEqual({ name: 'n', type: 'decimal' });
    expect(pageRows[0]?.[1]).toBe('0.25');
  });

  it('checks a password and tells nothing of it', async () => {
    const { url, admin } = await database('locked', `CREATE ROLE locked LOGIN PASSWORD 'right' CONNECTION LIMIT 0`);
    try {
      const failed = connect(addressOf(url, { username: 'locked', password: 'not this' })).test();
      await expect(failed).rejects.toMatchObject({ code: 'source_unreachable' });
      await expect(failed).rejects.not.toThrow(/not this|locked/);
      expect(await codeOf(connect(addressOf(url, { database: 'no_such_database' })).test())).toBe('source_refused');
    } finally {
      await admin.end();
    }
  });
});

describe('something that is no PostgreSQL server', () => {
  let workspace: Workspace;
  const servers: { server: Server; sockets: Set<Socket> }[] = [];

  beforeAll(async () => {
    workspace = await Workspace.open();
  });
  afterAll(async () => {
    for (const { server: fake, sockets } of servers) {
      for (const socket of sockets) socket.destroy();
      fake.close();
    }
    await workspace?.close();
  });

  async function fake(
    onConnection: (socket: Socket) => void,
    changes: Partial<SourceAddress> = {},
  ): Promise<PostgresConnector> {
    const sockets = new Set<Socket>();
    const listening = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      onConnection(socket);
    }).listen(0, '127.0.0.1');
    await once(listening, 'listening');
    servers.push({ server: listening, sockets });
    const address = listening.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    return new PostgresConnector({
      address: addressOf(`postgres://u@127.0.0.1:${port}/d`, { options: { connect_timeout_ms: 500 }, ...changes }),
      policy: LOCAL,
      bounds: workspace.bounds,
    });
  }

  it.each(['disable', 'prefer', 'require', 'verify-full'] as const)(
    'that accepts and never answers is given up, with sslmode %s',
    async (sslMode) => {
      expect(await codeOf((await fake(() => undefined, { sslMode })).test())).toBe('source_timeout');
    },
  );

  it('that hangs up is not reachable', async () => {
    expect(await codeOf((await fake((socket) => socket.end())).test())).toBe('source_unreachable');
  });

  it.each([
    ['of another protocol', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['of zeros', '\0'.repeat(100)],
    ['with a length that is too short', 'E\0\0\0\x04'],
    ['after the sign-in', 'R\0\0\0\x08\0\0\0\0Z\0\0\0\0'],
    ['without an end', '\xff'.repeat(5_000)],
  ])('that sends garbage %s is given up', async (_what, garbage) => {
    const connector = await fake((socket) => void socket.write(garbage, 'latin1'));
    expect(await codeOf(connector.test())).toMatch(/^source_(unreachable|timeout|lost)$/);
  });

  it('that refuses TLS is told from one that cannot be reached, and sslmode prefer goes on without', async () => {
    const refuse = (socket: Socket): void => {
      socket.once('data', (first) => {
        if (first.length === 8) socket.write('N');
      });
    };
    expect(await codeOf((await fake(refuse, { sslMode: 'require' })).test())).toBe('source_tls_failed');
    expect(await codeOf((await fake(refuse, { sslMode: 'prefer' })).test())).toBe('source_timeout');
  });

  it('that accepts the sign-in and then falls silent is given up when the time of the query is over', async () => {
    const connector = await fake((socket) => {
      const ready = Buffer.from('R\0\0\0\x08\0\0\0\0K\0\0\0\x0c\0\0\0\x01\0\0\0\x02Z\0\0\0\x05I', 'latin1');
      socket.once('data', () => void socket.write(ready));
    });
    const started = performance.now();
    expect(await workspace.failure(connector, 'SELECT 1', { timeoutMs: 500 })).toBe('query_timeout');
    expect(performance.now() - started).toBeLessThan(8_000);
  });
});
