import type { DuckDBConnection } from '@duckdb/node-api';
import { distinctNames } from '../column-names.js';
import { literal } from '../sql-text.js';
import type { DetectedDialect } from './csv-dialect.js';
import { csvRows, type CsvTable, dialectOptions } from './csv-table.js';
import { type CsvColumn, formatTrials } from './csv-types.js';
import { firstFitting } from './first-fitting.js';
import { requestedType } from './import-options.js';
import type { ReaderRequest } from './import-request.js';
import { noSuchColumn } from './write-columns.js';

/** Rows from which DuckDB guesses header and types. */
const SNIFFED_ROWS = 20_480;
/** Rows from which the ways of writing are told that the sniffer does not know. */
const FORMAT_ROWS = 500;

/**
 * Tells header, names and types of a delimited text from its first rows, by DuckDB's sniffer.
 *
 * @throws EngineError `file_malformed` when the options name a column that is not there; what DuckDB throws
 */
export async function sniffCsv(
  connection: DuckDBConnection,
  file: string,
  dialect: DetectedDialect,
  { options, fileName }: ReaderRequest,
): Promise<CsvTable> {
  const header = options.header === undefined ? [] : [`header = ${options.header}`];
  const reader = await connection.runAndReadAll(
    `SELECT HasHeader, to_json(Columns), DateFormat, TimestampFormat
     FROM sniff_csv(${[literal(file), ...dialectOptions(dialect), `sample_size = ${SNIFFED_ROWS}`, ...header].join(', ')})`,
  );
  const [hasHeader, columnsJson, dateFormat, timestampFormat] = reader.getRows()[0] ?? [];
  const sniffed = JSON.parse(String(columnsJson)) as { name: string; type: string }[];
  if (sniffed.length !== dialect.columns) throw new Error('The sniffer found another number of columns.');
  const names = distinctNames(sniffed.map(({ name }) => name));
  const types = new Map(Object.entries(options.types ?? {}));
  const columns = sniffed.map(({ type }, index): CsvColumn => {
    const name = names[index] ?? '';
    const wanted = types.get(name);
    types.delete(name);
    if (wanted) return { name, type: requestedType(wanted), format: null, fixed: true };
    return { name, type, format: formatOf(type, dateFormat, timestampFormat), fixed: false };
  });
  const [unknown] = types.keys();
  if (unknown !== undefined) throw noSuchColumn(fileName, unknown, names);
  return withFormats(connection, { file, dialect, header: hasHeader === true, columns });
}

/** Makes dates and numbers of text columns that DuckDB's sniffer does not recognise, told by the first rows. */
async function withFormats(connection: DuckDBConnection, table: CsvTable): Promise<CsvTable> {
  const candidates = table.columns.filter(({ type, fixed }) => type === 'VARCHAR' && !fixed);
  if (candidates.length === 0) return table;
  const trials = candidates.map((column) => formatTrials(column, table.dialect.delimiter));
  const rows = `(FROM ${csvRows(table, new Map())} LIMIT ${FORMAT_ROWS})`;
  const fitting = await firstFitting(connection, rows, trials);
  const found = new Map(candidates.map(({ name }, index) => [name, fitting[index]]));
  const columns = table.columns.map((column) => {
    const written = found.get(column.name);
    return written ? { ...column, type: written.type, format: written.format } : column;
  });
  return { ...table, columns };
}

function formatOf(type: string, dateFormat: unknown, timestampFormat: unknown): string | null {
  const format = type === 'DATE' ? dateFormat : type === 'TIMESTAMP' ? timestampFormat : null;
  return typeof format === 'string' && format !== '' && format !== '%Y-%m-%d' ? format : null;
}
