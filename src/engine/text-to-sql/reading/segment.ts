/** A phrase of the question with everything that it may mean. */
import type { ValueHit } from '../evidence/value-index.js';
import type { Period } from '../language/periods.js';
import type { Cue, TimeUnit } from '../lexicon/lexicon.js';
import type { NameReading } from './name-linking.js';

export interface Segment {
  index: number;
  phrase: string;
  start: number;
  end: number;
  /** Number of tokens. */
  length: number;
  cue: Cue | null;
  names: NameReading[];
  /** Names that a verb may point to: "hired" to `hire_date`. */
  verbNames: NameReading[];
  values: ValueHit[];
  number: number | null;
  percent: boolean;
  period: Period | null;
  quoted: boolean;
  /** A comma, a full stop or another mark. */
  mark: string | null;
  capital: boolean;
  /** A verb form that may open a condition: "directed by". */
  isParticiple: boolean;
  /** A verb that is true of every row. */
  isEmptyVerb: boolean;
  /** A noun in the plural. */
  isPlural: boolean;
  /** A number of a span of time, in milliseconds: "5 minutes". */
  duration: number | null;
  /** A number of money: "$20", "20 euros". */
  isMoney: boolean;
  /** A unit of measure: "dollars", "years". */
  isUnit: boolean;
  /** A name that begins with a preposition and says how a thing is: "in stock". */
  isState: boolean;
  /** A word behind what is a part of something: "rate". */
  isShareWord: boolean;
  /** "times" behind a number. */
  countsTimes: boolean;
  /** A calendar unit: "day", "months". */
  timeUnit: TimeUnit | null;
  /** A word between the ends of a range: "to". */
  isRangeWord: boolean;
}

/** A phrase that the question does not say. */
export const BLANK: Segment = {
  index: -1,
  phrase: '',
  start: 0,
  end: 0,
  length: 0,
  cue: null,
  names: [],
  verbNames: [],
  values: [],
  number: null,
  percent: false,
  period: null,
  quoted: false,
  mark: null,
  capital: false,
  isParticiple: false,
  isEmptyVerb: false,
  isPlural: false,
  duration: null,
  isMoney: false,
  isState: false,
  countsTimes: false,
  isShareWord: false,
  timeUnit: null,
  isUnit: false,
  isRangeWord: false,
};
