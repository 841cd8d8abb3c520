/** What a phrase most likely is, by the strength of its readings. */
import {
  flagValue,
  holdsDateText,
  holdsYears,
  isNumeric,
  isTemporal,
  type ColumnEntry,
} from '../evidence/schema-index.js';
import type { Cue } from '../lexicon/lexicon.js';
import type { Mention } from './frame.js';
import { BLANK, type Segment } from './segment.js';

/** Marks two periods that must each hold for some related row. */
export const BOTH: Segment = { ...BLANK, phrase: 'both', cue: { kind: 'both' } };

/** From so many different values in proportion to the rows on, a column tells rows apart. */
const UNIQUE = 0.8;

/** The tables that hold what the verb says was done: orders for "ordered". */
export function deedNames({ isParticiple, length, verbNames }: Segment): Segment['names'] {
  const isDeed = isParticiple && length === 1 && verbNames[0]?.entry.kind === 'table' && verbNames[0].score > 0.75;
  return isDeed ? verbNames.filter(({ entry }) => entry.kind === 'table') : [];
}

/** The flag column that the phrase names, when its best reading is one. */
export function flagColumn(segment: Segment): ColumnEntry | null {
  const best = segment.names[0];
  return best?.entry.kind === 'column' && best.score > 0.75 && flagValue(best.entry) !== null ? best.entry : null;
}

/** True when the phrase rather names a column of amounts. */
export function isMeasure(segment: Segment): boolean {
  const best = segment.names[0]?.entry;
  return best?.kind === 'column' && isNumeric(best) && !best.isKey && !holdsYears(best);
}

/** True for an amount that may be none: from 0 on. */
export function mayBeNone(entry: ColumnEntry): boolean {
  const { min } = entry.column.stats;
  return isNumeric(entry) && !entry.isKey && min !== null && Number(min) === 0;
}

/** True for a verb that a column of dates is named by: "cancelled" of `cancelled_on`. */
export function isDateOfDeed({ isParticiple, names, verbNames }: Segment): boolean {
  const best = names[0] ?? verbNames[0];
  return isParticiple && best?.entry.kind === 'column' && best.score > 0.6 && isTemporal(best.entry);
}

/** True for a column of texts or of yes and no whose values many rows share: it says of what kind a row is. */
export function isKind({ column, isKey, table }: ColumnEntry): boolean {
  const { distinct } = column.stats;
  const isLabel = column.type === 'boolean' || (column.type === 'text' && !isKey);
  return isLabel && distinct !== null && distinct < table.table.rowCount * UNIQUE;
}

/** True when a column that the phrase may name holds dates or years. */
export function isTimeLike(segment: Segment): boolean {
  return segment.names.some(
    ({ entry, score }) =>
      entry.kind === 'column' && score > 0.6 && (isTemporal(entry) || holdsYears(entry) || holdsDateText(entry)),
  );
}

export function segmentIndex(mention: Mention): number {
  return (mention.owner && mention.owner.segment.index < mention.segment.index ? mention.owner : mention).segment.index;
}

export function isMention(segment: Segment | undefined): boolean {
  return (
    segment !== undefined &&
    (segment.names.length > 0 || segment.values.length > 0 || segment.quoted) &&
    segment.number === null
  );
}

export function nameScore(segment: Segment): number {
  return segment.names[0]?.score ?? 0;
}

export function valueScore(segment: Segment): number {
  return segment.quoted ? 1.1 : (segment.values[0]?.score ?? 0);
}

export function tableScore(segment: Segment): number {
  return segment.names.find((reading) => reading.entry.kind === 'table')?.score ?? 0;
}

export function columnScore(segment: Segment): number {
  return segment.names.find((reading) => reading.entry.kind === 'column')?.score ?? 0;
}

export function givesWay(cue: Cue): boolean {
  return cue.kind === 'verb' || cue.kind === 'filler' || cue.kind === 'unit' || cue.kind === 'request';
}

export function sharesColumn(one: Mention | undefined, other: Mention): boolean {
  if (!one) return false;
  if (one.segment.values.length === 0 && other.segment.values.length === 0) return true;
  return one.segment.values.some((hit) => other.segment.values.some((otherHit) => otherHit.column === hit.column));
}

/** True when one column may be what both phrases speak of: "name" and "item" of `item_name`. */
export function sharesName(one: Segment, other: Segment): boolean {
  return one.names.some((reading) => other.names.some((otherReading) => otherReading.entry === reading.entry));
}
