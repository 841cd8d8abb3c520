/** What a follow-up goes on from. */
import type { ColumnEntry, NamedEntry, TableEntry } from '../evidence/schema-index.js';
import type { Frame } from '../reading/frame.js';
import type { Segment } from '../reading/segments.js';

/** What was asked before, and the things that its rows are. */
export interface Asked {
  frame: Frame;
  entity: TableEntry;
  /** The column that is all that was shown, where many rows share its values: each of them is a group of rows. */
  label: ColumnEntry | null;
  /** True where numbers were worked out over rows, rather than rows listed or picked. */
  worksOut: boolean;
  /** The columns that were shown, besides what was worked out. */
  shown: readonly ColumnEntry[];
}

/** A phrase that names something known, in the place of another phrase. */
export function namingSegment(entry: NamedEntry, place: Segment): Segment {
  return {
    ...place,
    cue: null,
    names: [{ entry, score: 1, qualified: false }],
    verbNames: [],
    values: [],
    number: null,
    period: null,
    mark: null,
    quoted: false,
    capital: false,
    isParticiple: false,
    isPlural: true,
  };
}

/** The place of a phrase that the question does not say. */
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
  isPlural: true,
  duration: null,
  isMoney: false,
  isState: false,
  countsTimes: false,
  timeUnit: null,
  isUnit: false,
  isRangeWord: false,
};
