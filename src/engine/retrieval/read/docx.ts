import { ZipArchive } from '../../connectors/duckdb/import/xlsx/zip-archive.js';
import { drainXml } from '../../connectors/duckdb/import/xlsx/read-xml.js';
import { EngineError } from '../../errors.js';
import type { ReadDocument, ReadingRequest } from '../document.js';
import { ContentWriter } from './content-writer.js';

const BODY = 'word/document.xml';
const STYLES = 'word/styles.xml';

/** What is in these is not shown: what was deleted or moved away, and the twin of a drawing for older programs. */
const SILENT = new Set(['del', 'moveFrom', 'Fallback', 'instrText', 'delText']);
const DEEPEST_HEADING = 6;

/**
 * The text of a Word document: headings by the outline of their styles, lists, tables with ` | ` between cells. The archive is
 * unpacked and parsed piece by piece, so neither a bomb nor a deep tree can fill the memory.
 *
 * @throws EngineError `file_malformed`, `file_unpacks_too_large`, `file_format_not_supported` for another kind of archive
 */
export async function readDocx({ path, fileName, limits }: ReadingRequest): Promise<Omit<ReadDocument, 'format'>> {
  const maxUnpackedBytes = limits.unpackedBytes;
  const archive = await ZipArchive.open({ file: path, fileName, maxUnpackedBytes, kind: 'document' });
  try {
    if (!archive.has(BODY)) {
      throw new EngineError(
        'file_format_not_supported',
        `“${fileName}” is no Word document. Documents may be plain text, Markdown, HTML, PDF or DOCX.`,
      );
    }
    const signal = new AbortController().signal;
    const levels = archive.has(STYLES)
      ? await headingStyles(archive.text(STYLES, signal), fileName)
      : new Map<string, number>();
    const reader = new BodyReader(new ContentWriter(fileName, limits.characters), levels);
    await drainXml(archive.text(BODY, signal), fileName, reader, 'document');
    return reader.finish();
  } finally {
    archive.close();
  }
}

type Attribute = (name: string) => string | undefined;

/** The outline level of each style that is one of headings, from 1; 0 for the title of the document. */
async function headingStyles(pieces: AsyncIterable<string>, fileName: string): Promise<Map<string, number>> {
  const levels = new Map<string, number>();
  let style = '';
  await drainXml(
    pieces,
    fileName,
    {
      open: (name, attribute) => {
        if (name === 'style') style = attribute('styleId') ?? '';
        else if (name === 'name' && style !== '') {
          const named = /^heading ([1-9])$/i.exec(attribute('val') ?? '')?.[1];
          if (named !== undefined) levels.set(style, Number(named));
          else if (/^title$/i.test(attribute('val') ?? '')) levels.set(style, 0);
        } else if (name === 'outlineLvl' && style !== '' && !levels.has(style)) {
          levels.set(style, Number(attribute('val') ?? 9) + 1);
        }
      },
      close: (name) => {
        if (name === 'style') style = '';
      },
    },
    'document',
  );
  return levels;
}

class BodyReader {
  private title: string | null = null;
  private line = '';
  private level: number | null = null;
  private isListItem = false;
  private isHidden = false;
  private inText = false;
  private silent = 0;
  private tables = 0;
  private row: string[] = [];
  private rows: string[] = [];
  private list: string[] = [];

  constructor(
    private readonly writer: ContentWriter,
    private readonly levels: ReadonlyMap<string, number>,
  ) {}

  finish(): Omit<ReadDocument, 'format'> {
    this.endList();
    const { content, blocks } = this.writer;
    return { title: this.title, content, blocks };
  }

  open(name: string, attribute: Attribute): void {
    if (SILENT.has(name)) this.silent += 1;
    if (this.silent > 0) return;
    if (name === 't') this.inText = true;
    else if (name === 'tab') this.line += ' ';
    else if (name === 'br' || name === 'cr') this.line += '\n';
    else if (name === 'pStyle') this.level = this.levels.get(attribute('val') ?? '') ?? null;
    else if (name === 'outlineLvl') this.level ??= Number(attribute('val') ?? 9) + 1;
    else if (name === 'numPr') this.isListItem = true;
    else if (name === 'r') this.isHidden = false;
    else if (name === 'vanish') this.isHidden = !/^(0|false|off)$/.test(attribute('val') ?? '');
    else if (name === 'tbl') {
      this.endList();
      this.tables += 1;
    }
  }

  readonly text = (text: string): void => {
    if (this.inText && this.silent === 0 && !this.isHidden) this.line += text;
  };

  close(name: string): void {
    if (SILENT.has(name)) this.silent -= 1;
    else if (this.silent > 0) return;
    else if (name === 't') this.inText = false;
    else if (name === 'p') this.endParagraph();
    else if (name === 'tc') this.endCell();
    else if (name === 'tr') this.endRow();
    else if (name === 'tbl') this.endTable();
  }

  private endParagraph(): void {
    const { level, isListItem } = this;
    this.level = null;
    this.isListItem = false;
    if (this.tables > 0) {
      this.line += ' ';
      return;
    }
    const text = this.line.trim();
    this.line = '';
    if (text === '') return;
    const isHeading = level !== null && level <= DEEPEST_HEADING;
    if (isListItem && !isHeading) {
      this.list.push(`- ${text.replace(/\s+/g, ' ')}`);
      return;
    }
    this.endList();
    if (level === 0) this.title ??= text.replace(/\s+/g, ' ');
    if (isHeading) this.writer.add('heading', text.replace(/\s+/g, ' '), Math.max(1, level));
    else this.writer.add('paragraph', text);
  }

  private endList(): void {
    this.writer.add('list', this.list.join('\n'));
    this.list = [];
  }

  private endCell(): void {
    this.row.push(this.line.replace(/\s+/g, ' ').trim());
    this.line = '';
  }

  private endRow(): void {
    if (this.row.some((cell) => cell !== '')) this.rows.push(this.row.join(' | '));
    this.row = [];
  }

  /** A table within a table is part of it. */
  private endTable(): void {
    this.tables = Math.max(0, this.tables - 1);
    if (this.tables > 0) return;
    this.writer.add('table', this.rows.join('\n'));
    this.rows = [];
    this.line = '';
  }
}
