/** English inflection: enough to bring the words of a question and the words of a name to one form. */

const IRREGULAR: Record<string, string> = {
  children: 'child',
  people: 'person',
  persons: 'person',
  men: 'man',
  women: 'woman',
  feet: 'foot',
  mice: 'mouse',
  geese: 'goose',
  teeth: 'tooth',
  data: 'data',
  media: 'media',
  series: 'series',
  species: 'species',
  news: 'news',
  statuses: 'status',
  bonuses: 'bonus',
  buses: 'bus',
  gases: 'gas',
  lenses: 'lens',
  analyses: 'analysis',
  indices: 'index',
  matrices: 'matrix',
  leaves: 'leaf',
  lives: 'live',
  wives: 'wife',
  knives: 'knife',
  shelves: 'shelf',
  halves: 'half',
  movies: 'movie',
  cookies: 'cookie',
  calories: 'calorie',
  ties: 'tie',
  heroes: 'hero',
  potatoes: 'potato',
  criteria: 'criterion',
  taxes: 'tax',
  sold: 'sell',
  sales: 'sale',
  bought: 'buy',
  spent: 'spend',
  made: 'make',
  paid: 'pay',
  wrote: 'write',
  written: 'write',
  taught: 'teach',
  sang: 'sing',
  sung: 'sing',
  won: 'win',
  lost: 'lose',
  gave: 'give',
  given: 'give',
  took: 'take',
  taken: 'take',
  held: 'hold',
  born: 'birth',
  flew: 'fly',
  flown: 'fly',
  grew: 'grow',
  grown: 'grow',
  built: 'build',
  sent: 'send',
  led: 'lead',
  ran: 'run',
  shown: 'show',
  chose: 'choose',
  chosen: 'choose',
  drove: 'drive',
  driven: 'drive',
  died: 'death',
  dies: 'death',
  die: 'death',
  flies: 'fly',
};

const ENDS_IN_S = /(?:ss|us|is|as|os|^yes|^les)$/;

/** The singular of a noun, the plain form of an irregular verb; other words as they are. */
export function lemma(word: string): string {
  const irregular = IRREGULAR[word];
  if (irregular !== undefined) return irregular;
  if (word.length < 3 || !word.endsWith('s')) return word;
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:ss|x|z|ch|sh)es$/.test(word)) return word.slice(0, -2);
  if (ENDS_IN_S.test(word)) return word;
  return word.slice(0, -1);
}

const SUFFIXES = [
  'ization',
  'ations',
  'ation',
  'ments',
  'ment',
  'ings',
  'ing',
  'ions',
  'ion',
  'ers',
  'ors',
  'er',
  'or',
  'ed',
  'ent',
  'ant',
  'al',
  'ly',
  'e',
];

/** Three letters that a verb does not end with unless it ends with "e" behind them; "named" speaks of no name. */
const LOSES_E = /^(?!nam)[^aeiou][aeiou][^aeiouwxy]$/;

/** A coarse stem that verb forms and nouns of action share. Never shorter than four letters. */
export function stem(word: string): string {
  const base = lemma(word);
  for (const suffix of SUFFIXES) {
    const shortest = suffix === 'ed' || suffix === 'ing' ? 3 : 4;
    if (base.endsWith(suffix) && base.length - suffix.length >= shortest) {
      const root = undouble(base.slice(0, -suffix.length));
      // "hired" is from "hire", "acted" from "act".
      return shortest === 3 && LOSES_E.test(root) ? `${root}e` : root;
    }
  }
  return base;
}

function undouble(word: string): string {
  const last = word.at(-1);
  const isDoubled = last !== undefined && word.at(-2) === last;
  // "cancelled", but not "called".
  return isDoubled && (/[bdgmnprt]/.test(last) || (last === 'l' && word.length > 5)) ? word.slice(0, -1) : word;
}
