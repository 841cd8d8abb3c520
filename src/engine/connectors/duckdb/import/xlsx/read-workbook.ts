import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { EngineError } from '../../../../errors.js';
import { distinctNames } from '../../column-names.js';
import { runLocked } from '../../locked-run.js';
import { identifier, literal } from '../../sql-text.js';
import { typeTrials } from '../csv-types.js';
import type { ReaderRequest, ReadTable, TablePlace } from '../import-request.js';
import { refuseBomb } from '../unpacked-size.js';
import { type TextColumn, writeColumns } from '../write-columns.js';
import { LAYOUT_ROWS, layoutOf, type SheetLayout } from './sheet-layout.js';
import { type Cell, type CellKind, type SheetFacts, type SheetRow, sheetRows } from './sheet-rows.js';
import { readParts, type SheetPart, type WorkbookParts } from './workbook-parts.js';
import { ZipArchive } from './zip-archive.js';

/** One sheet that has become a table. */
export interface ReadSheet extends ReadTable {
  at: TablePlace;
}

type Source = Omit<ReaderRequest, 'target'>;

/** Longest row of a sheet; a cell holds 32,767 characters. */
const MAX_ROW_CHARACTERS = 1024 * 1024;
/** A character takes three bytes at most. */
const MAX_ROW_BYTES = 4 * MAX_ROW_CHARACTERS;
const PIECE_CHARACTERS = 256 * 1024;

/**
 * Makes a table of every sheet that has rows and is not hidden, or of the one that the options name. Formulas count as the
 * values that the workbook keeps of them; errors such as #N/A are empty.
 *
 * @param place gives a table its name and its place
 * @throws EngineError `file_malformed`, `file_empty` when no sheet has rows, `file_unpacks_too_large`, `query_cancelled`
 */
export async function readWorkbook(source: Source, place: (wanted: string) => TablePlace): Promise<ReadSheet[]> {
  const { fileName, options, signal } = source;
  const archive = await ZipArchive.open(source);
  try {
    const parts = await readParts(archive, fileName, signal);
    const chosen = chooseSheets(parts.sheets, source);
    const sheets: { part: SheetPart; written: WrittenSheet }[] = [];
    const empty: string[] = [];
    for (const part of chosen) {
      const written = await writeSheet({ archive, part, parts, source });
      if (written === null) empty.push(part.name);
      else sheets.push({ part, written });
    }
    try {
      if (sheets.length === 0) {
        throw new EngineError('file_empty', `“${fileName}” has no sheet with rows below its column names.`);
      }
      const notes = leftOut(parts.sheets, chosen, empty, options.sheet);
      const tables: ReadSheet[] = [];
      for (const { part, written } of sheets) {
        const at = place(options.table ?? (sheets.length === 1 ? fileName : part.name));
        const table = await writeTable(written, part, { ...source, target: at.target });
        tables.push({ ...table, notes: [...table.notes, ...(tables.length === 0 ? notes : [])], at });
      }
      return tables;
    } finally {
      for (const { written } of sheets) await rm(written.file, { force: true });
    }
  } finally {
    archive.close();
  }
}

function chooseSheets(sheets: readonly SheetPart[], { fileName, options }: Source): SheetPart[] {
  const wanted = options.sheet;
  if (wanted === undefined) return sheets.filter(({ hidden }) => !hidden);
  const chosen = sheets.find(({ name }) => name === wanted);
  if (chosen !== undefined) return [chosen];
  const names = sheets.map(({ name }) => name).slice(0, 20);
  throw new EngineError(
    'file_malformed',
    `“${fileName}” has no sheet “${wanted}”. Its sheets are ${names.join(', ')}.`,
    {
      details: { option: 'sheet' },
    },
  );
}

function leftOut(
  sheets: readonly SheetPart[],
  chosen: readonly SheetPart[],
  empty: readonly string[],
  wanted: string | undefined,
): string[] {
  const hidden = sheets.filter((sheet) => !chosen.includes(sheet)).map(({ name }) => name);
  return [
    ...(wanted === undefined && hidden.length > 0 ? [`Hidden sheets were left out: ${hidden.join(', ')}.`] : []),
    ...(empty.length > 0 ? [`Sheets without rows were left out: ${empty.join(', ')}.`] : []),
  ];
}

