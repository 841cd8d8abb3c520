import type { Block, BlockKind } from '../document.js';

const LIST_ITEM = /^\s*([-*•–]|\d{1,3}[.)])\s/;

/** The paragraphs of plain text: what stands between empty lines. */
export function blocksOfText(content: string): Block[] {
  const blocks: Block[] = [];
  for (const match of content.matchAll(/\S(?:[^\n\f]|\n(?![ \t]*\n))*/g)) {
    const text = match[0].trimEnd();
    blocks.push({ kind: kindOf(text), level: 0, start: match.index, end: match.index + text.length });
  }
  return blocks;
}

function kindOf(text: string): BlockKind {
  const lines = text.split('\n');
  return lines.length > 1 && lines.every((line) => LIST_ITEM.test(line)) ? 'list' : 'paragraph';
}
