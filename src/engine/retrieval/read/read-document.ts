import { open, readFile } from 'node:fs/promises';
import { EngineError } from '../../errors.js';
import type { DocumentFormat, ReadDocument, ReadingRequest } from '../document.js';
import { cleanText, refuseLongContent } from './content-writer.js';
import { decodeText } from './decode-text.js';
import { blocksOfMarkdown } from './markdown.js';
import { blocksOfText } from './plain-text.js';

/**
 * Reads a document of any format that is known, whoever it comes from. Within its limits; for limits of time and memory, the
 * caller runs it in a thread of its own.
 *
 * @throws EngineError `file_empty` when there is no text in it, `file_malformed`, `file_format_mismatch`,
 *   `file_format_not_supported`, `file_unpacks_too_large`
 */
export async function readDocument(request: ReadingRequest): Promise<ReadDocument> {
  const format = request.format ?? (await formatOf(request));
  const document = await READERS[format](request);
  if (document.blocks.length === 0) throw empty(request.fileName, format);
  return { ...document, format };
}

type Reader = (request: ReadingRequest) => Promise<Omit<ReadDocument, 'format'>>;

const READERS: Record<DocumentFormat, Reader> = {
  text: async (request) => {
    const content = await readText(request);
    return { title: null, content, blocks: blocksOfText(content) };
  },
  markdown: async (request) => {
    const content = await readText(request);
    return { content, ...blocksOfMarkdown(content) };
  },
  // The parsers of these are large, and loaded when there is something to parse.
  html: async (request) => {
    const bytes = await readFile(request.path);
    return (await import('./html.js')).readHtml(bytes, request);
  },
  pdf: async (request) => (await import('./pdf.js')).readPdf(await readFile(request.path), request),
  docx: async (request) => (await import('./docx.js')).readDocx(request),
};

async function readText({ path, fileName, limits }: ReadingRequest): Promise<string> {
  const content = cleanText(decodeText(await readFile(path), fileName)).trim();
  refuseLongContent(content.length, fileName, limits.characters);
  return content;
}

const HEAD_BYTES = 1024;

const ENDINGS: Record<string, DocumentFormat> = {
  md: 'markdown',
  markdown: 'markdown',
  htm: 'html',
  html: 'html',
  xhtml: 'html',
  pdf: 'pdf',
  docx: 'docx',
};

/** By how the file begins, and where that does not say, by the ending of its name. */
async function formatOf({ path, fileName }: ReadingRequest): Promise<DocumentFormat> {
  const head = await headOf(path);
  const named = ENDINGS[/\.(\w+)$/.exec(fileName)?.[1]?.toLowerCase() ?? ''] ?? 'text';
  const found = formatByHead(head);
  if (found !== null) return found;
  if (head.startsWith('\xD0\xCF\x11\xE0')) {
    throw new EngineError(
      'file_format_not_supported',
      `“${fileName}” is a file of old Office programs, or is locked with a password. Save it as DOCX or PDF without one.`,
    );
  }
  if (named === 'pdf' || named === 'docx') {
    throw new EngineError(
      'file_format_mismatch',
      `“${fileName}” is not what the ending of its name says. Check the file.`,
    );
  }
  return named;
}

function formatByHead(head: string): DocumentFormat | null {
  if (head.includes('%PDF-')) return 'pdf';
  if (head.startsWith('PK\x03\x04')) return 'docx';
  if (/^(\xEF\xBB\xBF)?\s*(<!--(?:(?!-->).)*-->\s*)*<(!doctype\s+html|html[\s>])/is.test(head)) return 'html';
  return null;
}

async function headOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}

function empty(fileName: string, format: DocumentFormat): EngineError {
  const advice = format === 'pdf' ? 'If it is scanned, have its text recognised (OCR) first.' : 'Check the file.';
  return new EngineError('file_empty', `There is no text in “${fileName}”. ${advice}`);
}
