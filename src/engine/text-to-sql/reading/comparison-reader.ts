/** Comparisons: "more than 3", "above the average age", "than the car with the most power". */
import type { AggregateName, Comparison } from '../lexicon/lexicon.js';
import { BoundReader } from './bound-reader.js';
import { emptyFrame, plainMeasure, type Measure, type Mention } from './frame.js';
import { columnScore, isMeasure, isMention, isTimeLike, nameScore, tableScore, valueScore } from './phrases.js';
import type { Segment } from './segments.js';

export abstract class ComparisonReader extends BoundReader {
  /** Reads a comparison that begins here; `column` is what stands before it. */
  protected readComparison(column: Mention | null): void {
    const segment = this.peek();
    const cue = segment?.cue;
    if (!segment || cue?.kind !== 'compare') return;
    this.position += 1;
    let op = cue.op;
    const after = this.peek(this.ahead());
    if (cue.op === '>' || cue.op === '<') {
      // "greater than or equal to", "after or in"
      if (this.cueAt()?.kind === 'or' && this.cueAt(1)?.kind === 'compare') {
        const second = this.cueAt(1);
        if (second?.kind === 'compare' && second.op === '=') {
          op = cue.op === '>' ? '>=' : '<=';
          this.position += 2;
        }
      }
    }
    this.skip(new Set(['filler', 'than', 'pronoun', 'any', 'of', 'in']));
    const concept = cue.concept ?? null;
    const left = (): Measure | null => {
      const byVerb = column || concept ? null : this.verbColumn();
      const of = column ?? (concept ? null : (byVerb ?? this.pending));
      if (!of && !concept) return null;
      return {
        ...plainMeasure(of, segment),
        concept: of ? null : concept,
        total: byVerb !== null || column?.segment.cue?.kind === 'verb',
      };
    };
    const next = this.peek();
    if (next && this.readRival(next, column, op, segment)) return;
    if (next?.period && (next.number === null || cue.temporal || next.length > 1)) {
      const operand = this.takeOperand();
      if (operand?.kind === 'period') {
        this.addPeriod(column ?? (this.pending && !cue.temporal ? this.pending : null), op, operand, segment);
        if (cue.temporal) this.readSecondBound(column);
      }
      return;
    }
    if (next && next.number !== null) {
      const counted = this.peek(this.ahead(1, new Set(['filler', 'distinct', 'of', 'aggregate'])));
      if (
        !column &&
        !concept &&
        counted &&
        isMention(counted) &&
        nameScore(counted) > 0 &&
        !counted.cue?.kind.startsWith('or')
      ) {
        this.position += 1;
        this.skip(new Set(['filler', 'of', 'aggregate']));
        this.readCounted(op, next);
        return;
      }
      const operand = this.takeOperand();
      if (!operand) return;
      this.skipUnitWords();
      this.addCondition({
        kind: 'compare',
        left: left(),
        op,
        right: operand,
        temporal: false,
        joiner: this.joiner,
        negated: this.negated,
        segments: [segment],
      });
      return;
    }
    if (next?.cue?.kind === 'aggregate' || next?.cue?.kind === 'superlative') {
      this.readScalar(column || concept ? left() : null, op, segment);
      return;
    }
    if (next && isMention(next) && !column && columnScore(next) > 0.5 && nameScore(next) >= valueScore(next)) {
      const named = this.takeEntityOrColumn();
      this.skip(new Set(['filler', 'than', 'of', 'be', 'in']));
      const operand = named && this.peek()?.number != null ? this.takeOperand() : null;
      if (named && operand) {
        this.pending = named;
        this.addCondition({
          kind: 'compare',
          left: plainMeasure(named),
          op,
          right: operand,
          temporal: operand.kind === 'period' && cue.temporal === true,
          joiner: this.joiner,
          negated: this.negated,
          segments: [segment],
        });
        return;
      }
      if (named && (this.cueAt()?.kind === 'aggregate' || this.hasSuperlativeAhead())) {
        this.readScalar(plainMeasure(named), op, segment);
        return;
      }
      this.frame.unread.push(segment);
      return;
    }
    if (next && (next.quoted || valueScore(next) > nameScore(next)) && (op === '=' || op === '!=')) {
      this.position += 1;
      if (op === '!=') this.negated = !this.negated;
      this.addValue(next, column ?? this.pending);
      return;
    }
    if (next && isMention(next) && this.hasSuperlativeAhead()) {
      this.readScalar(left(), op, segment);
      return;
    }
    if (after === undefined || !column) this.frame.unread.push(segment);
  }