interface WrittenSheet {
  /** The rows as CSV of texts. */
  file: string;
  layout: SheetLayout;
  header: SheetRow;
  columns: SeenColumn[];
  mergedRanges: number;
}

/** What the cells of one column are. */
interface SeenColumn {
  kinds: Set<CellKind>;
  whole: boolean;
  errors: number;
}

interface SheetRequest {
  archive: ZipArchive;
  part: SheetPart;
  parts: WorkbookParts;
  source: Source;
}

/** Writes the rows of a sheet as CSV; null when it has none. A row that is wider than the first ones makes it begin anew. */
async function writeSheet(request: SheetRequest): Promise<WrittenSheet | null> {
  const file = join(request.source.scratchDirectory, `sheet-${randomUUID()}.csv`);
  let kept = false;
  try {
    let width = 0;
    for (;;) {
      const written = await writeRows(request, file, width);
      if (written === null) return null;
      if (written.columns.length <= written.layout.width) {
        kept = true;
        return written;
      }
      width = written.columns.length;
      await rm(file);
    }
  } finally {
    if (!kept) await rm(file, { force: true });
  }
}

async function writeRows(
  { archive, part, parts, source }: SheetRequest,
  file: string,
  leastWidth: number,
): Promise<WrittenSheet | null> {
  const { fileName, signal, options, maxUnpackedBytes } = source;
  const facts: SheetFacts = { mergedRanges: 0 };
  const rows = sheetRows(archive, part.path, parts, facts, source);
  const first: SheetRow[] = [];
  while (first.length < LAYOUT_ROWS) {
    const { done, value } = await rows.next();
    if (done === true) break;
    first.push(value);
  }
  const found = layoutOf(first, options.header);
  const layout = { ...found, width: Math.max(found.width, leastWidth) };
  const header = layout.header ? (first[layout.skippedRows] ?? []) : [];
  const begun = first.slice(layout.skippedRows + (layout.header ? 1 : 0));
  if (begun.length === 0) {
    await rows.return(undefined);
    return null;
  }
  const columns: SeenColumn[] = [];
  const seen = (column: number): SeenColumn => {
    while (columns.length <= column) columns.push({ kinds: new Set(), whole: true, errors: 0 });
    return columns[column] ?? { kinds: new Set(), whole: true, errors: 0 };
  };
  let bytes = 0;
  const lines = async function* (): AsyncGenerator<string> {
    let piece = '';
    const flush = (): string => {
      const ready = piece;
      piece = '';
      bytes += Buffer.byteLength(ready);
      // One text of 32,767 characters may stand in a million cells.
      refuseBomb({ fileName, packed: archive.bytes, unpacked: bytes, maxUnpackedBytes });
      return ready;
    };
    const add = (row: SheetRow): void => {
      for (const cell of row) note(seen(cell.column), cell);
      const line = lineOf(row, layout.width);
      if (line.length > MAX_ROW_CHARACTERS) throw rowTooLarge(fileName);
      piece += line;
    };
    for (const row of begun) {
      add(row);
      if (piece.length > PIECE_CHARACTERS) yield flush();
    }
    for await (const row of rows) {
      add(row);
      if (piece.length > PIECE_CHARACTERS) yield flush();
    }
    yield flush();
  };
  await pipeline(lines, createWriteStream(file, { flags: 'wx', mode: 0o600 }), { signal });
  return { file, layout, header, columns, mergedRanges: facts.mergedRanges };
}

function note(column: SeenColumn, { kind, text }: Cell): void {
  if (kind === 'error') column.errors += 1;
  else column.kinds.add(kind);
  if (kind === 'number' && !/^-?\d+$/.test(text)) column.whole = false;
}

function rowTooLarge(fileName: string): EngineError {
  return new EngineError(
    'file_malformed',
    `“${fileName}” has a row of more than ${MAX_ROW_CHARACTERS} characters. Shorten its texts, or leave columns out.`,
    { details: { problem: 'row_too_large' } },
  );
}

