/** What a document is once it has been read, whatever it was before. */
export const DOCUMENT_FORMATS = ['text', 'markdown', 'html', 'pdf', 'docx'] as const;
export type DocumentFormat = (typeof DOCUMENT_FORMATS)[number];

export type BlockKind = 'heading' | 'paragraph' | 'list' | 'table' | 'code';

/** A stretch of the content that belongs together. Offsets count UTF-16 code units; `end` is the first one behind it. */
export interface Block {
  kind: BlockKind;
  /** Of a heading, from 1; otherwise 0. */
  level: number;
  start: number;
  end: number;
}

export interface ReadDocument {
  format: DocumentFormat;
  /** What the document calls itself; null when it does not say. */
  title: string | null;
  /** Plain text, or Markdown as it was written. */
  content: string;
  blocks: Block[];
}

/** How much of a document is read, at the most. */
export interface ReadingLimits {
  /** UTF-16 code units of content. */
  characters: number;
  pages: number;
  unpackedBytes: number;
}

export interface ReadingRequest {
  /** Where the file lies. */
  path: string;
  /** What its owner calls it. */
  fileName: string;
  /** Found out from the file when left out. */
  format?: DocumentFormat;
  limits: ReadingLimits;
}
