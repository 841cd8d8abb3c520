/** What the engine needs to know about a language. A language is a folder of data that fills this in. */

export type AggregateName = 'count' | 'sum' | 'avg' | 'min' | 'max' | 'median' | 'stddev';
export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';
export type TimeUnit = 'day' | 'week' | 'month' | 'quarter' | 'year';
/** What rows may be put together by in time. */
export type TimeGroup = TimeUnit | 'weekday' | 'fiscal_year' | 'fiscal_quarter';

/** What a fixed phrase does in a question. */
export type Cue =
  /** `compares` for "compare"; `isCourse` for "how did", which a verb of change may follow. */
  | { kind: 'request'; compares?: boolean; isCourse?: boolean }
  | { kind: 'what' }
  | { kind: 'who' }
  | { kind: 'where' }
  | { kind: 'when' }
  /** `counts` for "average number of". */
  | { kind: 'aggregate'; name: AggregateName; counts?: boolean }
  /** "how many": a count, or the quantity of a column. */
  | { kind: 'how-many' }
  /** "number of": a count, or the start of a column's own name. */
  | { kind: 'number-of' }
  | { kind: 'how-much' }
  /** "how old": the quality itself. */
  | { kind: 'quality'; concept: string }
  /** `isVague` for "best", which does not say by what. `counts` is `rows` for "most number of", `things` for "most", which counts things but measures amounts. */
  | {
      kind: 'superlative';
      direction: 'asc' | 'desc';
      concept?: string;
      counts?: 'rows' | 'things';
      isVague?: boolean;
      /** "best-selling": all that belongs to a thing counts, and not its best row. */
      isOfAll?: boolean;
    }
  /** "top", "first": a limit follows or precedes. */
  | { kind: 'top'; direction: 'asc' | 'desc'; byPosition?: boolean }
  | { kind: 'frequent'; direction: 'asc' | 'desc' }
  /** "second" before a superlative. */
  | { kind: 'ordinal'; place: number }
  /** "compared to", "vs": one group for each of what is compared. */
  | { kind: 'versus' }
  /** "running total", "growth", "month over month". */
  | { kind: 'course'; course: 'running' | 'change' | 'growth'; unit: TimeUnit | null }
  | { kind: 'compare'; op: Comparison; concept?: string; temporal?: boolean; isTail?: boolean }
  | { kind: 'between' }
  | { kind: 'match'; how: 'contains' | 'starts' | 'ends' }
  | { kind: 'order-by' }
  | { kind: 'direction'; direction: 'asc' | 'desc'; alphabetical?: boolean; concept?: string }
  /** `isUniversal` for "every", which behind a verb means all that there are. `isApart` where it stands apart from what is worked out: "the average age for each city". */
  | { kind: 'each'; isApart?: boolean; isUniversal?: boolean }
  | { kind: 'group-by' }
  | { kind: 'not' }
  | { kind: 'without' }
  | { kind: 'except' }
  | { kind: 'distinct' }
  /** `asks` for "and what", which begins what is asked for anew. */
  | { kind: 'and'; asks?: boolean }
  | { kind: 'or' }
  | { kind: 'but' }
  | { kind: 'both' }
  | { kind: 'relative' }
  | { kind: 'whose' }
  | { kind: 'with' }
  /** `isOne` for "has", which says something of one thing. */
  | { kind: 'have'; isOne?: boolean }
  | { kind: 'be' }
  | { kind: 'of' }
  | { kind: 'by' }
  | { kind: 'for' }
  /** "out of": the whole that a part is of. */
  | { kind: 'out-of' }
  | { kind: 'in' }
  | { kind: 'than' }
  | { kind: 'pronoun'; isPossessive?: boolean }
  | { kind: 'missing' }
  | { kind: 'any' }
  /** "all information about": every column. */
  | { kind: 'everything' }
  | { kind: 'share'; isFraction?: boolean; asks?: boolean }
  /** "ratio of": one thing divided by another. */
  | { kind: 'ratio' }
  | { kind: 'trend'; unit: TimeGroup | null }
  /** A bare time unit: "month", "year". */
  | { kind: 'unit'; unit: TimeUnit }
  /** "based on joining …": how to do it, which says nothing of what is asked for. A verb, unless it `opens` a later sentence. */
  | { kind: 'hint'; opens?: boolean }
  /** "rounded to": a number of decimal places follows. */
  | { kind: 'round' }
  /** `mayBeNoun` for a word such as "shows", which is a thing where a thing is expected; `changes` for "grow", "fell". */
  | { kind: 'verb'; mayBeNoun?: boolean; changes?: boolean }
  /** "new" before things: those that came to be in the time that is said. */
  | { kind: 'new' }
  | { kind: 'filler' };

