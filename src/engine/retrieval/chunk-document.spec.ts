import { describe, expect, it } from '@jest/globals';
import { chunkDocument } from './chunk-document.js';
import { blocksOfMarkdown } from './read/markdown.js';
import { blocksOfText } from './read/plain-text.js';
import { wordsIn } from './words.js';

const SIZES = { usual: 20, most: 30 };

const sentence = (nth: number): string => `Sentence number ${nth} has exactly eight short words.`;
const paragraph = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => sentence(from + index)).join(' ');

const markdown = (content: string): { heading: string; text: string }[] =>
  chunkDocument({ content, blocks: blocksOfMarkdown(content).blocks }, SIZES).map(({ heading, start, end }) => ({
    heading,
    text: content.slice(start, end),
  }));

describe('passages', () => {
  it('end where a section ends, and know the headings above them', () => {
    expect(markdown('# A\n\nOne.\n\n## B\n\nTwo.\n\n# C\n\n## D\n\nThree.')).toEqual([
      { heading: 'A', text: '# A\n\nOne.' },
      { heading: 'A › B', text: '## B\n\nTwo.' },
      { heading: 'C › D', text: '# C\n\n## D\n\nThree.' },
    ]);
  });

  it('of a long section are about as long as each other, and repeat the sentence between them', () => {
    const passages = markdown(paragraph(1, 7));
    expect(passages.map(({ text }) => text)).toEqual([paragraph(1, 3), paragraph(3, 5), paragraph(5, 7)]);
  });

  it('keep the rows of tables and the items of lists whole', () => {
    const rows = Array.from({ length: 12 }, (_, nth) => `| row ${nth} | has ${nth} words |`);
    const passages = markdown(['| a | b |', '| - | - |', ...rows].join('\n'));
    expect(passages.length).toBeGreaterThan(1);
    for (const { text } of passages) expect(text.split('\n').every((line) => /^\|.*\|$/.test(line))).toBe(true);
  });

  it('are cut anywhere when there are neither sentences nor words', () => {
    const content = 'x'.repeat(10_000);
    const passages = chunkDocument({ content, blocks: blocksOfText(content) }, SIZES);
    expect(passages.length).toBeGreaterThan(1);
    expect(passages.map(({ start, end }) => content.slice(start, end)).join('')).toBe(content);
  });

  it('leave no word out', () => {
    const content = `${paragraph(1, 9)}\n\n- ${'item '.repeat(80)}\n\n${'word '.repeat(200)}`;
    const covered = new Set(
      chunkDocument({ content, blocks: blocksOfText(content) }, SIZES).flatMap(({ start, end }) =>
        Array.from(wordsIn(content.slice(start, end)), (word) => word.start + start),
      ),
    );
    expect(Array.from(wordsIn(content), ({ start }) => start).filter((start) => !covered.has(start))).toEqual([]);
  });

  it('have no more words than they may', () => {
    const content = `${paragraph(1, 40)}\n\n${'word '.repeat(500)}`;
    for (const { start, end } of chunkDocument({ content, blocks: blocksOfText(content) }, SIZES)) {
      expect(Array.from(wordsIn(content.slice(start, end))).length).toBeLessThanOrEqual(SIZES.most);
    }
  });
});
