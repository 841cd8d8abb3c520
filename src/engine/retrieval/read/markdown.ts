import { Lexer, type Token } from 'marked';
import type { Block, BlockKind } from '../document.js';

const KINDS: Record<string, BlockKind> = {
  heading: 'heading',
  paragraph: 'paragraph',
  text: 'paragraph',
  blockquote: 'paragraph',
  html: 'paragraph',
  list: 'list',
  table: 'table',
  code: 'code',
};

/** Markup that says nothing to a reader. */
const SILENT_MARKUP = /^<(script|style|!--)/i;

/** The blocks of Markdown (CommonMark and GitHub's tables), where they stand in its source. */
export function blocksOfMarkdown(content: string): { title: string | null; blocks: Block[] } {
  const blocks: Block[] = [];
  let title: string | null = null;
  let position = 0;
  // Blocks alone: what is within them is not taken apart, and cannot be made to take long.
  for (const token of new Lexer().blockTokens(content)) {
    const start = content.indexOf(token.raw, position);
    if (start < 0) continue;
    position = start + token.raw.length;
    const kind = KINDS[token.type];
    if (kind === undefined || (token.type === 'html' && SILENT_MARKUP.test(token.raw.trimStart()))) continue;
    const level = levelOf(token);
    if (level === 1)
      title ??= token.raw
        .slice(0, 1000)
        .replace(/^#\s+|\s*#*\s*$|\n=+\s*$/g, '')
        .trim();
    blocks.push({ kind, level, start, end: start + token.raw.trimEnd().length });
  }
  return { title, blocks };
}

function levelOf(token: Token): number {
  return token.type === 'heading' && typeof token['depth'] === 'number' ? token['depth'] : 0;
}