export type CueKind = Cue['kind'];

/** A quality that an adjective measures: "old" measures age, and a birth date the other way round. */
export interface Concept {
  /** Words of column names that measure it, best first. */
  columns: string[];
  /** Words of column names that measure it in reverse. */
  inverse: string[];
}

/**
 * What may be wished about a result as a whole: turned round, without its filters, as one number, the rows behind it whole or by their names, as parts of the whole,
 * the one before, or a reason, which the data does not hold.
 */
export type ResultEdit = 'reverse' | 'release' | 'total' | 'rows' | 'things' | 'share' | 'undo' | 'reason';

/** How a question leans on the one before it. Phrases are folded. */
export interface FollowUpWords {
  /** Words that stand for what was spoken of: "them", "those", "the ones". */
  pronouns: ReadonlySet<string>;
  /** "their", "its". */
  possessives: ReadonlySet<string>;
  /** Pronouns that may stand before a noun: "those orders". */
  demonstratives: ReadonlySet<string>;
  /** Those of them that stand for several: "the cheapest ones". */
  manyOnes: ReadonlySet<string>;
  /** Question words that choose among what was spoken of: "which ones". */
  choosing: ReadonlySet<string>;
  /** "each", where nothing follows that names what each is. */
  eachOne: ReadonlySet<string>;
  /** Beginnings that go on from what was asked: "what about", "only". */
  openings: ReadonlySet<string>;
  /** Those of them that put something else in the place of what was said: "how about". */
  swaps: ReadonlySet<string>;
  /** Words that add to what is shown: "also", "too". */
  additions: ReadonlySet<string>;
  /** Verbs between what is asked for and the subject: "which ports DOES it serve". */
  auxiliaries: ReadonlySet<string>;
  /** Nouns that stand for what was worked out: "by this number". */
  amounts: ReadonlySet<string>;
  /** Words for all of a kind, before its name: "all countries". */
  wholes: ReadonlySet<string>;
  /** Words that leave out what was spoken of: "the other ones". */
  rests: ReadonlySet<string>;
  /** The whole of what is said, in folded words, where it asks for the same result in another form. */
  edits: readonly { edit: ResultEdit; form: RegExp }[];
  /** Answers to a question back; `meant` opens one that says what was meant. */
  dialogue: { yes: RegExp; no: RegExp; meant: RegExp };
}

