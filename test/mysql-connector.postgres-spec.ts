import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { MySqlConnector } from '../src/engine/connectors/mysql/index.js';
import type { SourceAddress } from '../src/engine/connectors/remote/source-address.js';
import {
  codeOf,
  connectorContract,
  type ContractSource,
  LOCAL,
  type TypeCase,
  Workspace,
} from './support/connector-contract.js';
import { type Behaviour, column, END, FakeMySql, row, SCRAMBLE } from './support/fake-mysql.js';
import { startMariaDb } from './support/mariadb.mjs';

let server: Awaited<ReturnType<typeof startMariaDb>>;

let certificates: Certificates;
const NAMES = 'subjectAltName=DNS:localhost';

beforeAll(async () => {
  certificates = makeCertificates();
  server = await startMariaDb([
    '--max-allowed-packet=1G',
    `--ssl-cert=${certificates.certificate}`,
    `--ssl-key=${certificates.key}`,
    `--ssl-ca=${certificates.authority}`,
  ]);
}, 60_000);
afterAll(async () => {
  await server?.stop();
  rmSync(certificates.folder, { recursive: true, force: true });
});

interface Certificates {
  folder: string;
  authority: string;
  certificate: string;
  key: string;
}

/** A certificate for `localhost`, and the authority that signed it. */
function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'lumiere-certificates-'));
  chmodSync(folder, 0o755);
  const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2', '-subj', '/CN=Test authority');
  openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost', '-addext', NAMES);
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-copy_extensions', 'copy', '-days', '2'];
  openssl('x509', '-req', '-in', 'server.csr', ...signed, '-out', 'server.pem');
  chmodSync(join(folder, 'server.key'), 0o644);
  const [authority = '', certificate = '', file = ''] = ['ca.pem', 'server.pem', 'server.key'].map((name) =>
    join(folder, name),
  );
  return { folder, authority, certificate, key: file };
}

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
     CREATE VIEW big_orders AS SELECT * FROM orders WHERE amount > 100;
     ${KINDS}`,
  );
  // What it may not do is then the connector's doing, and not the server's.
  await admin.query('GRANT ALL ON contract.* TO contract');
  const sessions = async (): Promise<RowDataPacket[]> => {
    const [rows] = await admin.query<RowDataPacket[]>(
      `SELECT id, info FROM information_schema.processlist WHERE user = 'contract'`,
    );
    return rows;
  };
  return {
    address,
    running: async () => (await sessions()).filter(({ info }) => /^SELECT (SLEEP|seq)/.test(String(info))).length,
    endSessions: async () => {
      for (const { id } of await sessions()) await admin.query(`KILL ${id}`);
    },
    stop: () => admin.end(),
  };
}

/** Columns of every type that an expression does not have, in one row. */
const KINDS = `
  CREATE TABLE kinds (
    tiny tinyint, truth boolean, tiny_u tinyint unsigned, small_u smallint unsigned, medium mediumint, medium_u mediumint unsigned,
    int_u int unsigned zerofill, big_u bigint unsigned, small_big_u bigint unsigned, f float, whole float, d double,
    fine decimal(38,10), wide decimal(65,30), y year, bit_1 bit(1), bit_9 bit(9), bit_64 bit(64),
    day date, zero_day date, part_day date, at datetime(6), whole_at datetime, zero_at datetime, moment timestamp(3) NULL, zero_moment timestamp,
    clock time(3), long_clock time, past_clock time(6), latin varchar(10) CHARACTER SET latin1, fixed char(6), bin binary(4), blob_1 blob,
    mood enum('fine', 'so so'), several set('a', 'b', 'c'), doc json, place point, id uuid, inet inet6, empty_blob blob, long_text longtext
  );
  SET SESSION sql_mode = '';
  INSERT INTO kinds VALUES (
    -128, true, 255, 65535, -8388608, 16777215, 7, 18446744073709551615, 3, 0.1, 16777217, 0.1e0 + 0.2e0,
    1234567890123456789012345678.0123456789, 12345678901234567890123456789012345.000000000000000000000000000001, 1901, b'1', b'100000001', 18446744073709551615,
    '2024-02-29', '0000-00-00', '2024-05-00', '2024-01-01 00:00:00.000001', '9999-12-31 23:59:59', '0000-00-00 00:00:00', '2024-01-01 07:00:00.250', '0000-00-00 00:00:00',
    '23:59:59.999', '838:59:59', '-00:00:00.5', 'é', 'ab', 'x', x'00ff0a5c', 'so so', 'a,c', '{"a": [1, "x\\\\ny"]}', ST_GeomFromText('POINT(1 2)'),
    '00000000-0000-0000-0000-000000000001', '::1', '', REPEAT('é', 70000)
  );`;

const kind = (column: string, type: TypeCase['type'], value: TypeCase['value']): TypeCase => ({
  sql: `(SELECT ${column} FROM kinds)`,
  type,
  value,
});

const TYPES: TypeCase[] = [
  { sql: `32767`, type: 'integer', value: 32767 },
  { sql: `-9223372036854775808`, type: 'integer', value: '-9223372036854775808' },
  { sql: `9007199254740993`, type: 'integer', value: '9007199254740993' },
  { sql: `-4294967297`, type: 'integer', value: -4294967297 },
  { sql: `1 = 1`, type: 'integer', value: 1 },
  { sql: `12345678.90`, type: 'decimal', value: '12345678.90' },
  { sql: `-0.05`, type: 'decimal', value: '-0.05' },
  { sql: `SUM(0.10)`, type: 'decimal', value: '0.10' },
  { sql: `1e300`, type: 'float', value: 1e300 },
  { sql: `-1.5e-7`, type: 'float', value: -1.5e-7 },
  { sql: `NULL`, type: 'text', value: null },
  { sql: `''`, type: 'text', value: '' },
  {
    sql: `'tab\\t line\\n return\\r \\\\n \\\\t \\\\0 "q", \\0 \\Z é ☃ 😀'`,
    type: 'text',
    value: 'tab\t line\n return\r \\n \\t \\0 "q", \0 \x1a é ☃ 😀',
  },
  { sql: `'\\\\N'`, type: 'text', value: '\\N' },
  { sql: `CONCAT(1, '-', 2.50)`, type: 'text', value: '1-2.50' },
  { sql: `x'deadbeef'`, type: 'binary', value: '3q2+7w==' },
  { sql: `JSON_OBJECT('a', 1, 'b', NULL)`, type: 'json', value: { a: 1, b: null } },
  { sql: `DATE '2024-02-29'`, type: 'date', value: '2024-02-29' },
  { sql: `TIMESTAMP '2024-01-01 10:00:00'`, type: 'timestamp', value: '2024-01-01T10:00:00' },
  { sql: `SEC_TO_TIME(100000)`, type: 'time', value: '27:46:40' },
  kind('tiny', 'integer', -128),
  kind('truth', 'integer', 1),
  kind('tiny_u', 'integer', 255),
  kind('small_u', 'integer', 65535),
  kind('medium', 'integer', -8388608),
  kind('medium_u', 'integer', 16777215),
  kind('int_u', 'integer', 7),
  kind('big_u', 'integer', '18446744073709551615'),
  kind('small_big_u', 'integer', 3),
  kind('f', 'float', 0.1),
  kind('whole', 'float', 16777216),
  kind('d', 'float', 0.30000000000000004),
  kind('fine', 'decimal', '1234567890123456789012345678.0123456789'),
  kind('wide', 'decimal', '12345678901234567890123456789012345.000000000000000000000000000001'),
  kind('y', 'integer', 1901),
  kind('bit_1', 'integer', 1),
  kind('bit_9', 'integer', 257),
  kind('bit_64', 'integer', '18446744073709551615'),
  kind('day', 'date', '2024-02-29'),
  kind('zero_day', 'date', '0000-00-00'),
  kind('part_day', 'date', '2024-05-00'),
  kind('at', 'timestamp', '2024-01-01T00:00:00.000001'),
  kind('whole_at', 'timestamp', '9999-12-31T23:59:59'),
  kind('zero_at', 'timestamp', '0000-00-00 00:00:00'),
  kind('moment', 'timestamptz', '2024-01-01T07:00:00.25Z'),
  kind('zero_moment', 'timestamptz', '0000-00-00 00:00:00'),
  kind('clock', 'time', '23:59:59.999'),
  kind('long_clock', 'time', '838:59:59'),
  kind('past_clock', 'time', '-00:00:00.500000'),
  kind('latin', 'text', 'é'),
  kind('fixed', 'text', 'ab'),
  kind('bin', 'binary', 'eAAAAA=='),
  kind('blob_1', 'binary', 'AP8KXA=='),
  kind('empty_blob', 'binary', ''),
  kind('mood', 'text', 'so so'),
  kind('several', 'text', 'a,c'),
  kind('doc', 'json', { a: [1, 'x\ny'] }),
  kind('place', 'binary', 'AAAAAAEBAAAAAAAAAAAA8D8AAAAAAAAAQA=='),
  kind('id', 'uuid', '00000000-0000-0000-0000-000000000001'),
  kind('inet', 'text', '::1'),
  { sql: `(SELECT CHAR_LENGTH(long_text) FROM kinds)`, type: 'integer', value: 70_000 },
  kind('long_text', 'text', 'é'.repeat(70_000)),
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

describe('a MySQL source', () => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await Workspace.open();
  });
  afterAll(() => workspace?.close());

  const connect = (address: SourceAddress): MySqlConnector =>
    new MySqlConnector({ address, policy: LOCAL, bounds: workspace.bounds });

  it('is read for what the account may see, in the database that is connected to', async () => {
    const { address, admin } = await database(
      'rights',
      `CREATE TABLE here (id int PRIMARY KEY, secret text, code varchar(5) UNIQUE, note longtext, flag bit(3)) COMMENT 'A table';
       INSERT INTO here VALUES (1, 's', 'a', 'n', 5), (2, NULL, 'b', NULL, 2);
       CREATE TABLE \`odd \`\`name\` (\`a ? "b" \\\` date COMMENT 'odd', at timestamp NULL, two decimal(5,2), zero date, doc json);
       SET SESSION sql_mode = '';
       INSERT INTO \`odd \`\`name\` VALUES ('2024-01-02', '2024-01-02 03:04:05', 1.50, '0000-00-00', '{}');
       CREATE TABLE parts (day date, n int, kind enum('x', 'y')) PARTITION BY HASH (n) PARTITIONS 3;
       INSERT INTO parts SELECT '2024-05-05', seq, 1 + seq % 2 FROM seq_1_to_50;
       CREATE VIEW seen AS SELECT id, code FROM here;
       CREATE VIEW broken AS SELECT id AS gone FROM here; ALTER TABLE here RENAME COLUMN id TO id2;
       ALTER TABLE here RENAME COLUMN id2 TO id;
       CREATE TABLE hidden (id int);
       CREATE DATABASE elsewhere; CREATE TABLE elsewhere.other (id int); GRANT SELECT ON elsewhere.* TO rights;
       CREATE TABLE pairs (a int, b int, PRIMARY KEY (a, b));
       CREATE TABLE pointing (a int, b int, h int, FOREIGN KEY (a, b) REFERENCES pairs (a, b), FOREIGN KEY (h) REFERENCES here (id));
       REVOKE SELECT ON rights.* FROM rights;
       GRANT SELECT (id, code, note, flag) ON here TO rights;
       GRANT SELECT ON \`odd \`\`name\` TO rights; GRANT SELECT ON parts TO rights; GRANT SELECT ON seen TO rights;
       GRANT SELECT ON pairs TO rights; GRANT SELECT ON pointing TO rights;`,
    );
    try {
      const { tables, relationships } = await connect(address).introspect();
      expect(tables.map(({ name, columns }) => [name, columns.map((column) => column.name)])).toEqual([
        ['here', ['id', 'code', 'note', 'flag']],
        ['odd `name', ['a ? "b" \\', 'at', 'two', 'zero', 'doc']],
        ['pairs', ['a', 'b']],
        ['parts', ['day', 'n', 'kind']],
        ['pointing', ['a', 'b', 'h']],
        ['seen', ['id', 'code']],
      ]);
      const [here, odd, pairs, parts] = tables;
      expect(here).toMatchObject({ description: 'A table', rowCount: 2, primaryKey: ['id'] });
      expect(here?.columns.map(({ type, nativeType, nullable }) => [type, nativeType, nullable])).toEqual([
        ['integer', 'int(11)', false],
        ['text', 'varchar(5)', true],
        ['text', 'longtext', true],
        ['integer', 'bit(3)', true],
      ]);
      expect(here?.columns.map(({ stats }) => [stats.distinct, stats.nulls, stats.min, stats.max])).toEqual([
        [2, 0, '1', '2'],
        [2, 0, 'a', 'b'],
        [null, null, null, null],
        [2, 0, '2', '5'],
      ]);
      expect(odd?.columns.map(({ type, stats }) => [type, stats.min])).toEqual([
        ['date', '2024-01-02'],
        ['timestamptz', '2024-01-02T03:04:05Z'],
        ['decimal', '1.50'],
        ['date', null],
        ['json', null],
      ]);
      expect(odd?.columns[0]?.description).toBe('odd');
      expect(pairs?.primaryKey).toEqual(['a', 'b']);
      expect(parts?.rowCount).toBe(50);
      expect(parts?.columns[2]?.values).toEqual(['x', 'y']);
      expect(relationships.map(({ from, to }) => [from, to])).toEqual([
        [
          { table: 'pointing', column: 'h' },
          { table: 'here', column: 'id' },
        ],
      ]);
      const { pageRows } = await workspace.run(connect(address), 'SELECT code FROM here ORDER BY code');
      expect(pageRows).toEqual([['a'], ['b']]);
      for (const sql of ['SELECT secret FROM here', 'SELECT * FROM hidden']) {
        expect(await workspace.failure(connect(address), sql)).toBe('source_refused');
      }
    } finally {
      await admin.end();
    }
  });

  it('of many rows is described from some of them', async () => {
    const { address, admin } = await database(
      'large',
      `CREATE TABLE large (id int PRIMARY KEY, day date, city varchar(20), note varchar(50), gap int, KEY (day));
       INSERT INTO large SELECT seq, DATE '2020-01-01' + INTERVAL seq % 1000 DAY, ELT(1 + seq % 3, 'Oslo', 'Bergen', 'Paris'),
         CONCAT('note ', seq), IF(seq % 2, NULL, seq) FROM seq_1_to_60000;
       ANALYZE TABLE large;`,
    );
    try {
      const { tables } = await connect(address).introspect();
      const [table] = tables;
      const [id, day, city, note, gap] = table?.columns ?? [];
      expect(table?.rowCount).toBeGreaterThan(50_000);
      expect(id?.stats).toMatchObject({ distinct: table?.rowCount, min: '1', max: '60000' });
      expect(day?.stats).toMatchObject({ min: '2020-01-01', max: '2022-09-26' });
      expect(city?.values).toEqual(['Bergen', 'Oslo', 'Paris']);
      expect(note).toMatchObject({ values: null, stats: { samples: expect.arrayContaining(['note 1']) as unknown } });
      expect((gap?.stats.nulls ?? 0) / (table?.rowCount ?? 1)).toBeCloseTo(0.5, 2);
    } finally {
      await admin.end();
    }
  });

  it('with 2,000 tables is introspected in less than ten seconds', async () => {
    const tables = Array.from(
      { length: 2000 },
      (_, index) =>
        `CREATE TABLE t${index} (id int PRIMARY KEY, label varchar(20), at timestamp); INSERT INTO t${index} VALUES (1, 'x', NOW());`,
    );
    const { address, admin } = await database('many', tables.join('\n'));
    try {
      const started = performance.now();
      const catalog = await connect(address).introspect();
      expect(catalog.tables).toHaveLength(2000);
      expect(performance.now() - started).toBeLessThan(10_000);
      expect(catalog.tables[0]?.rowCount).toBe(1);
    } finally {
      await admin.end();
    }
  }, 120_000);

  it('may not send a row that would not fit into memory', async () => {
    const { address, admin } = await database('huge', 'DO 0');
    await admin.end();
    const connector = connect(address);
    for (const sql of [`SELECT REPEAT('x', 200000000)`, `SELECT REPEAT('\n', 20000000)`]) {
      expect([sql, await workspace.failure(connector, sql)]).toEqual([sql, 'query_result_too_large']);
    }
    const columns = Array.from({ length: 10_000 }, (_, index) => `1 AS c${index}`).join(', ');
    expect(await workspace.failure(connector, `SELECT ${columns}`)).toBe('query_out_of_memory');
    const { pageRows } = await workspace.run(connector, `SELECT REPEAT('x', 20000000) AS x, 2 AS y`);
    expect(pageRows).toEqual([['x'.repeat(20_000_000), 2]]);
  });

  it('stores hundreds of columns, and rows with nulls everywhere', async () => {
    const { address, admin } = await database('wide', 'DO 0');
    await admin.end();
    const cells = Array.from({ length: 600 }, (_, index) => (index % 2 ? 'NULL' : `'v${index}'`));
    const { pageRows } = await workspace.run(connect(address), `SELECT ${cells.join(', ')}`);
    expect(pageRows).toEqual([cells.map((_, index) => (index % 2 ? null : `v${index}`))]);
  });

  it('tells of bits that went through an expression what they are', async () => {
    const { address, admin } = await database(
      'bits',
      `CREATE TABLE flags (f bit(9), g bit(8)); INSERT INTO flags VALUES (b'100000001', 49)`,
    );
    await admin.end();
    const { columns, pageRows } = await workspace.run(connect(address), 'SELECT f, g, MIN(f), MAX(g) FROM flags');
    expect(columns.map(({ type }) => type)).toEqual(['integer', 'integer', 'integer', 'integer']);
    expect(pageRows).toEqual([[257, 49, 257, 49]]);
  });

  it('gives the same rows in the protocol that a FLOAT, or a DOUBLE with a scale, needs', async () => {
    const { address, admin } = await database(
      'protocols',
      `${KINDS} ALTER TABLE kinds ADD scaled double(20,2) DEFAULT 10`,
    );
    try {
      const connector = connect(address);
      const { columns } = await workspace.run(connector, 'SELECT * FROM kinds');
      const names = columns.map(({ name }) => name).filter((name) => !['f', 'whole', 'scaled'].includes(name));
      const alone = await workspace.run(connector, `SELECT ${names.join(', ')}, NULL AS f FROM kinds`);
      const beside = await workspace.run(connector, `SELECT ${names.join(', ')}, f FROM kinds`);
      expect(beside.pageRows.map((cells) => cells.slice(0, -1))).toEqual(
        alone.pageRows.map((cells) => cells.slice(0, -1)),
      );
      expect(beside.columns.slice(0, -1)).toEqual(alone.columns.slice(0, -1));
      const { pageRows } = await workspace.run(connector, 'SELECT scaled / 3 FROM kinds');
      expect(pageRows).toEqual([[10 / 3]]);
    } finally {
      await admin.end();
    }
  });

  it('explains a statement as a result', async () => {
    const { address, admin } = await database('plans', 'CREATE TABLE t (id int PRIMARY KEY)');
    await admin.end();
    const { columns, rowCount } = await workspace.run(connect(address), 'EXPLAIN SELECT * FROM t');
    expect(columns.map(({ name }) => name)).toContain('select_type');
    expect(rowCount).toBe(1);
  });

  it('runs nothing that has no rows, whatever the account may do', async () => {
    const { address, admin } = await database(
      'mighty',
      `CREATE TABLE t (id int); INSERT INTO t VALUES (1); GRANT ALL ON *.* TO mighty;
       CREATE PROCEDURE remove() BEGIN DELETE FROM t; SELECT 1; END`,
    );
    try {
      const statements = [
        'SET GLOBAL max_connections = 7',
        'CALL remove()',
        'DO SLEEP(5)',
        `SELECT 1 INTO OUTFILE '/tmp/lumiere-outfile'`,
        'SELECT 1 INTO @x',
        'FLUSH TABLES',
        'INSERT INTO t VALUES (2) RETURNING id',
        'SELECT ?',
        'CREATE TABLE u AS SELECT 1',
        'GRANT ALL ON *.* TO mighty',
        'LOCK TABLES t WRITE',
        `LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE t`,
        'COMMIT',
        '',
      ];
      for (const sql of statements) {
        expect([sql, await workspace.failure(connect(address), sql)]).toEqual([sql, 'query_failed']);
      }
      const [rows] = await admin.query<RowDataPacket[]>('SELECT COUNT(*) AS n, @@GLOBAL.max_connections AS m FROM t');
      expect(rows).toEqual([{ n: 1, m: 151 }]);
    } finally {
      await admin.end();
    }
  });

  it('reads as the guard expects, whatever the server is set to', async () => {
    const { address, admin } = await database('settings', 'DO 0');
    await admin.query(`SET GLOBAL sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,IGNORE_SPACE'`);
    await admin.query(
      `SET GLOBAL time_zone = '+09:00', GLOBAL group_concat_max_len = 1024, GLOBAL sql_select_limit = 3`,
    );
    try {
      const connector = connect(address);
      const { pageRows } = await workspace.run(
        connector,
        `SELECT "a", 'b\\'', 0 || 1, @@time_zone, LENGTH(GROUP_CONCAT(seq)) FROM seq_1_to_2000`,
      );
      expect(pageRows).toEqual([['a', "b'", 1, '+00:00', 8892]]);
      expect((await workspace.run(connector, 'SELECT seq FROM seq_1_to_9')).rowCount).toBe(9);
    } finally {
      await admin.query(
        `SET GLOBAL sql_mode = DEFAULT, GLOBAL time_zone = 'SYSTEM', GLOBAL sql_select_limit = DEFAULT`,
      );
      await admin.end();
    }
  });

  it('stops at the rows that are wanted, also of a statement with a limit of its own', async () => {
    const { address, admin } = await database('limits', 'DO 0');
    await admin.end();
    const connector = connect(address);
    for (const sql of [
      'SELECT seq FROM seq_1_to_1000000000 LIMIT 900000000',
      'SELECT seq FROM seq_1_to_1000000000',
      'SELECT 1 UNION ALL SELECT seq FROM seq_1_to_1000000000 LIMIT 100000000',
    ]) {
      expect(await workspace.run(connector, sql, { maxRows: 7 })).toMatchObject({ rowCount: 7, truncated: true });
    }
  });

  it('says what a statement is expected to cost, however it is made', async () => {
    const { address, admin } = await database(
      'costs',
      `CREATE TABLE t (id int PRIMARY KEY, g int); INSERT INTO t SELECT seq, seq % 10 FROM seq_1_to_1000; ANALYZE TABLE t`,
    );
    await admin.end();
    const rows = async (sql: string): Promise<number> => (await connect(address).estimate(sql)).rows;
    expect(await rows('SELECT 1')).toBe(1);
    expect(await rows('SELECT * FROM t WHERE id = 3')).toBe(1);
    expect(await rows('SELECT * FROM t UNION ALL SELECT * FROM t')).toBeGreaterThan(1900);
    expect(await rows('SELECT * FROM t a JOIN t b ON a.g = b.g ORDER BY a.id')).toBeGreaterThan(100_000);
    expect(await rows('WITH x AS (SELECT g, COUNT(*) FROM t GROUP BY g) SELECT * FROM x')).toBeGreaterThan(1);
    expect(await codeOf(connect(address).estimate('SELECT nothing FROM t'))).toBe('query_failed');
  });

  it('tells why the server said no, and nothing of the data', async () => {
    const { address, admin } = await database(
      'refusals',
      `CREATE TABLE t (s varchar(20)); INSERT INTO t VALUES ('secret value');
       CREATE FUNCTION hard() RETURNS int BEGIN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'secret value'; RETURN 1; END`,
    );
    await admin.query('GRANT EXECUTE ON refusals.* TO refusals');
    try {
      const message = async (sql: string): Promise<string> => {
        const failed = workspace.run(connect(address), sql).then(
          () => 'nothing failed',
          (error: unknown) => String(error),
        );
        return failed;
      };
      expect(await message('SELECT nothing FROM t')).toContain("Unknown column 'nothing'");
      expect(await message('SELECT * FROM nowhere')).toContain("nowhere' doesn't exist");
      expect(await message('SELECT FROM t WHERE')).toContain('does not understand');
      for (const sql of ['SELECT hard()', `SELECT (SELECT s FROM t UNION ALL SELECT s FROM t)`, 'SELECT 9e307 * 100']) {
        expect([sql, await message(sql)]).toEqual([sql, expect.not.stringMatching(/secret|9e307|nothing failed/)]);
      }
      expect(await codeOf(connect({ ...address, password: 'not this' }).test())).toBe('source_refused');
      await expect(connect({ ...address, password: 'not this' }).test()).rejects.not.toThrow(/not this|refusals/);
      expect(await codeOf(connect({ ...address, database: 'no_such_database' }).test())).toBe('source_refused');
      expect(await codeOf(connect({ ...address, database: 'mysql' }).test())).toBe('source_refused');
      await admin.query('ALTER USER refusals WITH MAX_USER_CONNECTIONS 1');
      const waiting = workspace.run(connect(address), 'SELECT SLEEP(2)');
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(await codeOf(connect(address).test())).toBe('source_unreachable');
      await waiting;
    } finally {
      await admin.end();
    }
  });

  it('without a connection to spare for the kill is ended by cutting its own', async () => {
    const { address, admin } = await database('single', 'ALTER USER single WITH MAX_USER_CONNECTIONS 1');
    try {
      const started = performance.now();
      expect(await workspace.failure(connect(address), 'SELECT SLEEP(30)', { timeoutMs: 500 })).toBe('query_timeout');
      expect(performance.now() - started).toBeLessThan(6_000);
      // The server's own limit of the statement ends it there.
      const [rows] = await admin.query<RowDataPacket[]>(
        `SELECT id FROM information_schema.processlist WHERE user = 'single' AND info LIKE 'SELECT%'`,
      );
      expect(rows).toEqual([]);
    } finally {
      await admin.end();
    }
  });

  it('that does not know its password plugin is refused, with a sentence that says what to do', async () => {
    const { address, admin } = await database('plugged', 'DO 0');
    await admin.query(
      `INSTALL SONAME 'auth_ed25519'; ALTER USER plugged IDENTIFIED VIA ed25519 USING PASSWORD('reads only')`,
    );
    await admin.end();
    await expect(connect(address).test()).rejects.toMatchObject({
      code: 'source_refused',
      message: expect.stringContaining('caching_sha2_password') as unknown,
    });
  });

  describe('over TLS', () => {
    const authority = (): string => readFileSync(certificates.authority, 'utf8');

    beforeAll(async () => {
      const { admin } = await database('secured', 'ALTER USER secured REQUIRE SSL');
      await admin.end();
    });

    it.each([
      ['disable', 'localhost', false, 'source_refused'],
      ['prefer', '127.0.0.1', false, 'ok'],
      ['require', '127.0.0.1', false, 'ok'],
      ['verify-ca', '127.0.0.1', false, 'source_tls_failed'],
      ['verify-ca', '127.0.0.1', true, 'ok'],
      ['verify-full', 'localhost', true, 'ok'],
      ['verify-full', 'localhost', false, 'source_tls_failed'],
      ['verify-full', '127.0.0.1', true, 'source_tls_failed'],
    ] as const)('with %s to %s, its authority known: %s, ends with %s', async (sslMode, host, known, end) => {
      const options = known ? { ca_certificate: authority() } : {};
      const connector = connect(addressOf('secured', { host, sslMode, options }));
      const tried = connector.test().then(
        () => 'ok',
        (error: { code: string }) => error.code,
      );
      expect(await tried).toBe(end);
    });

    it('is killed over TLS too', async () => {
      const options = { ca_certificate: authority() };
      const connector = connect(addressOf('secured', { host: 'localhost', sslMode: 'verify-full', options }));
      const started = performance.now();
      expect(await workspace.failure(connector, 'SELECT SLEEP(20)', { timeoutMs: 500 })).toBe('query_timeout');
      expect(performance.now() - started).toBeLessThan(2_500);
    });
  });
});

