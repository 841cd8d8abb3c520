/** What a question says, before its words are tied to single tables and columns. */
import type { Period } from '../language/periods.js';
import type { AggregateName, Comparison, TimeGroup, TimeUnit } from '../lexicon/lexicon.js';
import type { Segment } from './segments.js';

/** One phrase that names something in the data. */
export interface Mention {
  segment: Segment;
  /** The entity that the phrase belongs to in the sentence: "name" of "the customers". */
  owner: Mention | null;
  /** True where the sentence speaks of the thing itself and not of one of its qualities. */
  isEntity: boolean;
  /** The word before a value: "from", "to". */
  preposition?: string;
}

/** Something that is shown, compared or sorted by. `of` is null for a bare count or a quality such as "oldest". */
export interface Measure {
  aggregate: AggregateName | null;
  distinct: boolean;
  of: Mention | null;
  concept: string | null;
  /** "how many": the amount of a column as it stands, or a count. */
  quantity: boolean;
  segment: Segment | null;
  /** "ratio of … to …": each part is what is counted or measured, with conditions of its own. */
  ratio?: { numerator: Frame; denominator: Frame; isPercent: boolean };
  /** "days between … and …". */
  elapsed?: { unit: TimeUnit; from: Mention; to: Mention };
  /** "spent": what belongs to a thing is added up. */
  total?: boolean;
}

export type Operand =
  | { kind: 'number'; value: number; percent: boolean; segment: Segment }
  | { kind: 'text'; segment: Segment }
  | { kind: 'period'; period: Period; segment: Segment }
  | { kind: 'range'; low: Operand; high: Operand }
  /** Another column of the same row. */
  | { kind: 'column'; mention: Mention }
  | { kind: 'scalar'; frame: Frame };

/** How many related rows there must be; as many as there are at all with `all`. */
export interface RelatedCount {
  op: Comparison;
  value: number | 'all';
}

interface ConditionBase {
  joiner: 'and' | 'or';
  negated: boolean;
  segments: Segment[];
  /** The entity that the sentence spoke of last, which a condition without a column of its own is about. */
  near: Mention | null;
  /** True where that entity narrows what is asked for: "of members", "who have orders". */
  isNearSubject: boolean;
  /** True where it holds together with all alternatives before it. */
  closesOr: boolean;
  /** Where it narrows the whole that a share is of: said before the verb of the part, or a time or a place after it. */
  ofWhole?: 'before' | 'after';
}

export type Condition = ConditionBase &
  (
    | { kind: 'compare'; left: Measure | null; op: Comparison; right: Operand; temporal: boolean }
    /**
     * Values, any of which must hold; with `all`, each of them for some related row. `conjoined` values are listed with "and", `placed` ones stand
     * behind "in", "for" or "of": they say where or what, and not what somebody did.
     */
    | {
        kind: 'value';
        column: Mention | null;
        mentions: Mention[];
        all: boolean;
        conjoined: boolean;
        placed?: boolean;
      }
    | { kind: 'match'; column: Mention | null; how: 'contains' | 'starts' | 'ends'; text: string }
    | { kind: 'missing'; column: Mention }
    /** A flag is set. */
    | { kind: 'flag'; column: Mention }
    /** A related row exists, or so many of them do. */
    /** `excluded` for "excluding cancelled orders", which leaves rows out. */
    | { kind: 'related'; entity: Mention; frame: Frame; count: RelatedCount | null; excluded?: boolean }
  );

export interface Superlative {
  measure: Measure;
  direction: 'asc' | 'desc';
  limit: number;
  /** "top 10 %": the limit is a part of all. */
  isPercent?: boolean;
  /** The entity whose rows are ranked, when the phrase names it: "the youngest student". */
  entity: Mention | null;
  segments: Segment[];
  /** True where the phrase asks for the best value itself: "the highest age". */
  nested: boolean;
}

export interface Order {
  measure: Measure;
  direction: 'asc' | 'desc';
  /** "sort ascending": by what was worked out, or else by what the rows are called, whatever that is. */
  shown?: 'result' | 'label';
  /** Which of the labels, from 0. */
  nth?: number;
}

export interface Group {
  mention: Mention | null;
  /** A time unit; `fitting` where the data decides which one shows a development. */
  unit: TimeGroup | 'fitting' | null;
  /** True where the sentence names the group after what is worked out: "the average age for each city". */
  trailing: boolean;
  /** What is compared with one another, "Germany and France": one group for each. */
  compared?: Condition;
}

/** What is worked out along a series: added up so far, or compared with what came before. */
export type Course = 'running' | 'change' | 'growth';

export interface Frame {
  outputs: Measure[];
  groups: Group[];
  conditions: Condition[];
  superlatives: Superlative[];
  orders: Order[];
  /** The order that the rows are shown in, where the superlative that picks them has one of its own. */
  arranged: Order[];
  limit: number | null;
  /** Rows that the superlative leaves out: one for "the second largest". */
  offset: number;
  distinct: boolean;
  /** Entities the sentence speaks of, in order. */
  subjects: Mention[];
  course: Course | null;
  /** "new customers per month": what is said of time is when they came to be. */
  isNew: boolean;
  /** "all information about": rows are shown with all their columns. */
  whole: boolean;
  /** "share of": the first output as a part of the whole. */
  share: 'percent' | 'fraction' | null;
  /** Decimal places that what is worked out is shown with. */
  decimals: number | null;
  /** Phrases that only say how to do it. */
  hints: Segment[];
  /** Phrases that were understood to say nothing about the data, and those that were not understood. */
  unread: Segment[];
  /** Phrases that name a column but that nothing was done with. */
  unapplied: Segment[];
}

export function emptyFrame(): Frame {
  return {
    outputs: [],
    groups: [],
    conditions: [],
    superlatives: [],
    orders: [],
    arranged: [],
    limit: null,
    offset: 0,
    distinct: false,
    subjects: [],
    course: null,
    isNew: false,
    whole: false,
    share: null,
    decimals: null,
    hints: [],
    unread: [],
    unapplied: [],
  };
}

export function plainMeasure(of: Mention | null, segment: Segment | null = of?.segment ?? null): Measure {
  return { aggregate: null, distinct: false, of, concept: null, quantity: false, segment };
}