export interface Lexicon {
  language: string;
  followUps: FollowUpWords;
  /** Phrases in folded words, single spaces. */
  cues: ReadonlyMap<string, Cue>;
  /** Longest phrase, in words. */
  longestCue: number;
  /** True for a verb that says nothing about the data: "performed", "takes". */
  isVerb(word: string): boolean;
  /** True for a verb that is true of every row, and so narrows nothing: "placed", "made". */
  isEmptyVerb(word: string): boolean;
  /**
   * True for a verb that says of a measure what the name of its table says already: the quantity of an order's line is
   * what was sold.
   */
  isImplied(verb: string, tableWords: readonly string[]): boolean;
  /** True for a phrase that begins with a participle and may open a condition: "directed by". */
  isParticiple(first: string, last: string): boolean;
  /** Verbs that sort, where a request begins with them: "order the boats by length". */
  sortingVerbs: ReadonlySet<string>;
  /** Words behind a number that count how often something was done: "ordered more than 10 times". */
  timesWords: ReadonlySet<string>;
  /** Words behind a number that name its unit. */
  unitWords: ReadonlySet<string>;
  /** Those of them that are a span of time, in milliseconds; names of columns may say their unit so, too. */
  durations: ReadonlyMap<string, number>;
  /** Those of them that are money. */
  moneyWords: ReadonlySet<string>;
  /** Words for a span of time that has two ends: "period". */
  periodWords: ReadonlySet<string>;
  /** Words of names that say the one end of a range and the other. */
  rangeEnds: readonly (readonly [string, string])[];
  /** Words between the ends of a range. */
  rangeWords: ReadonlySet<string>;
  /** Words that a name may lack: "product" for `product_name`. */
  lightWords: ReadonlySet<string>;
  /** Words that may stand between the words of a name: "number of platforms". */
  linkingWords: ReadonlySet<string>;
  concepts: ReadonlyMap<string, Concept>;
  /** Groups of words that may stand for one another in names. */
  synonyms: ReadonlyMap<string, ReadonlySet<string>>;
  /** What short forms in names stand for: `qty` is "quantity". */
  abbreviations: ReadonlyMap<string, string>;
  /** Words that names are built from, for cutting names that are written together. */
  nameWords: ReadonlySet<string>;
  /** Words that mean the name of a thing, whatever its column is called. */
  displayWords: ReadonlySet<string>;
  /** Words behind the name of what is a part of something: "discount rate". */
  shareWords: ReadonlySet<string>;
  /** Words behind the name of what they are a number of: "phone number". */
  codeWords: ReadonlySet<string>;
  /** Words for what was earned: "revenue". */
  revenueWords: readonly string[];
  /** Words for what a thing is worth: the "value" of an order. */
  worthWords: ReadonlySet<string>;
  /** Words of tables whose rows are sales. */
  tradeWords: ReadonlySet<string>;
  /** Words of columns that hold amounts of money. */
  amountWords: ReadonlySet<string>;
  /** Words of names whose amounts make no sense as a sum: "price", "temperature". */
  rateWords: ReadonlySet<string>;
  /** Words of dates that are rarely when a row happened: "birth", "due". */
  sideDateWords: ReadonlySet<string>;
  /** Words of column names that fit a preposition before a value: "from" an origin, "to" a destination. */
  prepositionNames: ReadonlyMap<string, ReadonlySet<string>>;
  /** Words of table names that say nothing about what the rows are: "data", "list". */
  emptyNameWords: ReadonlySet<string>;
  /** Verbs and adjectives of place and people: "French" to "France". */
  valueForms: ReadonlyMap<string, readonly string[]>;
  /** Words that people use for coded values, by the code: "female" for `F` in a column about sex. */
  codes: readonly ValueCode[];
  numberWords: ReadonlyMap<string, number>;
  ordinals: ReadonlyMap<string, number>;
  magnitudes: ReadonlyMap<string, number>;
  months: ReadonlyMap<string, number>;
  timeUnits: ReadonlyMap<string, TimeUnit>;
  /** Days of the week by ISO number, in the plural as well; and groups of them. */
  weekdays: ReadonlyMap<string, readonly number[]>;
  /** Words that shape a period: "last", "this", "since". */
  timeWords: Record<TimeWord, ReadonlySet<string>>;
  /** The dictionary form: "countries" to "country", "sold" to "sell". */
  lemma(word: string): string;
  /** A coarser form that related words share: "production", "produced". */
  stem(word: string): string;
}

export type TimeWord =
  | 'last'
  | 'this'
  | 'next'
  | 'since'
  | 'before'
  | 'after'
  | 'until'
  | 'ago'
  | 'from'
  | 'to'
  | 'in'
  | 'today'
  | 'yesterday'
  | 'decade'
  | 'inclusive'
  /** "fiscal", before a unit. */
  | 'fiscal'
  /** Behind a unit, "to date": from its beginning on. */
  | 'toDate'
  /** Before the name of a day: "on", "every". */
  | 'onDay';

export interface ValueCode {
  words: readonly string[];
  /** Words of the column's name that the code needs, none when any column will do. */
  columns: readonly string[];
  values: readonly string[];
}
