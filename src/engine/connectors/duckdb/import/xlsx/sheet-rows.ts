/** The rows of one sheet, in a stream. */
import { EngineError } from '../../../../errors.js';
import { MAX_COLUMNS } from '../import-request.js';
import { moment } from './number-formats.js';
import { readXml } from './read-xml.js';
import { unescapeText, type WorkbookParts } from './workbook-parts.js';
import type { ZipArchive } from './zip-archive.js';

export type CellKind = 'number' | 'text' | 'boolean' | 'date' | 'time' | 'timestamp' | 'error';

export interface Cell {
  /** From 0. */
  column: number;
  kind: CellKind;
  /** As it is written: numbers in digits, moments in ISO 8601. */
  text: string;
}

/** A row with at least one cell that is not empty. */
export type SheetRow = Cell[];

export interface SheetFacts {
  /** Ranges of cells that are merged: only their first cell holds a value. */
  mergedRanges: number;
}

interface OpenCell {
  column: number;
  type: string;
  style: number;
  value: string;
}

/**
 * @param facts gets what stands behind the rows, when they have been read to the end
 * @throws EngineError `file_malformed`
 */
export async function* sheetRows(
  archive: ZipArchive,
  path: string,
  parts: WorkbookParts,
  facts: SheetFacts,
  { fileName, signal }: { fileName: string; signal: AbortSignal },
): AsyncGenerator<SheetRow> {
  let rows: SheetRow[] = [];
  let row: SheetRow = [];
  let cell: OpenCell | null = null;
  let next = 0;
  let inValue = false;
  const finishCell = ({ column, type, style, value }: OpenCell): void => {
    const read = cellOf(type, style, value, parts);
    if (read === null) return;
    if (column >= MAX_COLUMNS) {
      throw new EngineError(
        'file_malformed',
        `“${fileName}” has a sheet with more than ${MAX_COLUMNS} columns; no more can be imported.`,
        { details: { problem: 'columns' } },
      );
    }
    row.push({ column, ...read });
  };
  const events = {
    open: (name: string, attribute: (name: string) => string | undefined) => {
      switch (name) {
        case 'row':
          row = [];
          next = 0;
          break;
        case 'c': {
          const column = columnOf(attribute('r')) ?? next;
          next = column + 1;
          cell = { column, type: attribute('t') ?? 'n', style: Number(attribute('s') ?? 0), value: '' };
          break;
        }
        case 'v':
        case 't':
          inValue = cell !== null;
          break;
        case 'mergeCell':
          facts.mergedRanges += 1;
          break;
        case 'rPh':
          // How a text is read out is no part of it.
          cell = null;
          break;
      }
    },
    text: (text: string) => {
      if (inValue && cell !== null) cell.value += text;
    },
    close: (name: string) => {
      if (name === 'v' || name === 't') inValue = false;
      else if (name === 'c' && cell !== null) {
        finishCell(cell);
        cell = null;
      } else if (name === 'row' && row.length > 0) rows.push(row);
    },
  };
  for await (const _ of readXml(archive.text(path, signal), fileName, events)) {
    const ready = rows;
    rows = [];
    yield* ready;
  }
}

function cellOf(
  type: string,
  style: number,
  value: string,
  { sharedStrings, styles, from1904 }: WorkbookParts,
): Pick<Cell, 'kind' | 'text'> | null {
  if (value === '') return null;
  switch (type) {
    case 's':
      return textCell(sharedStrings[Number(value)] ?? '');
    case 'inlineStr':
    case 'str':
      return textCell(unescapeText(value));
    case 'b':
      return { kind: 'boolean', text: value.trim() === '1' || value.trim() === 'true' ? 'true' : 'false' };
    case 'e':
      return { kind: 'error', text: value };
    case 'd':
      return isoCell(value.trim());
    default:
      return numberCell(value.trim(), styles[style] ?? 'number', from1904);
  }
}

function textCell(text: string): Pick<Cell, 'kind' | 'text'> | null {
  return text.trim() === '' ? null : { kind: 'text', text };
}

function isoCell(text: string): Pick<Cell, 'kind' | 'text'> {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return { kind: 'date', text };
  return /^\d{4}-\d{2}-\d{2}T[\d:.]+$/.test(text)
    ? { kind: 'timestamp', text: text.replace('T', ' ') }
    : { kind: 'text', text };
}

function numberCell(
  text: string,
  kind: 'number' | 'date' | 'time' | 'timestamp',
  from1904: boolean,
): Pick<Cell, 'kind' | 'text'> {
  const number = Number(text);
  if (text === '' || !Number.isFinite(number)) return { kind: 'text', text };
  const at = kind === 'number' ? null : moment(number, kind, from1904);
  if (at !== null) return at;
  return { kind: 'number', text: /^-?\d+$/.test(text) ? text : String(number) };
}

/** `C7` is in column 2. */
function columnOf(reference: string | undefined): number | null {
  const letters = /^\$?([A-Z]{1,3})\$?\d+$/i.exec(reference ?? '')?.[1];
  if (letters === undefined) return null;
  return [...letters.toUpperCase()].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}
