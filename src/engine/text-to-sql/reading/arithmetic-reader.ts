/** What is worked out from two things: "the ratio of … to …", "days between … and …". */
import type { CueKind } from '../lexicon/lexicon.js';
import type { Condition, Frame, Measure } from './frame.js';
import { OutputReader } from './output-reader.js';
import type { Segment } from './segments.js';

/** What ends the second part of a ratio. */
const ENDS: ReadonlySet<CueKind> = new Set([
  'each',
  'group-by',
  'trend',
  'order-by',
  'direction',
  'by',
  'unit',
  'course',
]);

export abstract class ArithmeticReader extends OutputReader {
  /** The frame of some of the segments, read as a question of its own. */
  protected abstract parsePart(start: number, end: number): Frame;

  /** "ratio of restaurants above 4 to those below 4 in Rome": what holds for both stands at the end. */
  protected readRatio(segment: Segment, isPercent: boolean): void {
    const start = this.position + 1;
    const tie = this.indexOf(start, isTie);
    const end = tie === null ? null : this.partEnd(tie + 1);
    this.position += 1;
    if (tie === null || end === null || tie === start || end === tie + 1) {
      this.readUnknown(segment);
      this.position -= 1;
      return;
    }
    const numerator = this.parsePart(start, tie);
    const denominator = this.parsePart(tie + 1, end);
    this.position = end;
    if (numerator.outputs.length !== 1 || denominator.outputs.length !== 1) {
      this.frame.unread.push(segment);
      return;
    }
    this.frame.conditions.push(...takeShared(numerator, denominator));
    for (const part of [numerator, denominator]) {
      this.frame.unread.push(...part.unread);
      this.frame.unapplied.push(...part.unapplied);
    }
    const isAverage = this.segments[segment.index - 1]?.cue?.kind === 'aggregate';
    const base: Measure = { aggregate: null, distinct: false, of: null, concept: null, quantity: false, segment };
    this.pushOutput({ ...base, aggregate: isAverage ? 'avg' : null, ratio: { numerator, denominator, isPercent } });
    this.place = 'condition';
  }

  /** "the percentage of flights with stops out of all flights": the whole is said. */
  protected isOfWholeAhead(): boolean {
    const tie = this.indexOf(this.position + 1, (candidate) => candidate.cue?.kind === 'out-of');
    return tie !== null;
  }

  private indexOf(from: number, fits: (segment: Segment) => boolean): number | null {
    for (let at = from; at < this.end; at += 1) {
      const segment = this.segments[at];
      if (!segment || (segment.mark !== null && segment.mark !== ',')) return null;
      if (fits(segment)) return at;
    }
    return null;
  }

  private partEnd(from: number): number {
    for (let at = from; at < this.end; at += 1) {
      const segment = this.segments[at];
      if (!segment || segment.mark !== null || (at > from && segment.cue && ENDS.has(segment.cue.kind))) return at;
    }
    return this.end;
  }
}

function isTie({ isRangeWord, cue }: Segment): boolean {
  return isRangeWord || cue?.kind === 'each' || cue?.kind === 'out-of';
}

/** Takes a place or a time that ends the second part, and that the first part says nothing of, out of it: it is about both. */
function takeShared(numerator: Frame, denominator: Frame): Condition[] {
  const last = denominator.conditions.at(-1);
  const isOfBoth =
    last !== undefined &&
    (denominator.conditions.length > 1 || numerator.conditions.length > 0 || last.kind === 'compare') &&
    ((last.kind === 'value' && last.mentions.every(({ preposition }) => preposition === 'in')) ||
      (last.kind === 'compare' && last.temporal)) &&
    numerator.conditions.every(({ kind }) => kind !== last.kind || last.kind === 'value');
  if (!isOfBoth || numerator.conditions.some((condition) => sharesValue(condition, last))) return [];
  denominator.conditions.pop();
  return [last];
}

function sharesValue(one: Condition, other: Condition): boolean {
  if (one.kind !== 'value' || other.kind !== 'value') return false;
  const columns = other.mentions.flatMap(({ segment }) => segment.values.map(({ column }) => column));
  return one.mentions.some(({ segment }) => segment.values.some(({ column }) => columns.includes(column)));
}
