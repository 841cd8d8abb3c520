/** The contract for Trino, of the double and of a real server. */
import { TrinoConnector } from '../../src/engine/connectors/trino/index.js';
import type { ContractEngine, TypeCase } from './connector-contract.js';
import type { RecordedAnswer } from './trino-double.js';

/** For the double: the contract's tables, and what the coordinator tells of them. */
export const TRINO_SHOP = [
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

/** A type case, and what Trino 435 has answered to it. */
type RecordedCase = TypeCase & { answer: RecordedAnswer };

const nines = '9'.repeat(38);

function recorded(
  sql: string,
  type: TypeCase['type'],
  value: TypeCase['value'],
  ...answer: [string, string]
): RecordedCase {
  const [trinoType, json] = answer;
  return { sql, type, value, answer: { type: trinoType, json } };
}

export const TRINO_TYPES: readonly RecordedCase[] = [
  recorded(`TINYINT '1'`, 'integer', 1, 'tinyint', '1'),
  recorded(`9223372036854775807`, 'integer', '9223372036854775807', 'bigint', '9223372036854775807'),
  recorded(`CAST('12345678.90' AS decimal(10,2))`, 'decimal', '12345678.90', 'decimal(10,2)', '"12345678.90"'),
  recorded(`CAST('${nines}' AS decimal(38,0))`, 'decimal', nines, 'decimal(38,0)', `"${nines}"`),
  recorded(`REAL '0.1'`, 'float', 0.1, 'real', '0.1'),
  recorded(`DOUBLE '0.1' + DOUBLE '0.2'`, 'float', 0.30000000000000004, 'double', '0.30000000000000004'),
  recorded(`nan()`, 'float', null, 'double', '"NaN"'),
  recorded(`-infinity()`, 'float', null, 'double', '"-Infinity"'),
  recorded(`true`, 'boolean', true, 'boolean', 'true'),
  recorded(`NULL`, 'text', null, 'unknown', 'null'),
  recorded(`CAST(NULL AS varchar)`, 'text', null, 'varchar', 'null'),
  recorded(`''`, 'text', '', 'varchar(0)', '""'),
  recorded(
    `U&'tab\\0009 line\\000A \\\\n "q" \\0001 \\2603 \\0000.'`,
    'text',
    'tab\t line\n \\n "q" \x01 ☃ \0.',
    'varchar(23)',
    '"tab\\t line\\n \\\\n \\"q\\" \\u0001 ☃ \\u0000."',
  ),
  recorded(`'\\N'`, 'text', '\\N', 'varchar(2)', '"\\\\N"'),
  recorded(`CAST('ab' AS char(4))`, 'text', 'ab  ', 'char(4)', '"ab  "'),
  recorded(`U&'\\+01F600'`, 'text', '😀', 'varchar(1)', '"😀"'),
  recorded(`X'DEADBEEF'`, 'binary', '3q2+7w==', 'varbinary', '"3q2+7w=="'),
  recorded(`DATE '2024-02-29'`, 'date', '2024-02-29', 'date', '"2024-02-29"'),
  recorded(`TIME '23:59:59.999999'`, 'time', '23:59:59.999999', 'time(6)', '"23:59:59.999999"'),
  recorded(`TIME '01:02:03.123456789'`, 'time', '01:02:03.123456789', 'time(9)', '"01:02:03.123456789"'),
  recorded(`TIME '12:00:00+02:00'`, 'time', '12:00:00+02:00', 'time(0) with time zone', '"12:00:00+02:00"'),
  recorded(
    `TIMESTAMP '2024-01-01 00:00:00.000001'`,
    'timestamp',
    '2024-01-01T00:00:00.000001',
    'timestamp(6)',
    '"2024-01-01 00:00:00.000001"',
  ),
  recorded(
    `TIMESTAMP '2024-01-01 00:00:00.123456789'`,
    'timestamp',
    '2024-01-01 00:00:00.123456789',
    'timestamp(9)',
    '"2024-01-01 00:00:00.123456789"',
  ),
  recorded(
    `TIMESTAMP '2024-01-01 00:00:00.123456000'`,
    'timestamp',
    '2024-01-01T00:00:00.123456',
    'timestamp(9)',
    '"2024-01-01 00:00:00.123456000"',
  ),
  recorded(
    `TIMESTAMP '2024-01-01 12:00:00 +05:00'`,
    'timestamptz',
    '2024-01-01T07:00:00Z',
    'timestamp(0) with time zone',
    '"2024-01-01 12:00:00 +05:00"',
  ),
  recorded(
    `TIMESTAMP '2024-01-01 12:00:00.5 America/New_York'`,
    'timestamptz',
    '2024-01-01T17:00:00.5Z',
    'timestamp(1) with time zone',
    '"2024-01-01 12:00:00.5 America/New_York"',
  ),
  recorded(
    `TIMESTAMP '2024-01-01 12:00:00.123456789 Asia/Tokyo'`,
    'timestamptz',
    '2024-01-01 12:00:00.123456789 Asia/Tokyo',
    'timestamp(9) with time zone',
    '"2024-01-01 12:00:00.123456789 Asia/Tokyo"',
  ),
  recorded(`INTERVAL '2' DAY`, 'interval', '2 00:00:00.000', 'INTERVAL DAY TO SECOND', '"2 00:00:00.000"'),
  recorded(`INTERVAL '15' MONTH`, 'interval', '1-3', 'INTERVAL YEAR TO MONTH', '"1-3"'),
  recorded(
    `UUID '00000000-0000-0000-0000-000000000001'`,
    'uuid',
    '00000000-0000-0000-0000-000000000001',
    'uuid',
    '"00000000-0000-0000-0000-000000000001"',
  ),
  recorded(`JSON '{"a": [1, "x\\ny"]}'`, 'json', { a: [1, 'x\ny'] }, 'json', '"{\\"a\\":[1,\\"x\\\\ny\\"]}"'),
  recorded(`IPADDRESS '10.0.0.1'`, 'text', '10.0.0.1', 'ipaddress', '"10.0.0.1"'),
  recorded(`ARRAY[1, NULL, 3]`, 'list', [1, null, 3], 'array(integer)', '[1,null,3]'),
  recorded(
    `ARRAY['a"b', 'c\\d,', '', NULL]`,
    'list',
    ['a"b', 'c\\d,', '', null],
    'array(varchar(4))',
    '["a\\"b","c\\\\d,","",null]',
  ),
  recorded(`ARRAY[9223372036854775807]`, 'list', ['9223372036854775807'], 'array(bigint)', '[9223372036854775807]'),
  recorded(`ARRAY[DECIMAL '1.50']`, 'list', ['1.50'], 'array(decimal(3,2))', '["1.50"]'),
  recorded(`ARRAY[X'DE']`, 'list', ['3g=='], 'array(varbinary)', '["3g=="]'),
  recorded(
    `ARRAY[TIMESTAMP '2024-01-01 00:00:00 +01:00']`,
    'list',
    ['2023-12-31T23:00:00Z'],
    'array(timestamp(0) with time zone)',
    '["2024-01-01 00:00:00 +01:00"]',
  ),
  recorded(`ARRAY[JSON '{"a": 1}', JSON '"x"']`, 'list', [{ a: 1 }, 'x'], 'array(json)', '["{\\"a\\":1}","\\"x\\""]'),
  recorded(`ARRAY[ARRAY[1, 2], ARRAY[3]]`, 'list', [[1, 2], [3]], 'array(array(integer))', '[[1,2],[3]]'),
  recorded(`CAST(ARRAY[] AS array(integer))`, 'list', [], 'array(integer)', '[]'),
  recorded(`MAP(ARRAY['a', 'b'], ARRAY[1, 2])`, 'json', { a: 1, b: 2 }, 'map(varchar(1), integer)', '{"a":1,"b":2}'),
  recorded(`CAST(ROW(1, 'x') AS row(a integer, b varchar))`, 'json', [1, 'x'], 'row(a integer, b varchar)', '[1,"x"]'),
];

export const TRINO_ENGINE: Omit<ContractEngine, 'name' | 'start'> = {
  connect: (source) => new TrinoConnector(source),
  types: TRINO_TYPES,
  keys: 'inferred',
  // Who needs no password is anybody.
  refused: { database: 'no_such_catalog.default' },
  numbers: (count) =>
    `SELECT 1000 * a + b AS i, 'row number ' || CAST(1000 * a + b AS varchar) AS label
     FROM UNNEST(sequence(0, ${Math.ceil(count / 1000) - 1})) AS t(a) CROSS JOIN UNNEST(sequence(1, 1000)) AS u(b)
     WHERE 1000 * a + b <= ${count} ORDER BY 1`,
  // An endless one: nobody waits for its row.
  sleep: () =>
    `SELECT count(*) AS done FROM UNNEST(sequence(1, 10000)) AS t(a) CROSS JOIN UNNEST(sequence(1, 10000)) AS u(b)
     CROSS JOIN UNNEST(sequence(1, 10000)) AS v(c) WHERE a * b + c = -1`,
  endless: `SELECT a, rpad('x', 200, 'x') AS x FROM UNNEST(sequence(1, 10000)) AS t(a) CROSS JOIN UNNEST(sequence(1, 10000)) AS u(b)
     CROSS JOIN UNNEST(sequence(1, 10000)) AS v(c)`,
};
