/** What people say about how their next questions are to be read. */

export interface Synonym {
  term: string;
  /** What is read in its place. */
  means: string;
}

export type Instruction =
  | { kind: 'synonym'; synonym: Synonym }
  | { kind: 'forget_synonym'; term: string }
  | { kind: 'row_limit'; rows: number }
  | { kind: 'start_over' };

const LONGEST_TERM = 60;
const QUOTE = `["'“”‘’«»]?`;
const TERM = `${QUOTE}([\\p{L}\\p{N}][^"“”«»?]*?)${QUOTE}`;
const REMEMBER = '(?:(?:please )?(?:remember|note)(?: that)?[,:]? )?';
const END = '[.!]?$';

const SYNONYMS = [
  new RegExp(
    `^${REMEMBER}(?:by|with) ${TERM},? (?:i|we) (?:always |really |actually )?(?:mean|meant|refer to) ${TERM}${END}`,
    'iu',
  ),
  new RegExp(
    `^${REMEMBER}(?:when|whenever|if) (?:i|we) say ${TERM},? (?:then )?(?:i|we) (?:always )?(?:mean|refer to) ${TERM}${END}`,
    'iu',
  ),
  new RegExp(
    `^(?:please )?(?:remember|note)(?: that)?[,:]? ${TERM} (?:means?|stands? for|(?:is|are) the same as) ${TERM}${END}`,
    'iu',
  ),
  new RegExp(`^["“]([^"“”?]+)["”] (?:means?|stands? for|(?:is|are) the same as) ["“]?([^"“”?]+?)["”]?${END}`, 'iu'),
];

const FORGET = new RegExp(
  `^(?:please )?forget (?:that |about |what i said about |what )?${TERM}(?: means?| (?:means?|stands? for) .*)?${END}`,
  'iu',
);
const START_OVER =
  /^(?:please )?(?:start (?:over|again|anew)|new topic|reset|forget (?:everything|all(?: of (?:it|that))?|the context)|let us start (?:over|again)|let's start (?:over|again))[.!]?$/i;
const ROW_LIMIT = [
  /^(?:please )?(?:always|from now on,?) (?:show|give|return|keep|list)(?: me)?(?: at most| no more than| only| up to)? (\d{1,9}) rows(?: at most)?[.!]?$/i,
  /^(?:please )?(?:show|give|return|keep)(?: me)? (?:at most|no more than|only|up to) (\d{1,9}) rows(?: (?:always|from now on|at most))?[.!]?$/i,
];

/** What the text asks to be kept in mind; null when it is anything else. */
export function instructionIn(text: string): Instruction | null {
  const said = text.normalize('NFKC').replaceAll(/\s+/g, ' ').trim();
  if (said.length > 300) return null;
  if (START_OVER.test(said)) return { kind: 'start_over' };
  for (const form of ROW_LIMIT) {
    const [, rows] = form.exec(said) ?? [];
    if (rows !== undefined && Number(rows) > 0) return { kind: 'row_limit', rows: Number(rows) };
  }
  for (const form of SYNONYMS) {
    const [, term = '', means = ''] = form.exec(said) ?? [];
    if (isTerm(term) && isTerm(means)) return { kind: 'synonym', synonym: { term: term.trim(), means: means.trim() } };
  }
  const [, term = ''] = FORGET.exec(said) ?? [];
  return isTerm(term) ? { kind: 'forget_synonym', term: term.trim() } : null;
}

function isTerm(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text) && text.length <= LONGEST_TERM;
}

/**
 * The question with words exchanged for what the person means by them: whole words, the longest first, each once, not between
 * quotation marks.
 */
export function withSynonyms(question: string, synonyms: readonly Synonym[]): { text: string; used: Synonym[] } {
  const byTerm = new Map(synonyms.map((one) => [one.term.toLowerCase(), one]));
  if (byTerm.size === 0) return { text: question, used: [] };
  const terms = [...byTerm.keys()].sort((a, b) => b.length - a.length).map((term) => escaped(term));
  const form = new RegExp(`"[^"]*"|“[^”]*”|(?<![\\p{L}\\p{N}_])(?:${terms.join('|')})(?![\\p{L}\\p{N}_])`, 'giu');
  const used = new Set<Synonym>();
  const text = question.replaceAll(form, (found) => {
    const synonym = byTerm.get(found.toLowerCase());
    if (synonym === undefined) return found;
    used.add(synonym);
    return synonym.means;
  });
  return { text, used: [...used] };
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
}
