import type { Block, ReadDocument } from './document.js';
import { wordsIn } from './words.js';

/** A passage: what is found and cited. Offsets point into the document's content. */
export interface Chunk {
  /** The headings above it, outermost first, joined by ` › `; empty when there are none. */
  heading: string;
  start: number;
  end: number;
}

export interface ChunkSizes {
  /** Words that a passage has when there is enough text. */
  usual: number;
  /** Words that it has at the most. */
  most: number;
}

export const CHUNK_SIZES: ChunkSizes = { usual: 250, most: 320 };

/** A sentence that is repeated at the start of the next passage has so many words, at the most. */
const LONGEST_OVERLAP = 60;
const LONGEST_HEADING = 300;
/** Read of a heading, at the most: looking for the end of one takes time with the square of its length. */
const LONGEST_HEADING_SOURCE = 1000;
/** What is no words at all, such as a line of dashes, is cut at so many characters for each word a passage may have. */
const CHARACTERS_PER_WORD = 12;

interface Unit {
  start: number;
  end: number;
  words: number;
  /** Whether it may be repeated for the sake of context. */
  isSentence: boolean;
}

interface Section {
  heading: string;
  units: Unit[];
}

/**
 * Cuts a document into passages along its structure: never across headings, between blocks or sentences where it can, rows of
 * tables and items of lists kept whole. Passages of one section are about as long as each other, and where one ends with a
 * sentence, the next one begins with it.
 */
export function chunkDocument(
  { content, blocks }: Pick<ReadDocument, 'content' | 'blocks'>,
  sizes: ChunkSizes = CHUNK_SIZES,
): Chunk[] {
  return sectionsOf(content, blocks, sizes).flatMap(({ heading, units }) =>
    pack(units, sizes).map(({ start, end }) => ({ heading, start, end })),
  );
}

function sectionsOf(content: string, blocks: readonly Block[], sizes: ChunkSizes): Section[] {
  const sections: Section[] = [];
  const path: { level: number; text: string }[] = [];
  let hasText = false;
  for (const block of blocks) {
    if (block.kind === 'heading') {
      while ((path.at(-1)?.level ?? 0) >= block.level) path.pop();
      path.push({ level: block.level, text: headingText(content.slice(block.start, block.end)) });
    }
    // A heading without text of its own stays with what comes below it.
    const begins = block.kind === 'heading' ? hasText || sections.length === 0 : sections.length === 0;
    if (begins) sections.push({ heading: '', units: [] });
    const section = sections.at(-1);
    if (section === undefined) continue;
    section.heading = path
      .map(({ text }) => text)
      .join(' › ')
      .slice(0, LONGEST_HEADING);
    section.units.push(...unitsOf(content, block, sizes));
    hasText = block.kind !== 'heading';
  }
  return sections;
}

function headingText(source: string): string {
  return source
    .slice(0, LONGEST_HEADING_SOURCE)
    .replace(/^#{1,6}\s+|\s+#+\s*$|\n[=-]+\s*$/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

function unitsOf(content: string, block: Block, { most }: ChunkSizes): Unit[] {
  const text = content.slice(block.start, block.end);
  const isSentence = block.kind === 'paragraph';
  const pieces = isSentence
    ? sentencesOf(text)
    : block.kind === 'heading'
      ? [[0, text.length] as const]
      : linesOf(text);
  return pieces.flatMap(([from, to]) =>
    cutLong(text.slice(from, to), most).map(([start, end]) => ({
      start: block.start + from + start,
      end: block.start + from + end,
      words: weightOf(text.slice(from + start, from + end)),
      isSentence,
    })),
  );
}

type Span = readonly [start: number, end: number];

const sentences = new Intl.Segmenter('en', { granularity: 'sentence' });

function sentencesOf(text: string): Span[] {
  return Array.from(
    sentences.segment(text),
    ({ segment, index }) => [index, index + segment.trimEnd().length] as const,
  );
}

function linesOf(text: string): Span[] {
  const lines: Span[] = [];
  let start = 0;
  for (const line of text.split('\n')) {
    const length = line.trimEnd().length;
    if (length > 0) lines.push([start, start + length]);
    start += line.length + 1;
  }
  return lines;
}

/** What is longer than a passage is cut between words, or where there are none, anywhere. */
function cutLong(text: string, mostWords: number): Span[] {
  const mostCharacters = mostWords * CHARACTERS_PER_WORD;
  if (text.length <= mostWords) return [[0, text.length]];
  const cuts: Span[] = [];
  let start = 0;
  let words = 0;
  let lastEnd = 0;
  for (const word of wordsIn(text)) {
    while (word.end - start > mostCharacters || words === mostWords) {
      const cut = lastEnd > start ? lastEnd : start + mostCharacters;
      cuts.push([start, cut]);
      start = cut;
      words = 0;
    }
    words += 1;
    lastEnd = word.end;
  }
  while (text.length - start > mostCharacters) {
    cuts.push([start, start + mostCharacters]);
    start += mostCharacters;
  }
  return start < text.length ? [...cuts, [start, text.length]] : cuts;
}

/** How many words a text has; one that is hardly any words counts by its length. */
function weightOf(text: string): number {
  let words = 0;
  for (const _ of wordsIn(text)) words += 1;
  return words === 0 ? 0 : Math.max(words, Math.ceil(text.length / CHARACTERS_PER_WORD));
}

function pack(units: readonly Unit[], { usual, most }: ChunkSizes): Unit[] {
  const total = units.reduce((sum, { words }) => sum + words, 0);
  const aim = total <= most ? most : total / Math.ceil(total / usual);
  const chunks: Unit[] = [];
  let current: Unit | undefined;
  let last: Unit | undefined;
  for (const unit of units) {
    const full: boolean = current !== undefined && (current.words >= aim || current.words + unit.words > most);
    if (current === undefined || full) {
      const repeated: Unit | undefined =
        last?.isSentence === true && unit.isSentence && last.words <= Math.min(LONGEST_OVERLAP, most - unit.words)
          ? last
          : undefined;
      current = { ...unit, start: repeated?.start ?? unit.start, words: unit.words + (repeated?.words ?? 0) };
      chunks.push(current);
    } else {
      current.end = unit.end;
      current.words += unit.words;
    }
    last = unit;
  }
  return chunks.filter(({ words }) => words > 0);
}