/** Every cell that is not empty is quoted, so that an empty text is told from none. */
function lineOf(row: SheetRow, width: number): string {
  const fields = Array.from({ length: width }, () => '');
  for (const { column, kind, text } of row) {
    if (column < width && kind !== 'error') fields[column] = `"${text.replaceAll('"', '""')}"`;
  }
  // A line of one empty field would be a blank line, which no reader takes for a row.
  return `${fields.join(',')},""\n`;
}

async function writeTable(
  { file, layout, header, columns, mergedRanges }: WrittenSheet,
  part: SheetPart,
  request: ReaderRequest,
): Promise<ReadTable> {
  const headings = new Map(header.map(({ column, text }) => [column, text]));
  const used = Array.from({ length: layout.width }, (_, place) => place).filter(
    (place) => headings.has(place) || (columns[place]?.kinds.size ?? 0) > 0,
  );
  const names = distinctNames(used.map((place) => headings.get(place) ?? ''));
  const fields = Array.from({ length: layout.width + 1 }, (_, place) => `${literal(`c${place}`)}: 'VARCHAR'`);
  const rows = `read_csv(${literal(file)}, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"',
    comment = '', new_line = '\\n', allow_quoted_nulls = false, max_line_size = ${MAX_ROW_BYTES}, buffer_size = ${4 * MAX_ROW_BYTES},
    hive_partitioning = false, columns = {${fields.join(', ')}})`;
  const texts = used.map((place, index): TextColumn => {
    const name = names[index] ?? '';
    return { name, text: identifier(`c${place}`), ...typeOf(name, `c${place}`, columns[place]) };
  });
  const rowCount = await runLocked(
    { ...request, files: [file, request.target] },
    { signal: request.signal },
    (connection) => writeColumns(connection, rows, texts, request),
  );
  const notes = used.flatMap((place, index) => notesOn(names[index] ?? '', columns[place]));
  if (layout.skippedRows > 0) notes.unshift(`${layout.skippedRows} rows above the table were left out.`);
  if (mergedRanges > 0) notes.push(`${mergedRanges} merged ranges: only the first cell of each has the value.`);
  return {
    rowCount,
    notes,
    reading: {
      sheet: part.name,
      dialect: { delimiter: '', quote: '', header: layout.header, skippedLines: layout.skippedRows },
    },
  };
}

/** The type that the cells of a column have; where they differ, it is text. */
function typeOf(name: string, source: string, column: SeenColumn | undefined): Pick<TextColumn, 'trials' | 'whole'> {
  const [kind, ...others] = column?.kinds ?? [];
  const as = (type: string): Pick<TextColumn, 'trials' | 'whole'> => ({
    trials: [],
    whole: `CAST(${identifier(source)} AS ${type})`,
  });
  if (kind === undefined) return { trials: [] };
  if ([kind, ...others].every((each) => each === 'date' || each === 'timestamp')) {
    return as(column?.kinds.has('timestamp') === true ? 'TIMESTAMP' : 'DATE');
  }
  if (others.length > 0) return { trials: [] };
  if (kind === 'boolean') return as('BOOLEAN');
  if (kind === 'time') return as('TIME');
  if (kind !== 'number') return { trials: [] };
  if (column?.whole !== true) return as('DOUBLE');
  return { trials: typeTrials({ name, type: 'BIGINT', format: null, fixed: false }) };
}

function notesOn(name: string, column: SeenColumn | undefined): string[] {
  if (column === undefined) return [];
  const moments = ['date', 'timestamp'].some((kind) => column.kinds.has(kind as CellKind));
  const mixed = column.kinds.size > (moments && column.kinds.has('date') && column.kinds.has('timestamp') ? 2 : 1);
  return [
    ...(column.errors > 0 ? [`“${name}” has ${column.errors} cells with an error such as #N/A; they are empty.`] : []),
    ...(mixed ? [`“${name}” holds values of several kinds; all are kept as text.`] : []),
  ];
}
