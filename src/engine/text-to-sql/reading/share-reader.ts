/** "What share of orders of members was returned in May": what the whole is, and what the part of it. */
import type { CueKind } from '../lexicon/lexicon.js';
import { ArithmeticReader } from './arithmetic-reader.js';
import type { Condition } from './frame.js';
import { isMention } from './phrases.js';
import type { Segment } from './segments.js';

const OPENS_CLAUSE: ReadonlySet<CueKind> = new Set(['relative', 'who', 'whose']);
/** What tells which things are meant, where a verb follows: "the orders with a discount that …". */
const TELLS: ReadonlySet<CueKind> = new Set(['with', 'without']);
const SAYS: ReadonlySet<CueKind> = new Set(['be', 'have', 'verb']);

export abstract class ShareReader extends ArithmeticReader {
  /** The phrase that asks for a share, and the place of the verb that says what the part is. */
  private share: { segment: Segment; verb: number | null } | null = null;

  protected noteShare(segment: Segment): void {
    this.share ??= { segment, verb: this.verbOfPart(segment) };
  }

  /**
   * Marks what narrows the whole: all that is said before the verb, and a time or a place behind what is said with it.
   * Where nothing would be left to say what the part is, it is the last that was said.
   */
  protected markWhole(): void {
    if (!this.share) return;
    const { conditions } = this.frame;
    const verb = this.share.verb ?? (this.isAsked(this.share.segment) ? wordsOfTime(conditions) : null);
    const isTied = (at: number): boolean => conditions[at]?.joiner === 'or' || conditions[at + 1]?.joiner === 'or';
    let hasPart = false;
    for (const [at, condition] of conditions.entries()) {
      if (isTied(at)) hasPart = true;
      else if (verb !== null && placeOf(condition) < verb) condition.ofWhole = 'before';
      else if (isTime(condition) || (hasPart && this.isPlace(condition))) condition.ofWhole = 'after';
      else hasPart = true;
    }
    if (hasPart) return;
    const isLater = conditions.some(({ ofWhole }) => ofWhole === 'after');
    for (const condition of conditions) if (!isLater || condition.ofWhole === 'after') delete condition.ofWhole;
  }

  /** "What share of the orders that were paid is late": the verb of the question, and not one that only tells which orders. */
  private verbOfPart(share: Segment): number | null {
    const isAsked = this.isAsked(share);
    let attribute: number | null = null;
    let isInClause = false;
    let hasThing = false;
    for (let at = share.index + 1; at < this.end; at += 1) {
      const segment = this.segments[at];
      if (!segment || (segment.mark !== null && segment.mark !== ',')) break;
      const kind = segment.cue?.kind;
      const isMade = segment.isParticiple && (kind === undefined || kind === 'verb' || kind === 'order-by');
      if (!hasThing) hasThing = isMention(segment);
      else if (kind !== undefined && OPENS_CLAUSE.has(kind)) {
        if (!isAsked) return at;
        isInClause = true;
      } else if (!isMade && (kind === undefined || !(SAYS.has(kind) || TELLS.has(kind)))) continue;
      else if (isInClause) isInClause = false;
      else if (isAsked && (isMade || (kind !== undefined && TELLS.has(kind)))) attribute ??= at;
      else return at;
    }
    return attribute;
  }

  /** "What share of …" goes on with a verb; "the share of …" need not. */
  private isAsked({ index, cue }: Segment): boolean {
    return (cue?.kind === 'share' && cue.asks === true) || this.segments[index - 1]?.cue?.kind === 'what';
  }

  /** "cancelled in Spain", unlike "cancelled and in Spain". */
  private isPlace(condition: Condition): boolean {
    if (condition.kind !== 'value' || condition.negated) return false;
    return condition.mentions.every(({ preposition, segment }) => {
      const opening = this.segments[segment.index - 2]?.cue?.kind;
      return preposition === 'in' && opening !== 'and' && opening !== 'be';
    });
  }
}

function isTime(condition: Condition): boolean {
  return condition.kind === 'compare' && condition.temporal;
}

/** "signed up in May": where the words stand that say of what date a time is. */
function wordsOfTime(conditions: readonly Condition[]): number | null {
  const timed = conditions.find((condition) => isTime(condition) && condition.kind === 'compare' && condition.left?.of);
  return timed?.kind === 'compare' ? (timed.left?.of?.segment.index ?? null) : null;
}

/** Where the first of its phrases stands. */
function placeOf(condition: Condition): number {
  const said = [
    ...condition.segments,
    ...(condition.kind === 'value' ? condition.mentions : []).map(({ segment }) => segment),
  ];
  return Math.min(...said.filter(({ index }) => index >= 0).map(({ index }) => index));
}
