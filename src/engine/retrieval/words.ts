/** A word of a text, as it is looked up. Offsets count UTF-16 code units. */
export interface Word {
  word: string;
  start: number;
  end: number;
}

const WORD = /[\p{L}\p{N}\p{M}]+/gu;
/** Scripts that put no spaces between words. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;
const LONGEST_WORD = 100;

let segmenter: Intl.Segmenter | undefined;

/** The words of a text, in order: runs of letters and digits, in lower case, without accents. */
export function* wordsIn(text: string): Generator<Word> {
  for (const { 0: run, index } of text.matchAll(WORD)) {
    if (!UNSPACED.test(run)) {
      yield { word: lookedUp(run), start: index, end: index + run.length };
      continue;
    }
    segmenter ??= new Intl.Segmenter(undefined, { granularity: 'word' });
    for (const { segment, index: within } of segmenter.segment(run)) {
      yield { word: lookedUp(segment), start: index + within, end: index + within + segment.length };
    }
  }
}

/** The words of a text as the database's parser takes them apart again. */
export function wordText(text: string): string {
  return Array.from(wordsIn(text), ({ word }) => word).join(' ');
}

/** Accents of Latin, Greek and Cyrillic are dropped; marks of other scripts are part of their letters. */
function lookedUp(run: string): string {
  return run
    .slice(0, LONGEST_WORD)
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .toLowerCase();
}
