/** Columns whose values come as text, written in the narrowest type that all values of a column fit. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { EngineError } from '../../../errors.js';
import { identifier, literal, TABLE_FORMAT } from '../sql-text.js';
import { typeTrials } from './csv-types.js';
import { firstFitting, type Trial } from './first-fitting.js';
import { requestedType } from './import-options.js';
import type { ReaderRequest } from './import-request.js';

export interface TypeTrial extends Trial {
  type: string;
}

export interface TextColumn {
  name: string;
  /** Its values as text, in SQL. */
  text: string;
  /** Types that it may have, the narrowest first; text when none fits. */
  trials: readonly TypeTrial[];
  /** What is written instead, in SQL, where the values are no plain texts. */
  whole?: string;
}

/**
 * @param rows a table or query in SQL
 * @returns the number of rows
 * @throws EngineError `file_malformed` when the options ask for a type that does not fit, or for a column that is not there
 */
export async function writeColumns(
  connection: DuckDBConnection,
  rows: string,
  columns: readonly TextColumn[],
  request: Pick<ReaderRequest, 'fileName' | 'options' | 'target'>,
): Promise<number> {
  const requested = requestedTypes(columns, request);
  const texts = columns.map(({ name, text }) => `${text} AS ${identifier(name)}`);
  const trials = columns.map(({ name, trials: tried }) => {
    const type = requested.get(name);
    return type === undefined ? tried : requestedTrial(name, type);
  });
  const fitting = await firstFitting(connection, `(SELECT ${texts.join(', ')} FROM ${rows})`, trials);
  const output = columns.map(({ name, text, whole }, place) => {
    const type = fitting[place]?.type;
    const wanted = requested.get(name);
    if (wanted !== undefined && wanted !== 'VARCHAR' && type === undefined) throw notOfType(name, wanted, request);
    const value = type === undefined ? text : `CAST(${text} AS ${type})`;
    return `${wanted === undefined ? (whole ?? value) : value} AS ${identifier(name)}`;
  });
  const copied = await connection.run(
    `COPY (SELECT ${output.join(', ')} FROM ${rows}) TO ${literal(request.target)} (${TABLE_FORMAT})`,
  );
  return copied.rowsChanged;
}

function requestedTypes(
  columns: readonly TextColumn[],
  { fileName, options }: Pick<ReaderRequest, 'fileName' | 'options'>,
): Map<string, string> {
  const names = columns.map(({ name }) => name);
  const requested = Object.entries(options.types ?? {});
  const unknown = requested.find(([name]) => !names.includes(name));
  if (unknown !== undefined) throw noSuchColumn(fileName, unknown[0], names);
  return new Map(requested.map(([name, type]) => [name, requestedType(type)]));
}

/** The one type that the caller asks for; none for text, which holds everything. */
function requestedTrial(name: string, type: string): TypeTrial[] {
  if (type === 'VARCHAR') return [];
  return typeTrials({ name, type, format: null, fixed: true }).filter((trial) => trial.type === type);
}

function notOfType(name: string, type: string, { fileName }: Pick<ReaderRequest, 'fileName'>): EngineError {
  return new EngineError(
    'file_malformed',
    `“${fileName}” has values in column “${name}” that are not ${type}. Ask for text, or correct the values.`,
    { details: { problem: 'type', column: name } },
  );
}

/** What a caller gets who names a column that the file does not have. */
export function noSuchColumn(fileName: string, name: string, names: readonly string[]): EngineError {
  return new EngineError(
    'file_malformed',
    `“${fileName}” has no column “${name}” to give a type to. Its columns are ${names.slice(0, 20).join(', ')}.`,
  );
}
