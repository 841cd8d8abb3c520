/** Numbers and periods that bound something: "4 rooms", "2 or more", "in May 2023", "between … and …". */
import type { Comparison } from '../lexicon/lexicon.js';
import { emptyFrame, plainMeasure, type Measure, type Mention, type Operand } from './frame.js';
import { BOTH, columnScore, deedNames, isMention, isTimeLike, nameScore, tableScore } from './phrases.js';
import { OrderReader } from './order-reader.js';
import type { Segment } from './segments.js';

export abstract class BoundReader extends OrderReader {
  /** "or more", "or after", "and above" behind a value. */
  protected takeTail(): Comparison | null {
    const first = this.cueAt();
    if (first?.kind === 'compare' && first.isTail) {
      this.position += 1;
      return first.op;
    }
    const second = this.cueAt(1);
    if (first?.kind === 'or' && second?.kind === 'compare' && this.peek(2)?.number == null && !this.peek(2)?.period) {
      this.position += 2;
      return second.op === '>' ? '>=' : second.op === '<' ? '<=' : second.op;
    }
    return null;
  }

  protected readNumber(segment: Segment): void {
    const next = this.peek(this.ahead(1, new Set(['filler', 'distinct'])));
    if (
      this.place === 'output' &&
      this.sentenceOutputs === 0 &&
      (next?.cue?.kind === 'superlative' || next?.cue?.kind === 'frequent')
    ) {
      this.pendingNumber = segment;
      this.position += 1;
      return;
    }
    if (this.place === 'output' && next && isMention(next) && this.sentenceOutputs === 0) {
      this.takePremodifiers();
      if (this.peek() === segment) this.position += 1;
      return;
    }
    if (this.place !== 'output' && this.readTailedNumber(segment)) return;
    if (next && isMention(next) && nameScore(next) > 0 && (this.place === 'condition' || this.place === 'owner')) {
      this.position += 1;
      this.readCounted('=', segment);
      return;
    }
    if (segment.values.length > 0 || this.pending) {
      const column = this.pending;
      if (column) {
        this.readNumberFor(column);
        return;
      }
    }
    this.readUnknown(segment);
  }

  protected readNumberFor(column: Mention): void {
    const operand = this.takeOperand();
    if (!operand) return;
    const tail = this.takeTail();
    const base = { left: plainMeasure(column), temporal: false, negated: this.negated, segments: [column.segment] };
    this.addCondition({ ...base, kind: 'compare', op: tail ?? '=', right: operand, joiner: this.joiner });
    while (this.cueAt()?.kind === 'or' || (this.cueAt()?.kind === 'and' && this.both)) {
      const next = this.peek(this.ahead(1));
      if (!next || next.number === null || isMention(this.peek(this.ahead(1) + 1))) break;
      const joiner = this.cueAt()?.kind === 'or' ? 'or' : 'and';
      this.position += 1;
      this.skip();
      const other = this.takeOperand();
      if (!other) break;
      this.addCondition({ ...base, kind: 'compare', op: '=', right: other, joiner: joiner === 'and' ? 'or' : joiner });
    }
  }

  /** "2 or more items", "1 to 2 items"; false when neither stands here. */
  protected readTailedNumber(segment: Segment): boolean {
    const start = this.position;
    this.position += 1;
    const tail = this.takeTail();
    const counted = this.peek(this.ahead());
    if (tail && counted && isMention(counted) && nameScore(counted) > 0) {
      this.skip();
      this.readCounted(tail, segment);
      return true;
    }
    const high = this.peek(1);
    const named = this.peek(this.ahead(2));
    if (this.peek()?.isRangeWord && high?.number != null && named && isMention(named)) {
      this.position += 2;
      this.skip();
      this.readCountedRange(segment, high);
      return true;
    }
    this.position = start;
    return false;
  }

  protected readCountedRange(low: Segment, high: Segment): void {
    const mention = this.takeEntityOrColumn();
    if (!mention) return;
    for (const [op, bound] of [
      ['>=', low],
      ['<=', high],
    ] as const) {
      const left: Measure = {
        aggregate: null,
        distinct: false,
        of: mention,
        concept: null,
        quantity: true,
        segment: mention.segment,
      };
      this.scope = this.frame;
      this.addCounted(left, op, { kind: 'number', value: bound.number ?? 0, percent: bound.percent, segment: bound });
    }
  }

  /** "4 rooms", "(at least) two orders": a number that belongs to the noun after it. */
  protected readCounted(op: Comparison, number: Segment): void {
    const distinct = this.takeDistinct();
    const mention = this.takeEntityOrColumn();
    if (!mention) return;
    const value = number.number ?? 0;
    const left: Measure = {
      aggregate: null,
      distinct,
      of: mention,
      concept: null,
      quantity: true,
      segment: mention.segment,
    };
    const right: Operand = { kind: 'number', value, percent: number.percent, segment: number };
    this.addCounted(left, op, right);
  }

