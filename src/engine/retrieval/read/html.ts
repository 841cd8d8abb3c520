import { Parser } from 'htmlparser2';
import type { BlockKind, ReadDocument, ReadingRequest } from '../document.js';
import { ContentWriter } from './content-writer.js';
import { decodeText } from './decode-text.js';

/** What is in these is no text for a reader. */
const SILENT = new Set(
  (
    'script style template noscript iframe object embed svg math canvas audio video select textarea button input nav ' +
    'head datalist'
  ).split(' '),
);
/** Elements that never have an end. */
const VOID = new Set('area base br col embed hr img input link meta source track wbr'.split(' '));
const BREAKS = new Set(
  (
    'address article aside blockquote body dd details div dl dt fieldset figcaption figure footer form header hr main ol p ' +
    'section summary ul'
  ).split(' '),
);

/**
 * The text of a page as a browser shows it: without scripts, styles, navigation and what is hidden. Tables become lines with
 * ` | ` between cells.
 */
export function readHtml(
  bytes: Uint8Array,
  { fileName, limits }: Pick<ReadingRequest, 'fileName' | 'limits'>,
): Omit<ReadDocument, 'format'> {
  const reader = new HtmlReader(new ContentWriter(fileName, limits.characters));
  const source = decodeText(bytes, fileName, charsetOf(bytes));
  const parser = new Parser(reader, { decodeEntities: true, lowerCaseTags: true, recognizeSelfClosing: false });
  parser.end(source);
  return reader.finish();
}

class HtmlReader {
  private text = '';
  /** Whether something stands on the line that is being written. */
  private isLineBegun = false;
  private title = '';
  private kind: BlockKind = 'paragraph';
  private level = 0;
  /** The element that hides what is in it, and how many of its name are open in there. */
  private hidden: { name: string; depth: number } | null = null;
  private inTitle = false;
  private preformatted = 0;
  private tables = 0;
  private lists = 0;

  constructor(private readonly writer: ContentWriter) {}

  finish(): Omit<ReadDocument, 'format'> {
    this.flush();
    const { content, blocks } = this.writer;
    const heading = blocks.find(({ level }) => level === 1);
    const title = oneLine(this.title) || (heading === undefined ? '' : content.slice(heading.start, heading.end));
    return { title: title === '' ? null : title, content, blocks };
  }

  onopentag(name: string, attributes: Record<string, string>): void {
    if (name === 'title') this.inTitle = this.title === '';
    if (this.hidden !== null) {
      if (name === this.hidden.name) this.hidden.depth += 1;
      return;
    }
    if ((SILENT.has(name) || isHidden(attributes)) && !VOID.has(name)) {
      this.flush();
      this.hidden = { name, depth: 1 };
      return;
    }
    this.open(name);
  }

  ontext(text: string): void {
    if (this.inTitle) this.title += text;
    else if (this.hidden === null) this.write(this.preformatted > 0 ? text : text.replace(/\s+/g, ' '));
  }

  onclosetag(name: string): void {
    if (name === 'title') this.inTitle = false;
    if (this.hidden !== null) {
      if (name !== this.hidden.name) return;
      this.hidden.depth -= 1;
      if (this.hidden.depth === 0) this.hidden = null;
      return;
    }
    this.close(name);
  }

  private open(name: string): void {
    if (/^h[1-6]$/.test(name)) this.begin('heading', Number(name[1]));
    else if (name === 'br') this.write('\n');
    else if (name === 'pre') {
      this.begin('code');
      this.preformatted += 1;
    } else if (name === 'table') {
      if (this.tables === 0) this.begin('table');
      this.tables += 1;
    } else if (name === 'tr') this.write('\n');
    else if (name === 'td' || name === 'th') {
      if (this.isLineBegun) this.write(' | ');
    } else if (name === 'li' && this.tables === 0) this.write('\n- ');
    else if (name === 'ul' || name === 'ol') {
      if (this.lists === 0 && this.tables === 0) this.begin('list');
      this.lists += 1;
    } else this.breakAt(name);
  }

  private close(name: string): void {
    if (/^h[1-6]$/.test(name)) this.flush();
    else if (name === 'pre') {
      this.preformatted = Math.max(0, this.preformatted - 1);
      this.flush();
    } else if (name === 'table') {
      this.tables = Math.max(0, this.tables - 1);
      if (this.tables === 0) this.flush();
    } else if (name === 'ul' || name === 'ol') {
      this.lists = Math.max(0, this.lists - 1);
      if (this.lists === 0 && this.tables === 0) this.flush();
    } else this.breakAt(name);
  }

  /** Ends the block; within a table or a list, only the line. */
  private breakAt(name: string): void {
    if (!BREAKS.has(name)) return;
    if (this.tables > 0) this.write(' ');
    else if (this.lists > 0) this.write('\n');
    else this.flush();
  }

  private write(piece: string): void {
    this.text += piece;
    if (piece !== '') this.isLineBegun = !piece.endsWith('\n');
  }

  private begin(kind: BlockKind, level = 0): void {
    this.flush();
    this.kind = kind;
    this.level = level;
  }

  private flush(): void {
    const text = this.kind === 'heading' ? oneLine(this.text) : tidy(this.text, this.kind);
    this.writer.add(this.kind, text, this.level);
    this.text = '';
    this.isLineBegun = false;
    this.kind = 'paragraph';
    this.level = 0;
  }
}

function isHidden({ hidden, style = '', ...attributes }: Record<string, string>): boolean {
  return (
    hidden !== undefined ||
    attributes['aria-hidden'] === 'true' ||
    /display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])/i.test(style)
  );
}

function tidy(text: string, kind: BlockKind): string {
  if (kind === 'code') return text.replace(/^\n+/, '').trimEnd();
  const lines = text.split('\n').map((line) => line.replace(/[ \t]+/g, ' ').trim());
  return lines.filter((line) => line !== '' && line !== '-').join('\n');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function charsetOf(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 2048)).toString('latin1');
  return /<meta[^>]{0,200}charset\s*=\s*["']?([\w-]{1,40})/i.exec(head)?.[1];
}
