import { plainWords } from './plain-words.js';

const BEGINNINGS = new Set(
  (
    'how what which who whom whose when where why is are was were do does did can could show list count give tell find compare get display ' +
    'calculate compute plot draw chart select with'
  ).split(' '),
);
const LONG = 8;

/** Whether a text asks something by itself, rather than to name one of several things. */
export function looksLikeQuestion(text: string): boolean {
  const words = plainWords(text);
  return BEGINNINGS.has(words[0] ?? '') || words.length >= LONG || /\?\s*$/.test(text);
}

/** Whether a text is SQL that somebody wrote, rather than words. */
export function looksLikeSql(text: string): boolean {
  return /^\s*(?:select\b[\s\S]+\bfrom\b|select\s+[\d'*(]|with\s+\w+\s+as\s*\()/i.test(text);
}
