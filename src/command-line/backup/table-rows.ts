/**
 * Rows of tables as lines of JSON: one object per row, each value as the text that PostgreSQL writes for it, or null. So
 * every type comes back as it was, and a backup of one kind of database can be restored into the other.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { QueryRunner } from 'typeorm';
import { refused } from '../outcome.js';
import type { TableManifest } from './manifest.js';

const ROWS_AT_ONCE = 500;
const CHARACTERS_AT_ONCE = 1_000_000;

/** TypeORM's own accounts, which migrations write again. */
const NOT_DATA = ['migrations', 'typeorm_metadata'];

/** Names of the tables that hold data. */
export async function dataTables(runner: QueryRunner): Promise<string[]> {
  const rows = (await runner.query(
    `SELECT relname AS name FROM pg_class
     WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND relname <> ALL ($1) ORDER BY relname`,
    [NOT_DATA],
  )) as { name: string }[];
  return rows.map(({ name }) => name);
}

/** Where the rows of a table are in a backup. */
export function rowsFile(folder: string, table: string): string {
  return join(folder, 'tables', `${table}.ndjson`);
}

/** Writes a table to its file, some rows at a time; inside a transaction. */
export async function writeRows(runner: QueryRunner, table: string, folder: string): Promise<TableManifest> {
  const columns = await columnsOf(runner, table);
  const texts = columns.map(({ name }) => `"${name}"::text AS "${name}"`).join(', ');
  await runner.query(
    `DECLARE backup_rows NO SCROLL CURSOR FOR
     SELECT row_to_json(texts)::text AS line FROM (SELECT ${texts} FROM "${table}") texts`,
  );
  let rows = 0;
  async function* lines(): AsyncGenerator<string> {
    for (;;) {
      const some = (await runner.query(`FETCH ${ROWS_AT_ONCE} FROM backup_rows`)) as { line: string }[];
      if (some.length === 0) return;
      rows += some.length;
      yield some.map(({ line }) => `${line}\n`).join('');
    }
  }
  await pipeline(Readable.from(lines()), createWriteStream(rowsFile(folder, table), { mode: 0o600 }));
  await runner.query('CLOSE backup_rows');
  const sequences = await sequencesOf(runner, table);
  return { name: table, rows, columns: columns.map(({ name }) => name), sequences };
}

/** Puts the rows of a file into a table that is empty, and its sequences where they were. */
export async function loadRows(runner: QueryRunner, table: TableManifest, folder: string): Promise<void> {
  const columns = await columnsOf(runner, table.name);
  const missing = table.columns.filter((name) => !columns.some((column) => column.name === name));
  if (missing.length > 0) throw refused(`The table ${table.name} has no column ${missing.join(', ')}.`);
  const present = columns.filter(({ name }) => table.columns.includes(name));
  const names = present.map(({ name }) => `"${name}"`).join(', ');
  const values = present.map(({ name, type }) => `(line ->> '${name}')::${type}`).join(', ');
  const insert = `INSERT INTO "${table.name}" (${names}) OVERRIDING SYSTEM VALUE
    SELECT ${values} FROM jsonb_array_elements($1::jsonb) line`;
  for await (const lines of batches(rowsFile(folder, table.name))) {
    await runner.query(insert, [`[${lines.join(',')}]`]);
  }
  for (const { column, last_value: value, is_called: isCalled } of table.sequences) {
    await runner.query('SELECT setval(pg_get_serial_sequence($1, $2), $3::bigint, $4)', [
      `"${table.name}"`,
      column,
      value,
      isCalled,
    ]);
  }
}

async function* batches(path: string): AsyncGenerator<string[]> {
  let lines: string[] = [];
  let characters = 0;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    lines.push(line);
    characters += line.length;
    if (lines.length < ROWS_AT_ONCE && characters < CHARACTERS_AT_ONCE) continue;
    yield lines;
    lines = [];
    characters = 0;
  }
  if (lines.length > 0) yield lines;
}

async function columnsOf(runner: QueryRunner, table: string): Promise<{ name: string; type: string }[]> {
  return (await runner.query(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
     WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`,
    [`"${table}"`],
  )) as { name: string; type: string }[];
}

async function sequencesOf(runner: QueryRunner, table: string): Promise<TableManifest['sequences']> {
  const found = (await runner.query(
    `SELECT attname AS column, pg_get_serial_sequence($1, attname) AS sequence FROM pg_attribute
     WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
       AND pg_get_serial_sequence($1, attname) IS NOT NULL`,
    [`"${table}"`],
  )) as { column: string; sequence: string }[];
  const sequences: TableManifest['sequences'] = [];
  for (const { column, sequence } of found) {
    const [state] = (await runner.query(`SELECT last_value::text AS last_value, is_called FROM ${sequence}`)) as {
      last_value: string;
      is_called: boolean;
    }[];
    if (state !== undefined) sequences.push({ column, ...state });
  }
  return sequences;
}
