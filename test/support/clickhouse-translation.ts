/** From the SQL that the connector and its contract write for ClickHouse to that of DuckDB. */

/** DuckDB's words for functions of ClickHouse, to be run when the double starts. */
export const CLICKHOUSE_FUNCTIONS = [
  "CREATE MACRO currentDatabase() AS 'shop'",
  'CREATE MACRO toInt32(x) AS CAST(x AS INTEGER)',
  'CREATE MACRO toInt64(x) AS CAST(x AS BIGINT)',
  'CREATE MACRO toUInt32(x) AS CAST(x AS UINTEGER)',
  'CREATE MACRO toUInt8(x) AS CAST(x AS UTINYINT)',
  'CREATE MACRO toFloat64(x) AS CAST(x AS DOUBLE)',
  'CREATE MACRO startsWith(text, start) AS starts_with(text, start)',
  'CREATE MACRO countIf(x) AS count(*) FILTER (WHERE x)',
  'CREATE MACRO uniq(x) AS count(DISTINCT x)',
  'CREATE MACRO uniqExact(x) AS count(DISTINCT x)',
  'CREATE MACRO toString(x) AS CAST(x AS VARCHAR)',
  'CREATE MACRO replaceOne(text, old, new) AS replace(text, old, new)',
  'CREATE MACRO substringUTF8(text, start, length) AS substring(text, start, length)',
  'CREATE MACRO toJSONString(x) AS CAST(to_json(x) AS VARCHAR)',
];

export function toDuckDb(sql: string, server: { version: string; readonly: string }): string {
  const estimated = /^EXPLAIN ESTIMATE ([\s\S]*)$/.exec(sql)?.[1];
  if (estimated !== undefined) {
    return `SELECT 'shop', 'any', 1::UBIGINT, count(*)::UBIGINT, (1 + count(*) // 8192)::UBIGINT FROM (${toDuckDb(estimated, server)})`;
  }
  return sql
    .replaceAll('`', '"')
    .replaceAll('version()', `'${server.version}'`)
    .replaceAll("getSetting('readonly')", server.readonly)
    .replaceAll("getSetting('max_execution_time')", '0')
    .replaceAll('system.tables', 'system_tables')
    .replaceAll('system.columns', 'system_columns')
    .replaceAll(/\btable\b(?=[, ])/g, '"table"')
    .replaceAll('system.numbers', 'range(1000000000000) AS endless(number)')
    .replaceAll(/\bnumbers\((\d+)\)/g, 'range($1) AS counted(number)')
    .replaceAll('sipHash64(', 'hash(')
    .replaceAll(/groupUniqArrayIf\(\d+\)\((.*), ("[^"]*" IS NOT NULL)\)\)/g, 'list(DISTINCT $1) FILTER ($2))')
    .replaceAll(/topKIf\(\d+\)\((.*), ("[^"]*" IS NOT NULL)\)\)/g, '(list(DISTINCT $1) FILTER ($2))[1:10])');
}
