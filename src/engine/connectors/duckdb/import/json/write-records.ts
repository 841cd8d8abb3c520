/** Columns of JSON values, written as columns of the types that their values have. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { EngineError } from '../../../../errors.js';
import { distinctNames } from '../../column-names.js';
import { identifier, literal, parquetRows } from '../../sql-text.js';
import { type CsvColumn, typeTrials } from '../csv-types.js';
import { MAX_COLUMNS, type ReaderRequest } from '../import-request.js';
import { type TextColumn, type TypeTrial, writeColumns } from '../write-columns.js';

/** Objects within objects that become columns; what lies deeper stays as JSON. */
const FLATTENED_LEVELS = 3;
/** An object of more keys than that is a dictionary, whose keys are data. */
const MOST_FLATTENED_KEYS = 64;

interface Field {
  /** Keys from the record down to the value. */
  path: string[];
  /** The JSON value in SQL. */
  json: string;
  /** What its values are, in DuckDB's words, without NULL. */
  kinds: Set<string>;
}

/** @throws EngineError `file_malformed` when the options ask for what is not there; what DuckDB throws */
export async function writeRecords(
  connection: DuckDBConnection,
  { file, keys }: { file: string; keys: readonly string[] },
  request: ReaderRequest,
): Promise<{ rowCount: number; notes: string[] }> {
  const rows = parquetRows(file);
  const fields = await flatten(connection, rows, keys, request);
  const names = distinctNames(fields.map(({ path }) => path.join('_')));
  const columns = fields.map((field, place): TextColumn => {
    const name = names[place] ?? '';
    const column = { name, text: `${field.json} ->> '$'`, trials: trialsOf(field, name) };
    return isNested(field) ? { ...column, whole: `CAST(nullif(${field.json}, 'null') AS JSON)` } : column;
  });
  const rowCount = await writeColumns(connection, rows, columns, request);
  const mixed = fields.flatMap(({ kinds }, place) =>
    kinds.size > 1 && kinds.has('VARCHAR')
      ? [`“${names[place]}” holds texts and other values; all are kept as text.`]
      : [],
  );
  return { rowCount, notes: mixed };
}

/** The fields of the records; those that are always objects are replaced by the fields of these, and so on. */
async function flatten(
  connection: DuckDBConnection,
  rows: string,
  keys: readonly string[],
  request: ReaderRequest,
): Promise<Field[]> {
  let fields = await withKinds(
    connection,
    rows,
    keys.map((key) => ({ path: [key], json: identifier(key) })),
  );
  for (let level = 1; level <= FLATTENED_LEVELS; level += 1) {
    const flattened: Field[] = [];
    let changed = false;
    for (const field of fields) {
      const inner =
        isObject(field) && field.path.length === level ? await keysIn(connection, rows, field, request) : [];
      if (inner.length === 0 || inner.length > MOST_FLATTENED_KEYS || fields.length + inner.length > MAX_COLUMNS) {
        flattened.push(field);
        continue;
      }
      changed = true;
      const children = inner.map((key) => ({
        path: [...field.path, key],
        json: `json_extract(${field.json}, ${literal(pointer(key))})`,
      }));
      flattened.push(...(await withKinds(connection, rows, children)));
    }
    fields = flattened;
    if (!changed) break;
  }
  return fields;
}

async function withKinds(
  connection: DuckDBConnection,
  rows: string,
  fields: readonly Pick<Field, 'path' | 'json'>[],
): Promise<Field[]> {
  const kinds = fields.map(({ json }) => `to_json(list(DISTINCT json_type(${json})))`);
  const reader = await connection.runAndReadAll(`SELECT ${kinds.join(', ')} FROM ${rows}`);
  const found = reader.getRows()[0] ?? [];
  return fields.map((field, place) => {
    const listed = JSON.parse(String(found[place] ?? '[]')) as (string | null)[] | null;
    return {
      ...field,
      kinds: new Set((listed ?? []).filter((kind) => kind !== null && kind !== 'NULL')) as Set<string>,
    };
  });
}

async function keysIn(
  connection: DuckDBConnection,
  rows: string,
  { json, path }: Field,
  { fileName }: ReaderRequest,
): Promise<string[]> {
  const reader = await connection.runAndReadAll(
    `SELECT key, bool_or(twice) FROM (
       SELECT unnest(keys) AS key, row, unnest(range(len(keys))) AS place, len(keys) <> len(list_distinct(keys)) AS twice
       FROM (SELECT json_keys(${json}) AS keys, row_number() OVER () AS row FROM ${rows}))
     GROUP BY key ORDER BY min(row), min(place) LIMIT ${MOST_FLATTENED_KEYS + 1}`,
  );
  const found = reader.getRows();
  if (found.some(([, twice]) => twice === true)) {
    throw new EngineError(
      'file_malformed',
      `“${fileName}” has a key twice in an object of “${path.join('.')}”. Every key may stand once in an object.`,
      { details: { problem: 'duplicate_key' } },
    );
  }
  return found.map(([key]) => String(key));
}

/** A key as a JSON Pointer (RFC 6901). */
function pointer(key: string): string {
  return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function isObject({ kinds }: Field): boolean {
  return kinds.size === 1 && kinds.has('OBJECT');
}

function isNested({ kinds }: Field): boolean {
  return kinds.has('OBJECT') || kinds.has('ARRAY');
}

/** Numbers that JSON writes as numbers; moments that it writes as texts, in ISO 8601. */
function trialsOf(field: Field, name: string): TypeTrial[] {
  const { kinds } = field;
  const column = (type: string): CsvColumn => ({ name, type, format: null, fixed: false });
  if (kinds.size === 0 || isNested(field)) return [];
  if (kinds.size === 1 && kinds.has('BOOLEAN')) return typeTrials(column('BOOLEAN'));
  if (kinds.size === 1 && kinds.has('VARCHAR')) return momentTrials(name);
  const numbers = [...kinds].every((kind) => ['BIGINT', 'UBIGINT', 'HUGEINT', 'DOUBLE'].includes(kind));
  return numbers
    ? typeTrials(column(kinds.has('DOUBLE') ? 'DOUBLE' : 'BIGINT')).map((trial) => finite(trial, name))
    : [];
}

/** JSON can write a number that no DOUBLE holds, but no infinity. */
function finite(trial: TypeTrial, name: string): TypeTrial {
  if (trial.type !== 'DOUBLE') return trial;
  const finiteOnes = `coalesce(bool_and(isfinite(TRY_CAST(${identifier(name)} AS DOUBLE))), true)`;
  return { ...trial, allFit: `${trial.allFit} AND ${finiteOnes}` };
}

const DAY = '[0-9]{4}-[0-9]{2}-[0-9]{2}';
const TIME = '[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?';

function momentTrials(name: string): TypeTrial[] {
  const patterns: [string, string][] = [
    ['DATE', DAY],
    ['TIMESTAMP', `${DAY}${TIME}`],
    ['TIMESTAMP WITH TIME ZONE', `${DAY}${TIME}(Z|[+]00:?00)`],
  ];
  const sql = identifier(name);
  return patterns.map(([type, pattern]) => ({
    type,
    allFit: `coalesce(bool_and(regexp_full_match(${sql}, '${pattern}') AND TRY_CAST(${sql} AS ${type}) IS NOT NULL)
      FILTER (WHERE ${sql} IS NOT NULL), false)`,
  }));
}