describe('something that is no good MySQL server', () => {
  let workspace: Workspace;
  const fakes: FakeMySql[] = [];

  beforeAll(async () => {
    workspace = await Workspace.open();
  });
  afterAll(async () => {
    for (const fake of fakes) fake.stop();
    await workspace?.close();
  });

  async function fake(
    behaviour: Behaviour,
    changes: Partial<SourceAddress> = {},
  ): Promise<{ connector: MySqlConnector; fake: FakeMySql }> {
    const started = await FakeMySql.start(behaviour);
    fakes.push(started);
    const address = addressOf('d', { port: started.port, options: { connect_timeout_ms: 500 }, ...changes });
    return { fake: started, connector: new MySqlConnector({ address, policy: LOCAL, bounds: workspace.bounds }) };
  }

  it('is told from one that is', async () => {
    const { connector, fake: good } = await fake({});
    expect(await connector.test()).toMatchObject({ ok: true, serverVersion: 'MySQL 8.4.2' });
    expect((await workspace.run(connector, 'SELECT 1')).pageRows).toEqual([['one']]);
    expect(good.statements.some((sql) => sql.includes('max_execution_time = '))).toBe(true);
    expect(good.statements.some((sql) => sql.includes('max_statement_time'))).toBe(false);
  });

  it.each([
    ['5.6.40', 'MySQL 5.6.40 is too old'],
    ['5.5.5-10.1.48-MariaDB', 'too old'],
  ])('but of version %s is refused', async (version, sentence) => {
    const { connector } = await fake({ version });
    await expect(connector.test()).rejects.toMatchObject({
      code: 'source_refused',
      message: expect.stringContaining(sentence) as unknown,
    });
  });

  it.each(['disable', 'prefer', 'require', 'verify-full'] as const)(
    'that accepts and never answers is given up, with sslmode %s',
    async (sslMode) => {
      expect(await codeOf((await fake({ greeting: null }, { sslMode })).connector.test())).toBe('source_timeout');
    },
  );

  it('that hangs up is not reachable, or lost when that is after the sign-in', async () => {
    const hangUp = (session: { socket: { destroy(): void } }): true => {
      session.socket.destroy();
      return true;
    };
    const { connector } = await fake({ onSignIn: hangUp });
    expect(await codeOf(connector.test())).toBe('source_unreachable');
    expect(await codeOf((await fake({ onQuery: hangUp })).connector.test())).toBe('source_lost');
  });

  it.each([
    ['of another protocol', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['of zeros', '\0'.repeat(100)],
    ['that is cut', '\x05\0\0\0\x0a8.4.'],
    ['without an end', '\xff'.repeat(200_000)],
    ['of another version', '\x02\0\0\0\x09x'],
  ])('that sends garbage %s is given up', async (_what, garbage) => {
    const { connector } = await fake({ greeting: Buffer.from(garbage, 'latin1') });
    expect(await codeOf(connector.test())).toMatch(/^source_(unreachable|timeout|lost)$/);
  });

  it('that says no before the greeting is understood', async () => {
    const full = Buffer.from('\x17\0\0\0\xff\x10\x04Too many connections', 'latin1');
    await expect((await fake({ greeting: full })).connector.test()).rejects.toMatchObject({
      code: 'source_unreachable',
      message: expect.stringContaining('no free connection') as unknown,
    });
  });

  it('without TLS is told from one that cannot be reached, and sslmode prefer goes on without', async () => {
    expect(await codeOf((await fake({}, { sslMode: 'require' })).connector.test())).toBe('source_tls_failed');
    expect((await (await fake({}, { sslMode: 'prefer' })).connector.test()).ok).toBe(true);
    const broken = await fake({ offersTls: true, onSignIn: ({ socket }) => void socket.write('no TLS') });
    expect(await codeOf(broken.connector.test())).toBe('source_unreachable');
  });

  it.each(['disable', 'prefer'] as const)('gets no password in plain text, with sslmode %s', async (sslMode) => {
    const asking = await fake(
      { onSignIn: (session) => session.send(Buffer.from('\xfemysql_clear_password\0\0', 'latin1')) },
      { sslMode, password: 'very secret' },
    );
    expect(await codeOf(asking.connector.test())).toBe('source_refused');
    expect(Buffer.concat(asking.fake.received).toString('latin1')).not.toContain('very secret');
  });

  it('gets the proof that caching_sha2_password asks for', async () => {
    const sha256 = (...parts: Buffer[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
    const once = sha256(Buffer.from('very secret'));
    const mask = sha256(sha256(once), SCRAMBLE);
    const proof = Buffer.from(once.map((byte, index) => byte ^ (mask[index] ?? 0)));
    const { connector } = await fake(
      {
        plugin: 'caching_sha2_password',
        onSignIn: (session, response) => {
          if (!response.includes(proof)) session.socket.destroy();
          else session.send(Buffer.from([1, 3]), Buffer.from([0, 0, 0, 2, 0, 0, 0]));
        },
      },
      { password: 'very secret' },
    );
    expect((await connector.test()).ok).toBe(true);
  });

  it('that asks for a file of this machine gets none', async () => {
    const infile = Buffer.from('\xfb/etc/hostname', 'latin1');
    const asks = await fake({ onRun: (session) => session.send(infile) });
    expect(await workspace.failure(asks.connector, 'SELECT 1')).toBe('source_lost');
    const early = await fake({
      onQuery: (session, sql) => {
        if (!sql.startsWith('SET NAMES')) return false;
        session.send(infile);
        return true;
      },
    });
    expect(await codeOf(early.connector.test())).toMatch(/^source_/);
    for (const { received } of [asks.fake, early.fake]) {
      // LOCAL INFILE is not among what the client says that it can do.
      expect((received[0]?.readUInt32LE(4) ?? 0x80) & 0x80).toBe(0);
      expect(Buffer.concat(received).length).toBeLessThan(1_000);
    }
  });

  it.each([
    ['a row that ends too early', [Buffer.from([1]), column('cell'), END, Buffer.from([50, 65])]],
    ['a row with more than its columns', [Buffer.from([1]), column('cell'), END, Buffer.from([1, 65, 1, 66])]],
    [
      'something else than a row',
      [Buffer.from([1]), column('cell'), END, Buffer.from([254, 255, 255, 255, 255, 255, 255, 255, 255, 1])],
    ],
    ['a column that is none', [Buffer.from([1]), Buffer.from([250, 1])]],
    ['fewer columns than it said', [Buffer.from([2]), column('cell'), END]],
    ['an empty answer', [Buffer.alloc(0)]],
  ])('that sends %s is given up', async (_what, packets) => {
    const { connector } = await fake({ onRun: (session) => session.send(...packets) });
    expect(await workspace.failure(connector, 'SELECT 1', { timeoutMs: 2_000 })).toMatch(
      /^(source_lost|query_failed)$/,
    );
  });

  it('that sends text which is no UTF-8 is told from one that is lost', async () => {
    const cell = Buffer.from([0xc3, 0x28, 0xff]);
    const { connector } = await fake({
      onRun: (session) => session.send(Buffer.from([1]), column('cell'), END, row(cell), END),
    });
    expect(await workspace.failure(connector, 'SELECT 1')).toBe('source_data_invalid');
  });

  it('that accepts the sign-in and then falls silent is given up when the time of the query is over', async () => {
    const { connector } = await fake({ onQuery: () => true });
    const started = performance.now();
    expect(await workspace.failure(connector, 'SELECT 1', { timeoutMs: 500 })).toBe('query_timeout');
    expect(performance.now() - started).toBeLessThan(8_000);
  });
});
