import { getDocumentProxy } from 'unpdf';
import { EngineError } from '../../errors.js';
import type { ReadDocument, ReadingRequest } from '../document.js';
import { ContentWriter } from './content-writer.js';

interface Line {
  text: string;
  /** Of its letters, in points. */
  size: number;
  /** From the line before, as a multiple of the size; infinite at the top of a page. */
  gap: number;
}

/** A line that begins further below than this begins a paragraph. */
const PARAGRAPH_GAP = 1.7;
/** Letters so much larger than the usual ones make a heading. */
const HEADING_TIMES = 1.15;
const LONGEST_HEADING = 200;
const QUIET = 0;

/**
 * The text of a PDF in the order of its content, by PDF.js: paragraphs by the space between lines, headings by the size of
 * their letters. Scripts in it are never run, and nothing is drawn.
 *
 * @throws EngineError `file_malformed` when it is damaged or locked, `file_unpacks_too_large` when it has too many pages
 */
export async function readPdf(
  bytes: Uint8Array,
  { fileName, limits }: Pick<ReadingRequest, 'fileName' | 'limits'>,
): Promise<Omit<ReadDocument, 'format'>> {
  const pdf = await open(bytes, fileName);
  try {
    if (pdf.numPages > limits.pages) {
      throw new EngineError(
        'file_unpacks_too_large',
        `“${fileName}” has more than ${limits.pages} pages. Split it into smaller documents.`,
      );
    }
    const writer = new ContentWriter(fileName, limits.characters);
    const lines: Line[] = [];
    let characters = 0;
    for (let number = 1; number <= pdf.numPages; number += 1) {
      const page = await pdf.getPage(number);
      const { items } = await page.getTextContent();
      const pieces = items.flatMap((item): TextItem[] => ('str' in item ? [item] : []));
      characters += pieces.reduce((sum, { str }) => sum + str.length, 0);
      // As soon as it is too much, rather than when all of it is there.
      if (characters > 2 * limits.characters) writer.add('paragraph', 'x'.repeat(limits.characters + 1));
      lines.push(...linesOf(pieces));
      page.cleanup();
    }
    writeBlocks(lines, writer);
    return { title: await titleOf(pdf), content: writer.content, blocks: writer.blocks };
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw damaged(fileName, error);
  } finally {
    await pdf.loadingTask.destroy();
  }
}

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;

/** What PDF.js tells of a run of text. */
interface TextItem {
  str: string;
  hasEOL: boolean;
  /** The size of the letters, and the place of the run on the page. */
  transform: number[];
}

async function open(bytes: Uint8Array, fileName: string): Promise<Pdf> {
  try {
    // A copy: the parser takes what it is given for itself.
    return await getDocumentProxy(new Uint8Array(bytes), {
      isEvalSupported: false,
      disableFontFace: true,
      useSystemFonts: false,
      enableXfa: false,
      verbosity: QUIET,
    });
  } catch (error) {
    if (error instanceof Error && error.name === 'PasswordException') {
      throw new EngineError('file_malformed', `“${fileName}” is locked with a password. Save it without one.`, {
        cause: error,
      });
    }
    throw damaged(fileName, error);
  }
}

function damaged(fileName: string, cause: unknown): EngineError {
  return new EngineError('file_malformed', `“${fileName}” is damaged and cannot be read as a PDF. Save it anew.`, {
    cause,
  });
}

function linesOf(items: readonly TextItem[]): Line[] {
  const lines: Line[] = [];
  let text = '';
  let size = 0;
  let place: number | null = null;
  let above: number | null = null;
  const end = (): void => {
    if (text.trim() !== '') {
      const gap = above === null || place === null ? Infinity : Math.abs(above - place) / (size || 1);
      lines.push({ text: text.replace(/\s+/g, ' ').trim(), size, gap });
      above = place;
    }
    text = '';
    size = 0;
    place = null;
  };
  for (const { str, hasEOL, transform } of items) {
    if (str.trim() !== '') {
      place ??= transform[5] ?? 0;
      size = Math.max(size, Math.hypot(transform[2] ?? 0, transform[3] ?? 0));
    }
    text += str;
    if (hasEOL) end();
  }
  end();
  return lines;
}

function writeBlocks(lines: readonly Line[], writer: ContentWriter): void {
  const usual = usualSize(lines);
  const headingSizes = [...new Set(lines.map(({ size }) => Math.round(size)))]
    .filter((size) => size >= usual * HEADING_TIMES)
    .toSorted((a, b) => b - a);
  let paragraph = '';
  const end = (): void => {
    writer.add('paragraph', paragraph);
    paragraph = '';
  };
  for (const { text, size, gap } of lines) {
    if (Math.round(size) >= usual * HEADING_TIMES && text.length <= LONGEST_HEADING) {
      end();
      writer.add('heading', text, Math.min(6, headingSizes.indexOf(Math.round(size)) + 1));
      continue;
    }
    // A paragraph may go on at the top of the next page.
    const begins = gap === Infinity ? /[.!?:]$/.test(paragraph) : gap > PARAGRAPH_GAP;
    if (begins) end();
    paragraph = joined(paragraph, text);
  }
  end();
}

/** Words that are divided at the end of a line become whole again. */
function joined(before: string, text: string): string {
  if (before === '') return text;
  return /\p{Ll}-$/u.test(before) && /^\p{Ll}/u.test(text) ? before.slice(0, -1) + text : `${before}\n${text}`;
}

/** The size that most letters have. */
function usualSize(lines: readonly Line[]): number {
  const letters = new Map<number, number>();
  for (const { text, size } of lines) {
    const rounded = Math.round(size);
    letters.set(rounded, (letters.get(rounded) ?? 0) + text.length);
  }
  return Array.from(letters).reduce((best, one) => (one[1] > best[1] ? one : best), [0, 0])[0];
}

async function titleOf(pdf: Pdf): Promise<string | null> {
  const { info } = await pdf.getMetadata();
  const title = 'Title' in info && typeof info.Title === 'string' ? info.Title.replace(/\s+/g, ' ').trim() : '';
  return title === '' ? null : title.slice(0, 500);
}
