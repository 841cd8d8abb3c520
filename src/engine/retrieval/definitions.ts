/** Definitions in texts: “AOV = revenue / orders”, “Active customer: a customer with an order in the last 90 days”, “Churn means …”. */
import { wordsIn } from './words.js';

export interface Definition {
  /** The ways in which what is defined is named: the term, and what stands in brackets behind it. */
  terms: string[];
  /** What it is said to be, without what the term stands in. */
  meaning: string;
  /** From the term to the end of the meaning, in UTF-16 code units of the text. */
  start: number;
  end: number;
}

const MOST_WORDS = 6;
const LONGEST_MEANING = 500;

const TERM = String.raw`([\p{L}\p{N}][\p{L}\p{N}&/'’ _-]{0,58}?)`;
const OTHER = String.raw`(?:\s*\(([^()\n]{1,60})\))?`;
const MARK = String.raw`(?:\*\*|__|["“”])?`;
/** A line, an item of a list, or the row of a table that begins with the term. */
const LINE = new RegExp(
  String.raw`^[ \t]*(?:[-*•–][ \t]+|\d{1,3}[.)][ \t]+|\|[ \t]*)?${MARK}${TERM}${MARK}${OTHER}${MARK}[ \t]*(?:[:=—–|]|[ \t]-[ \t])(?:\*\*|__)?[ \t]*(?![/=])(\S.*)$`,
  'gmu',
);
/** A sentence that says so. */
const SENTENCE = new RegExp(
  String.raw`(?<=^|[.!?]\s|^[-*•–][ \t])(?:(?:an?|the)\s+)?${MARK}${TERM}${MARK}${OTHER}\s+(?:means|(?:is|are) (?:defined|calculated|computed|understood|measured) as|stands for|bedeutet|heißt|ist definiert als)\s+(\S.*)$`,
  'gimu',
);

/** The definitions in a text, in order; each line or sentence is taken for one at the most. */
export function definitionsIn(text: string): Definition[] {
  const found = [LINE, SENTENCE].flatMap((form) =>
    Array.from(text.matchAll(form), (match): Definition[] => {
      const [whole, term = '', other, rest = ''] = match;
      const meaning = meaningOf(rest);
      if (Array.from(wordsIn(term)).length > MOST_WORDS || meaning === '') return [];
      const start = match.index + whole.indexOf(term);
      const end = match.index + whole.lastIndexOf(rest) + rest.indexOf(meaning) + meaning.length;
      return [
        { terms: [term, ...(other === undefined ? [] : [other])].map((name) => name.trim()), meaning, start, end },
      ];
    }).flat(),
  );
  return found
    .toSorted((one, other) => one.start - other.start)
    .filter(({ start }, index, all) => index === 0 || start >= (all[index - 1]?.end ?? 0));
}

/** The term of a definition that a question names; null when it names none. One word of it, plural or not, counts as the other. */
export function termAskedFor({ terms }: Definition, question: string): string | null {
  const asked = ` ${wordsOf(question).join(' ')} `;
  return terms.find((term) => wordsOf(term).length > 0 && asked.includes(` ${wordsOf(term).join(' ')} `)) ?? null;
}

/** The first sentence, as far as it goes; formulas have no full stop in between. */
function meaningOf(rest: string): string {
  const line = rest.replace(/\s*\|\s*$/, '').trim();
  const [sentence = line] = /^.*?(?=[.!?](?:\s|$)|$)/u.exec(line) ?? [];
  return sentence.slice(0, LONGEST_MEANING).trim();
}

function wordsOf(text: string): string[] {
  return Array.from(wordsIn(text), ({ word }) => (word.length > 3 ? word.replace(/(?<=[^s])s$/, '') : word));
}
