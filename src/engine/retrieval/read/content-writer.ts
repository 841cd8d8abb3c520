import { EngineError } from '../../errors.js';
import type { Block, BlockKind } from '../document.js';

/** Puts a document's content together, block by block, with an empty line between them. */
export class ContentWriter {
  readonly blocks: Block[] = [];
  private readonly parts: string[] = [];
  private length = 0;

  constructor(
    private readonly fileName: string,
    private readonly mostCharacters: number,
  ) {}

  /** @throws EngineError `file_unpacks_too_large` when there is more text than is read */
  add(kind: BlockKind, text: string, level = 0): void {
    const clean = cleanText(text).trim();
    if (clean === '') return;
    const gap = this.parts.length === 0 ? '' : '\n\n';
    const start = this.length + gap.length;
    this.length = start + clean.length;
    refuseLongContent(this.length, this.fileName, this.mostCharacters);
    this.parts.push(gap, clean);
    this.blocks.push({ kind, level, start, end: this.length });
  }

  get content(): string {
    return this.parts.join('');
  }
}

/** @throws EngineError `file_unpacks_too_large` */
export function refuseLongContent(length: number, fileName: string, mostCharacters: number): void {
  if (length <= mostCharacters) return;
  throw new EngineError(
    'file_unpacks_too_large',
    `“${fileName}” holds more than ${mostCharacters} characters of text. Split it into smaller documents.`,
  );
}

/** Text that a database can keep: one kind of line end, no control characters, no halves of characters. */
export function cleanText(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[\0-\x08\x0B\x0E-\x1F\x7F\uFEFF]/g, ' ')
    .replace(/[\u00A0\u202F]/g, ' ')
    .replace(/\u00AD/g, '')
    .toWellFormed();
}
