import type { DocumentFormat, ReadingRequest } from './document.js';
import { chunkDocument } from './chunk-document.js';
import { readDocument } from './read/read-document.js';
import { wordText } from './words.js';

export interface Passage {
  heading: string;
  content: string;
  start: number;
  end: number;
  /** The words of the content, and those of the headings, as the database takes them apart. */
  words: string;
  headingWords: string;
}

/** A document as it is stored. */
export interface ReadPassages {
  format: DocumentFormat;
  title: string | null;
  content: string;
  passages: Passage[];
}

/** Reads a document and cuts it into passages. @throws EngineError as `readDocument` */
export async function readPassages(request: ReadingRequest): Promise<ReadPassages> {
  const document = await readDocument(request);
  const { format, title, content } = document;
  const passages = chunkDocument(document).map(({ heading, start, end }) => ({
    heading,
    content: content.slice(start, end),
    start,
    end,
    words: wordText(content.slice(start, end)),
    headingWords: wordText(heading),
  }));
  return { format, title, content, passages };
}