  /** "shipped after the required date", "open above close": a column compared with another one; false for anything else. */
  private readRival(next: Segment, column: Mention | null, op: Comparison, segment: Segment): boolean {
    const verb = this.verb && this.verb.index === segment.index - 1 ? this.verb : null;
    const byVerb: Mention | null = verb
      ? { segment: { ...verb, names: verb.verbNames }, owner: null, isEntity: false }
      : null;
    const first = column ?? byVerb;
    const after = this.peek(1);
    const ends = !after || after.mark !== null || after.cue?.kind === 'and' || after.cue?.kind === 'or';
    if (!first || !ends || !isMention(next) || next.quoted || columnScore(next) < 0.75) return false;
    if (valueScore(next) > nameScore(next)) return false;
    const isTime = isTimeLike(first.segment) && isTimeLike(next);
    const isAmount = isMeasure(first.segment) && isMeasure(next) && column !== null;
    const mention = isTime || isAmount ? this.takeEntityOrColumn() : null;
    if (!mention) return false;
    this.addCondition({
      kind: 'compare',
      left: plainMeasure(first),
      op,
      right: { kind: 'column', mention },
      temporal: false,
      joiner: this.joiner,
      negated: this.negated,
      segments: [segment, first.segment, ...(verb ? [verb] : [])],
    });
    return true;
  }

  protected readSecondBound(column: Mention | null): void {
    const cue = this.cueAt(1);
    if (this.cueAt()?.kind === 'and' && cue?.kind === 'compare' && cue.temporal && !column) this.position += 1;
  }

  /** "than the average age", "than the car with the largest horsepower", "above average". */
  protected readScalar(left: Measure | null, op: Comparison, segment: Segment): void {
    const frame = emptyFrame();
    const first = this.cueAt();
    if (first?.kind === 'aggregate' || (first?.kind === 'superlative' && this.isBareSuperlative())) {
      const at = this.peek();
      this.position += 1;
      const aggregate: AggregateName =
        first.kind === 'aggregate' ? first.name : first.direction === 'asc' ? 'min' : 'max';
      this.skip(new Set(['filler', 'of', 'pronoun', 'for', 'number-of']));
      const mention = this.takeEntityOrColumn();
      const isColumn =
        mention !== null &&
        columnScore(mention.segment) > 0.5 &&
        columnScore(mention.segment) >= tableScore(mention.segment);
      frame.outputs.push({
        aggregate,
        distinct: false,
        of: isColumn ? mention : null,
        concept: null,
        quantity: false,
        segment: at ?? null,
      });
      if (mention && !isColumn) frame.subjects.push(mention);
      this.skip(new Set(['filler']));
      if (this.cueAt()?.kind === 'of' || this.cueAt()?.kind === 'for' || this.cueAt()?.kind === 'in') {
        const owner = this.peek(this.ahead(1));
        if (owner && isMention(owner) && nameScore(owner) > valueScore(owner)) {
          this.position += this.ahead(1);
          const taken = this.takeEntityOrColumn();
          if (taken) frame.subjects.push({ ...taken, isEntity: true });
        }
      }
    } else {
      const mention = this.takeEntityOrColumn();
      if (mention) frame.subjects.push({ ...mention, isEntity: true });
      this.skip(new Set(['filler', 'with', 'have', 'relative', 'whose', 'be', 'of']));
      const superlative = this.peek();
      if (superlative?.cue?.kind === 'superlative') {
        const parsed = this.takeSuperlative();
        if (parsed) frame.superlatives.push(parsed);
      }
    }
    this.addCondition({
      kind: 'compare',
      left,
      op,
      right: { kind: 'scalar', frame },
      temporal: false,
      joiner: this.joiner,
      negated: this.negated,
      segments: [segment],
    });
  }

  protected isBareSuperlative(): boolean {
    const next = this.peek(this.ahead(1));
    const cue = this.cueAt();
    return (
      cue?.kind === 'superlative' &&
      cue.concept === undefined &&
      (!next || !isMention(next) || columnScore(next) > tableScore(next))
    );
  }

  /** "whose total amount is above 100", "with an average age over 20". */
  protected isConditionOnAggregate(): boolean {
    for (let offset = 1; offset < 7; offset += 1) {
      const segment = this.peek(offset);
      if (!segment || segment.mark !== null || segment.cue?.kind === 'and') return false;
      if (segment.cue?.kind === 'compare' || segment.cue?.kind === 'between') return true;
    }
    return false;
  }

  protected readAggregateCondition(): void {
    const segment = this.peek();
    const cue = segment?.cue;
    if (!segment || !cue) return;
    this.position += 1;
    const aggregate: AggregateName = cue.kind === 'aggregate' ? cue.name : 'count';
    this.skip(new Set(['filler', 'of', 'number-of']));
    const distinct = this.takeDistinct();
    const mention = this.takeEntityOrColumn();
    while (this.peek() && this.cueAt()?.kind !== 'compare' && this.cueAt()?.kind !== 'between') this.position += 1;
    const comparison = this.cueAt();
    if (comparison?.kind !== 'compare' || !mention) return;
    this.position += 1;
    this.skip(new Set(['filler', 'than']));
    const right = this.takeOperand();
    if (!right) return;
    const left: Measure = { aggregate, distinct, of: mention, concept: null, quantity: false, segment };
    if (aggregate === 'count') this.addCounted(left, comparison.op, right);
    else {
      this.addCondition({
        kind: 'compare',
        left,
        op: comparison.op,
        right,
        temporal: false,
        joiner: this.joiner,
        negated: this.negated,
        segments: [segment, mention.segment],
      });
    }
  }
}
