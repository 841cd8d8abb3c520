/** The contract for ClickHouse, of the double and of a real server. */
import { ClickHouseConnector } from '../../src/engine/connectors/clickhouse/index.js';
import type { ContractEngine, TypeCase } from './connector-contract.js';
import type { Recorded } from './clickhouse-double.js';
import { CLICKHOUSE_FUNCTIONS } from './clickhouse-translation.js';

/** For the double: the contract's tables, and what the server tells of them. */
export const CLICKHOUSE_SHOP = [
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

/** A type case, and what ClickHouse 26.9 has answered to it. */
type RecordedCase = TypeCase & { answer: Recorded };

const nines = '9'.repeat(76);

export const CLICKHOUSE_TYPES: readonly RecordedCase[] = [
  { sql: `toUInt8(255)`, type: 'integer', value: 255, answer: { type: 'UInt8', json: '255' } },
  {
    sql: `toInt64(-9223372036854775808)`,
    type: 'integer',
    value: '-9223372036854775808',
    answer: { type: 'Int64', json: '-9223372036854775808' },
  },
  {
    sql: `toUInt64(18446744073709551615)`,
    type: 'integer',
    value: '18446744073709551615',
    answer: { type: 'UInt64', json: '18446744073709551615' },
  },
  {
    sql: `toInt128('-170141183460469231731687303715884105728')`,
    type: 'integer',
    value: '-170141183460469231731687303715884105728',
    answer: { type: 'Int128', json: '-170141183460469231731687303715884105728' },
  },
  { sql: `toUInt256('5')`, type: 'integer', value: 5, answer: { type: 'UInt256', json: '5' } },
  {
    sql: `toDecimal64('12345678.90', 2)`,
    type: 'decimal',
    value: '12345678.90',
    answer: { type: 'Decimal(18, 2)', json: '"12345678.90"' },
  },
  {
    sql: `toDecimal256('${nines}', 0)`,
    type: 'decimal',
    value: nines,
    answer: { type: 'Decimal(76, 0)', json: `"${nines}"` },
  },
  { sql: `toFloat32(0.1)`, type: 'float', value: 0.1, answer: { type: 'Float32', json: '0.1' } },
  {
    sql: `toFloat64(0.1) + toFloat64(0.2)`,
    type: 'float',
    value: 0.30000000000000004,
    answer: { type: 'Float64', json: '0.30000000000000004' },
  },
  { sql: `-inf`, type: 'float', value: null, answer: { type: 'Float64', json: '"-inf"' } },
  { sql: `nan`, type: 'float', value: null, answer: { type: 'Float64', json: '"nan"' } },
  { sql: `true`, type: 'boolean', value: true, answer: { type: 'Bool', json: 'true' } },
  {
    sql: `CAST(NULL AS Nullable(String))`,
    type: 'text',
    value: null,
    answer: { type: 'Nullable(String)', json: 'null' },
  },
  { sql: `''`, type: 'text', value: '', answer: { type: 'String', json: '""' } },
  {
    sql: `'tab\\t line\\n return\\r \\\\n "q", \\x01 é ☃ / \\0.'`,
    type: 'text',
    value: 'tab\t line\n return\r \\n "q", \x01 é ☃ / \0.',
    answer: { type: 'String', json: '"tab\\t line\\n return\\r \\\\n \\"q\\", \\u0001 é ☃ / \\u0000."' },
  },
  { sql: `'\\\\N'`, type: 'text', value: '\\N', answer: { type: 'String', json: '"\\\\N"' } },
  {
    sql: `toLowCardinality('null')`,
    type: 'text',
    value: 'null',
    answer: { type: 'LowCardinality(String)', json: '"null"' },
  },
  {
    sql: `CAST('so, (so)' AS Enum8('fine' = 1, 'so, (so)' = 2))`,
    type: 'text',
    value: 'so, (so)',
    answer: { type: "Enum8('fine' = 1, 'so, (so)' = 2)", json: '"so, (so)"' },
  },
  {
    sql: `toFixedString('ab', 4)`,
    type: 'text',
    value: 'ab\0\0',
    answer: { type: 'FixedString(4)', json: '"ab\\u0000\\u0000"' },
  },
  { sql: `toDate('2024-02-29')`, type: 'date', value: '2024-02-29', answer: { type: 'Date', json: '"2024-02-29"' } },
  {
    sql: `toDate32('1900-01-01')`,
    type: 'date',
    value: '1900-01-01',
    answer: { type: 'Date32', json: '"1900-01-01"' },
  },
  {
    sql: `toDateTime('2024-01-01 00:00:00', 'Europe/Oslo')`,
    type: 'timestamptz',
    value: '2023-12-31T23:00:00Z',
    answer: { type: "DateTime('Europe/Oslo')", json: '"2023-12-31T23:00:00Z"' },
  },
  {
    sql: `toDateTime('2024-01-01 00:00:00')`,
    type: 'timestamptz',
    value: '2024-01-01T00:00:00Z',
    answer: { type: 'DateTime', json: '"2024-01-01T00:00:00Z"' },
  },
  {
    sql: `toDateTime64('2024-01-01 12:00:00.123456', 6, 'UTC')`,
    type: 'timestamptz',
    value: '2024-01-01T12:00:00.123456Z',
    answer: { type: "DateTime64(6, 'UTC')", json: '"2024-01-01T12:00:00.123456Z"' },
  },
  {
    sql: `toDateTime64('2024-01-01 12:00:00.123456789', 9, 'Asia/Tokyo')`,
    type: 'timestamptz',
    value: '2024-01-01T03:00:00.123456789Z',
    answer: { type: "DateTime64(9, 'Asia/Tokyo')", json: '"2024-01-01T03:00:00.123456789Z"' },
  },
  {
    sql: `toDateTime64('2024-01-01 12:00:00.123456000', 9, 'UTC')`,
    type: 'timestamptz',
    value: '2024-01-01T12:00:00.123456Z',
    answer: { type: "DateTime64(9, 'UTC')", json: '"2024-01-01T12:00:00.123456000Z"' },
  },
  {
    sql: `toUUID('00000000-0000-0000-0000-000000000001')`,
    type: 'uuid',
    value: '00000000-0000-0000-0000-000000000001',
    answer: { type: 'UUID', json: '"00000000-0000-0000-0000-000000000001"' },
  },
  { sql: `toIPv4('1.2.3.4')`, type: 'text', value: '1.2.3.4', answer: { type: 'IPv4', json: '"1.2.3.4"' } },
  { sql: `toIPv6('::1')`, type: 'text', value: '::1', answer: { type: 'IPv6', json: '"::1"' } },
  { sql: `[1, NULL]`, type: 'list', value: [1, null], answer: { type: 'Array(Nullable(UInt8))', json: '[1,null]' } },
  {
    sql: `[toUInt64(18446744073709551615)]`,
    type: 'list',
    value: ['18446744073709551615'],
    answer: { type: 'Array(UInt64)', json: '[18446744073709551615]' },
  },
  {
    sql: `[toInt128('170141183460469231731687303715884105727')]`,
    type: 'list',
    value: ['170141183460469231731687303715884105727'],
    answer: { type: 'Array(Int128)', json: '[170141183460469231731687303715884105727]' },
  },
  {
    sql: `['a"b', 'c\\\\d,\\n', '']`,
    type: 'list',
    value: ['a"b', 'c\\d,\n', ''],
    answer: { type: 'Array(String)', json: '["a\\"b","c\\\\d,\\n",""]' },
  },
  {
    sql: `[toDecimal64('1.50', 2)]`,
    type: 'list',
    value: ['1.50'],
    answer: { type: 'Array(Decimal(18, 2))', json: '["1.50"]' },
  },
  {
    sql: `[toDateTime('2024-01-01 00:00:00', 'UTC')]`,
    type: 'list',
    value: ['2024-01-01T00:00:00Z'],
    answer: { type: "Array(DateTime('UTC'))", json: '["2024-01-01T00:00:00Z"]' },
  },
  {
    sql: `[[1, 2], [3]]`,
    type: 'list',
    value: [[1, 2], [3]],
    answer: { type: 'Array(Array(UInt8))', json: '[[1,2],[3]]' },
  },
  { sql: `CAST([], 'Array(Int8)')`, type: 'list', value: [], answer: { type: 'Array(Int8)', json: '[]' } },
  {
    sql: `map('a\\\\b', 1)`,
    type: 'json',
    value: { 'a\\b': 1 },
    answer: { type: 'Map(String, UInt8)', json: '{"a\\\\b":1}' },
  },
  { sql: `tuple(1, 'x')`, type: 'json', value: [1, 'x'], answer: { type: 'Tuple(UInt8, String)', json: '[1,"x"]' } },
  {
    sql: `CAST((1, 'x') AS Tuple(a Int8, \`b c\` String))`,
    type: 'json',
    value: { a: 1, 'b c': 'x' },
    answer: { type: 'Tuple(a Int8, `b c` String)', json: '{"a":1,"b c":"x"}' },
  },
  {
    sql: `CAST([(1, 'a')] AS Nested(x Int8, y String))`,
    type: 'json',
    value: [{ x: 1, y: 'a' }],
    answer: { type: 'Nested(x Int8, y String)', json: '[{"x":1,"y":"a"}]' },
  },
  {
    sql: `CAST('{"a": [1, "x\\\\ny"]}' AS JSON)`,
    type: 'json',
    value: { a: [1, 'x\ny'] },
    answer: { type: 'JSON', json: '{"a":[1,"x\\ny"]}' },
  },
  {
    sql: `CAST('z' AS Variant(String, UInt8))`,
    type: 'json',
    value: 'z',
    answer: { type: 'Variant(String, UInt8)', json: '"z"' },
  },
  {
    sql: `CAST(5 AS Variant(String, UInt8))`,
    type: 'json',
    value: 5,
    answer: { type: 'Variant(String, UInt8)', json: '5' },
  },
  { sql: `INTERVAL 3 DAY`, type: 'unknown', value: '3', answer: { type: 'IntervalDay', json: '3' } },
];

export const CLICKHOUSE_ENGINE: Omit<ContractEngine, 'name' | 'start'> = {
  connect: (source) => new ClickHouseConnector(source),
  types: CLICKHOUSE_TYPES,
  keys: 'inferred',
  numbers: (count) =>
    `SELECT toInt64(number + 1) AS i, concat('row number ', toString(number)) AS label FROM numbers(${count})`,
  // An endless one: nobody waits for its row.
  sleep: () => `SELECT count() AS done FROM system.numbers WHERE sipHash64(number) = 1`,
  endless: `SELECT number, repeat('x', 200) FROM system.numbers`,
};
