import { DuckDBBlobVector, DuckDBTypeId } from '@duckdb/node-api';
import { identifier, literal } from '../sql-text.js';
import type { ExportFormat, StoredColumn, Vectors } from './export-format.js';

export interface CsvOptions {
  /** Begins with the byte order mark, by which spreadsheets know UTF-8. */
  bom?: boolean;
  /** Puts an apostrophe before texts that a spreadsheet would take for a formula. */
  escapeFormulas?: boolean;
}

/** Their texts hold nothing that would have to be quoted. */
const PLAIN = new Set([
  DuckDBTypeId.BOOLEAN,
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.DECIMAL,
  DuckDBTypeId.DATE,
  DuckDBTypeId.TIME,
  DuckDBTypeId.TIMESTAMP,
  DuckDBTypeId.TIMESTAMP_NS,
  DuckDBTypeId.TIMESTAMP_TZ,
  DuckDBTypeId.UUID,
]);

/**
 * CSV by RFC 4180, with a header line, UTF-8 and LF. A missing value is empty, an empty text is `""`. The lines are put
 * together by DuckDB, which spells every value as a cast to VARCHAR does; they come as bytes, so that nothing is decoded.
 *
 * What begins a formula (OWASP "CSV Injection": `=`, `+`, `-`, `@`, tab, carriage return) is left as it is unless asked for:
 * the file must read back as the same values.
 */
export function csvFormat({ bom = false, escapeFormulas = false }: CsvOptions = {}) {
  return (columns: readonly StoredColumn[]): ExportFormat => {
    const cells = columns.map((column) => cell(column, escapeFormulas));
    // The line of a single missing value would be an empty line, which readers leave out.
    const line = cells.length === 1 ? [`coalesce(${cells[0] ?? ''}, '""')`] : cells;
    const header = columns.map(({ name }) => quoted(escapeFormulas ? unformulated(name) : name)).join(',');
    return {
      select: [
        `encode(concat(${[...line.flatMap((text, index) => (index === 0 ? [text] : [`','`, text])), 'chr(10)'].join(', ')}))`,
      ],
      begin: () => Buffer.from(`${bom ? '\uFEFF' : ''}${header}\n`),
      encode: lines,
      end: () => Buffer.alloc(0),
    };
  };
}

/** The expression that gives a cell as it stands in its line; a missing value stays NULL, of which `concat` makes nothing. */
function cell({ name, stored }: StoredColumn, escapeFormulas: boolean): string {
  const text = `${identifier(name)}::VARCHAR`;
  if (PLAIN.has(stored.typeId)) return text;
  const shown = escapeFormulas
    ? `CASE WHEN regexp_matches(${text}, ${literal(FORMULA.source)}) THEN '''' || ${text} ELSE ${text} END`
    : text;
  return (
    `CASE WHEN ${text} = '' OR regexp_matches(${text}, ${literal(SPECIAL.source)}) ` +
    `THEN '"' || replace(${shown}, '"', '""') || '"' ELSE ${shown} END`
  );
}

const SPECIAL = /[,"\n\r]/;
const FORMULA = /^[=+\-@\t\r]/;

function lines([vector]: Vectors, from: number, to: number): Uint8Array {
  if (!(vector instanceof DuckDBBlobVector)) throw new TypeError('The lines of a CSV come as one column of bytes.');
  const found: Uint8Array[] = [];
  for (let row = from; row < to; row += 1) found.push(vector.getItemBytes(row) ?? new Uint8Array());
  return Buffer.concat(found);
}

function quoted(name: string): string {
  return name === '' || SPECIAL.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}

function unformulated(name: string): string {
  return FORMULA.test(name) ? `'${name}` : name;
}
