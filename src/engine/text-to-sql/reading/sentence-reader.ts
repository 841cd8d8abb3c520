/** The place in the sentence and all that was read so far; moving along. */
import type { Cue, CueKind } from '../lexicon/lexicon.js';
import {
  emptyFrame,
  type Condition,
  type Frame,
  type Measure,
  type Mention,
  type Operand,
  type Superlative,
} from './frame.js';
import { isMention, nameScore, valueScore } from './phrases.js';
import type { Segment } from './segments.js';

/** A condition before it is known what it stands near. */
export type Unplaced = Condition extends infer C
  ? C extends Condition
    ? Omit<C, 'near' | 'isNearSubject' | 'closesOr'>
    : never
  : never;

/** What the reader stands before: something asked for, the entity it belongs to, or a condition. */
type Place = 'output' | 'owner' | 'condition';

export const SKIPPED: ReadonlySet<CueKind> = new Set(['filler', 'pronoun', 'any', 'be', 'of']);

export abstract class SentenceReader {
  protected position: number;
  protected frame = emptyFrame();
  protected place: Place = 'output';
  protected joiner: 'and' | 'or' = 'and';
  protected negated = false;
  /** The word that negates what follows. */
  protected negation: Segment | null = null;
  /** True after a comma: "a or b, and c" means both of (a or b) and c. */
  protected closesOr = false;
  protected both = false;
  /** True after "compared to": what was said last and what follows make a group each. */
  protected isCompared = false;
  /** Outputs of the list that is being read, which an "of" after them belongs to. */
  protected openOutputs: Measure[] = [];
  /** The column that a comparison without one of its own is about. */
  protected pending: Mention | null = null;
  /** The entity that the sentence spoke of last. */
  protected entity: Mention | null = null;
  /** True where that entity narrows what is asked for, and is not itself asked for. */
  protected isEntitySubject = false;
  /** The verb read last, which may point to a date: "hired after 2003". */
  protected verb: Segment | null = null;
  protected sentence = 0;
  protected sentenceOutputs = 0;
  /** The entity that outputs without one of their own belong to: "for each continent, list its name". */
  protected defaultOwner: Mention | null = null;
  /** "new" before things, which a time has to go with. */
  protected newcomers: Segment | null = null;
  protected afterVerb = false;
  protected isGrouping = false;
  protected pendingNumber: Segment | null = null;
  /** Where conditions go: the frame, or that of a negated or counted related entity. */
  protected scope: Frame = this.frame;
  protected pendingTop: Superlative | null = null;

  /**
   * @param start the segment to begin with
   * @param end the segment before which the part that is read ends
   */
  constructor(
    protected readonly segments: readonly Segment[],
    start = 0,
    protected readonly end = segments.length,
  ) {
    this.position = start;
  }

  protected setEntity(entity: Mention, isSubject: boolean): void {
    this.entity = entity;
    this.isEntitySubject = isSubject;
  }

  protected peek(offset = 0): Segment | undefined {
    const at = this.position + offset;
    return at < this.end ? this.segments[at] : undefined;
  }

  protected cueAt(offset = 0): Cue | null {
    return this.peek(offset)?.cue ?? null;
  }

  protected skip(kinds: ReadonlySet<CueKind> = SKIPPED): void {
    for (;;) {
      const segment = this.peek();
      if (!segment?.cue || !kinds.has(segment.cue.kind) || isMention(segment)) return;
      this.position += 1;
    }
  }

  /** The offset of the next segment that is not passed over. */
  protected ahead(from = 0, kinds: ReadonlySet<CueKind> = SKIPPED): number {
    let offset = from;
    for (;;) {
      const segment = this.peek(offset);
      if (!segment?.cue || !kinds.has(segment.cue.kind) || isMention(segment)) return offset;
      offset += 1;
    }
  }

  protected previousSeparates(): boolean {
    const previous = this.segments[this.position - 2];
    return previous === undefined || previous.mark !== null || previous.cue?.kind === 'and';
  }

  /** True when what follows asks for something more: "and how many …", ", and what …", ", and their …". */
  protected startsOutput(): boolean {
    const offset = this.ahead(0, new Set(['filler', 'and']));
    const cue = this.cueAt(offset);
    if (!cue) return false;
    if (['what', 'how-many', 'how-much', 'quality', 'request', 'number-of'].includes(cue.kind))
      return !this.isComparisonAhead(offset);
    return cue.kind === 'pronoun' && isMention(this.peek(offset + 1));
  }

  protected isComparisonAhead(offset: number): boolean {
    const cue = this.cueAt(this.ahead(offset + 1));
    return cue?.kind === 'compare';
  }

  protected beginOutputs(): void {
    this.place = 'output';
    this.openOutputs = [];
    this.scope = this.frame;
  }

  protected isValueAhead(): boolean {
    const next = this.peek(this.ahead());
    return next !== undefined && (next.quoted || valueScore(next) > nameScore(next));
  }

  protected hasSuperlativeAhead(): boolean {
    for (let offset = 0; offset < 6; offset += 1) {
      const segment = this.peek(offset);
      if (!segment || segment.mark !== null) return false;
      if (segment.cue?.kind === 'superlative') return true;
    }
    return false;
  }

  protected readUnknown(segment: Segment): void {
    this.frame.unread.push(segment);
    this.position += 1;
    this.afterVerb = false;
  }

  protected takeDistinct(): boolean {
    this.skip();
    let distinct = false;
    while (this.cueAt()?.kind === 'distinct') {
      distinct = true;
      this.position += 1;
      this.skip();
    }
    return distinct;
  }

  protected takeOperand(): Operand | null {
    const segment = this.peek();
    if (!segment) return null;
    if (segment.period) {
      this.position += 1;
      return { kind: 'period', period: segment.period, segment };
    }
    if (segment.number !== null) {
      this.position += 1;
      return { kind: 'number', value: segment.number, percent: segment.percent, segment };
    }
    if (segment.quoted || segment.values.length > 0) {
      this.position += 1;
      return { kind: 'text', segment };
    }
    return null;
  }

  /** "years old", "dollars": words behind a number that name its unit. */
  protected skipUnitWords(): void {
    while (this.peek()?.isUnit && this.peek()?.names.length === 0) this.position += 1;
  }
}
