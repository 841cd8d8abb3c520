/** The parts of a workbook beside its sheets (ECMA-376, part 1, chapter 18): what sheets there are, texts, formats. */
import { posix } from 'node:path';
import { EngineError } from '../../../../errors.js';
import { formatKind, type NumberKind } from './number-formats.js';
import { drainXml } from './read-xml.js';
import { ZipArchive } from './zip-archive.js';

export interface SheetPart {
  name: string;
  path: string;
  hidden: boolean;
}

export interface WorkbookParts {
  sheets: SheetPart[];
  /** Days count from 1904 instead of 1900. */
  from1904: boolean;
  sharedStrings: string[];
  /** What a number means, by the cell's style. */
  styles: NumberKind[];
}

const MOST_SHEETS = 255;
/** Texts are kept in memory while the sheets are read. */
const MOST_TEXTS = 3_000_000;
const MOST_TEXT_CHARACTERS = 64 * 1024 * 1024;
/** Excel has room for 64,000. */
const MOST_STYLES = 100_000;
const MAIN_PART = 'xl/workbook.xml';

interface Relation {
  id: string;
  kind: string;
  path: string;
}

/** @throws EngineError `file_malformed` when it is no workbook, or one with too many sheets or texts */
export async function readParts(archive: ZipArchive, fileName: string, signal: AbortSignal): Promise<WorkbookParts> {
  const root = await relationsOf(archive, '', fileName, signal);
  const main = root.find(({ kind }) => kind === 'officeDocument')?.path ?? MAIN_PART;
  if (!archive.has(main)) {
    throw new EngineError(
      'file_format_not_supported',
      `“${fileName}” is a ZIP archive without a workbook in it. Unpack it and upload the file inside.`,
      { details: { found: 'a ZIP archive' } },
    );
  }
  const relations = await relationsOf(archive, main, fileName, signal);
  const { sheets, from1904 } = await readSheets(archive, main, relations, fileName, signal);
  const partOf = (kind: string): string | undefined => {
    const path = relations.find((relation) => relation.kind === kind)?.path;
    return path !== undefined && archive.has(path) ? path : undefined;
  };
  const texts = partOf('sharedStrings');
  const formats = partOf('styles');
  return {
    sheets,
    from1904,
    sharedStrings: texts === undefined ? [] : await readTexts(archive, texts, fileName, signal),
    styles: formats === undefined ? [] : await readStyles(archive, formats, fileName, signal),
  };
}

async function relationsOf(
  archive: ZipArchive,
  part: string,
  fileName: string,
  signal: AbortSignal,
): Promise<Relation[]> {
  const folder = posix.dirname(part === '' ? 'x' : part);
  const path = posix.join(folder, '_rels', `${posix.basename(part)}.rels`);
  if (!archive.has(path)) return [];
  const relations: Relation[] = [];
  await drainXml(archive.text(path, signal), fileName, {
    open: (name, attribute) => {
      if (name !== 'Relationship' || attribute('TargetMode') === 'External') return;
      const target = attribute('Target') ?? '';
      relations.push({
        id: attribute('Id') ?? '',
        kind: (attribute('Type') ?? '').split('/').at(-1) ?? '',
        path: target.startsWith('/') ? target.slice(1) : posix.join(folder, target),
      });
    },
  });
  return relations;
}

async function readSheets(
  archive: ZipArchive,
  main: string,
  relations: readonly Relation[],
  fileName: string,
  signal: AbortSignal,
): Promise<{ sheets: SheetPart[]; from1904: boolean }> {
  const sheets: SheetPart[] = [];
  let from1904 = false;
  await drainXml(archive.text(main, signal), fileName, {
    open: (name, attribute) => {
      if (name === 'workbookPr') from1904 = /^(1|true)$/i.test(attribute('date1904') ?? '');
      if (name !== 'sheet') return;
      const relation = relations.find(({ id }) => id === attribute('id'));
      // Sheets that hold a chart, a dialogue or macros have no cells.
      if (relation === undefined || relation.kind !== 'worksheet') return;
      const hidden = (attribute('state') ?? 'visible') !== 'visible';
      sheets.push({ name: attribute('name') ?? '', path: relation.path, hidden });
      if (sheets.length > MOST_SHEETS) throw tooMuch(fileName, `more than ${MOST_SHEETS} sheets`);
    },
  });
  return { sheets, from1904 };
}

async function readTexts(archive: ZipArchive, path: string, fileName: string, signal: AbortSignal): Promise<string[]> {
  const texts: string[] = [];
  let characters = 0;
  let current = '';
  let inText = false;
  let inReading = false;
  await drainXml(archive.text(path, signal), fileName, {
    open: (name) => {
      if (name === 'si') current = '';
      else if (name === 'rPh') inReading = true;
      else if (name === 't') inText = !inReading;
    },
    text: (text) => {
      if (inText) current += text;
    },
    close: (name) => {
      if (name === 't') inText = false;
      else if (name === 'rPh') inReading = false;
      else if (name === 'si') {
        characters += current.length;
        if (characters > MOST_TEXT_CHARACTERS || texts.length >= MOST_TEXTS) {
          throw tooMuch(fileName, 'more texts than can be kept in memory');
        }
        texts.push(unescapeText(current));
      }
    },
  });
  return texts;
}

async function readStyles(
  archive: ZipArchive,
  path: string,
  fileName: string,
  signal: AbortSignal,
): Promise<NumberKind[]> {
  const codes = new Map<number, string>();
  const styles: NumberKind[] = [];
  let inCellFormats = false;
  await drainXml(archive.text(path, signal), fileName, {
    open: (name, attribute) => {
      if (name === 'cellXfs') inCellFormats = true;
      else if (name === 'numFmt' && codes.size < MOST_STYLES) {
        codes.set(Number(attribute('numFmtId')), attribute('formatCode') ?? '');
      } else if (name === 'xf' && inCellFormats && styles.length < MOST_STYLES) {
        const id = Number(attribute('numFmtId') ?? 0);
        styles.push(formatKind(id, codes.get(id)));
      }
    },
    close: (name) => {
      if (name === 'cellXfs') inCellFormats = false;
    },
  });
  return styles;
}

/** Characters that XML cannot hold are written as `_x000D_`. */
export function unescapeText(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

function tooMuch(fileName: string, what: string): EngineError {
  return new EngineError('file_unpacks_too_large', `“${fileName}” holds ${what}. Split it, or save it as CSV.`, {
    details: { problem: 'workbook' },
  });
}