  protected addCounted(left: Measure, op: Comparison, right: Operand): void {
    const frame = emptyFrame();
    const mention = left.of;
    const isTable =
      mention !== null &&
      tableScore(mention.segment) > 0.6 &&
      tableScore(mention.segment) > columnScore(mention.segment) - 0.1;
    if (isTable && right.kind === 'number' && mention) {
      const count = { op, value: right.value };
      this.addCondition({
        kind: 'related',
        entity: { ...mention, isEntity: true },
        frame,
        count,
        joiner: this.joiner,
        negated: this.negated,
        segments: [right.segment, mention.segment],
      });
      this.scope = frame;
      return;
    }
    const segments = mention ? [mention.segment] : [];
    this.addCondition({
      kind: 'compare',
      left,
      op,
      right,
      temporal: false,
      joiner: this.joiner,
      negated: this.negated,
      segments,
    });
  }

  protected readRange(column: Mention | null): void {
    this.skip(new Set(['filler', 'in', 'pronoun']));
    const low = this.takeOperand();
    if (this.cueAt()?.kind !== 'and' && !this.peek()?.isRangeWord) {
      if (low) this.frame.unread.push(...('segment' in low ? [low.segment] : []));
      return;
    }
    this.position += 1;
    this.skip(new Set(['filler']));
    const high = this.takeOperand();
    if (!low || !high) return;
    this.skipUnitWords();
    let of = column ?? this.pending;
    const next = this.peek(this.ahead());
    const temporal = low.kind === 'period' && (high.kind === 'period' || low.segment.number === null);
    if (
      !column &&
      low.kind === 'number' &&
      high.kind === 'number' &&
      next &&
      isMention(next) &&
      tableScore(next) > 0.6 &&
      tableScore(next) >= columnScore(next) - 0.1
    ) {
      this.skip();
      this.readCountedRange(low.segment, high.segment);
      return;
    }
    if (!column && next && isMention(next) && columnScore(next) > 0.5 && !temporal) {
      this.skip();
      of = this.takeEntityOrColumn();
    }
    const left = temporal && !column ? null : of ? plainMeasure(of) : null;
    const segments = 'segment' in low && 'segment' in high ? [low.segment, high.segment] : [];
    this.addCondition({
      kind: 'compare',
      left,
      op: '=',
      right: { kind: 'range', low, high },
      temporal,
      joiner: this.joiner,
      negated: this.negated,
      segments,
    });
  }

  protected readPeriod(column: Mention | null = null): void {
    const operand = this.takeOperand();
    if (!operand || operand.kind !== 'period') return;
    const tail = this.takeTail();
    const next = this.peek(1);
    if (!tail && this.peek()?.isRangeWord && next?.period) {
      this.position += 1;
      const high = this.takeOperand();
      if (high) this.addPeriod(column, '=', { kind: 'range', low: operand, high }, operand.segment);
      return;
    }
    this.addPeriod(column, tail ?? '=', operand, operand.segment);
    while (['or', 'and', 'versus'].includes(this.cueAt()?.kind ?? '') && this.peek(1)?.period) {
      this.isCompared ||= this.cueAt()?.kind === 'versus';
      this.position += 1;
      const other = this.takeOperand();
      const last = this.scope.conditions.at(-1);
      if (!other || other.kind !== 'period') return;
      if (this.both && last) this.addBothPeriods(column, other);
      else {
        this.joiner = 'or';
        this.addPeriod(column, '=', other, other.segment);
      }
    }
  }

  protected addBothPeriods(column: Mention | null, other: Operand & { kind: 'period' }): void {
    this.addPeriod(column, '=', other, other.segment);
    for (const condition of this.scope.conditions.slice(-2))
      if (condition.kind === 'compare') condition.segments.push(BOTH);
  }

  protected addPeriod(column: Mention | null, op: Comparison, right: Operand, segment: Segment): void {
    const { verb } = this;
    const pointed: Mention | null =
      verb && verb.verbNames.length > 0
        ? { segment: { ...verb, names: verb.verbNames }, owner: null, isEntity: false }
        : null;
    const isPointed = column === null && pointed !== null && isTimeLike(pointed.segment);
    const left = column ? plainMeasure(column) : isPointed ? plainMeasure(pointed) : null;
    const { entity, isEntitySubject } = this;
    const opensSentence = this.place === 'output' && this.sentenceOutputs === 0;
    // "members who rented in May", "who rented a boat in May" is about the rentals.
    const done = verb && !left ? deedNames(verb) : [];
    if (verb && done.length > 0)
      this.setEntity({ segment: { ...verb, names: done, values: [] }, owner: null, isEntity: true }, true);
    this.addCondition({
      kind: 'compare',
      left,
      op,
      right,
      temporal: true,
      joiner: this.joiner,
      negated: this.negated,
      segments: [segment],
    });
    if (entity) this.setEntity(entity, isEntitySubject);
    // "last month revenue": what is asked for comes behind its time.
    if (opensSentence) this.place = 'output';
  }
}
