/** Superlatives and "top five". */

import type { Cue } from '../lexicon/lexicon.js';
import { plainMeasure, type Measure, type Superlative, type Mention } from './frame.js';
import { NounReader } from './noun-reader.js';
import {
  columnScore,
  isDateOfDeed,
  isMeasure,
  isMention,
  isTimeLike,
  nameScore,
  tableScore,
  valueScore,
} from './phrases.js';
import type { Segment } from './segments.js';

/** How many a ranked list shows where no number is said. */
export const FEW = 10;

export abstract class RankingReader extends NounReader {
  protected readSuperlative(segment: Segment): void {
    const cue = segment.cue;
    const isOutput = this.place === 'output' && this.sentenceOutputs === 0;
    if (cue?.kind === 'superlative' && cue.counts === 'things' && this.isDeedAhead()) {
      // "the most prescribed drug" is the one that was prescribed most often.
      this.position += 1;
      this.readSuperlative({ ...segment, cue: { kind: 'frequent', direction: cue.direction } });
      return;
    }
    const superlative = this.takeSuperlative(segment);
    if (!superlative) return;
    if (cue?.kind === 'top' && !superlative.nested) {
      this.readTop(superlative);
      return;
    }
    const entity = superlative.entity;
    if (cue?.kind === 'frequent') {
      if (entity) this.pushOutput(plainMeasure(entity));
      this.frame.superlatives.push({ ...superlative, entity: null });
      this.place = 'owner';
      return;
    }
    const of = superlative.measure.of;
    const isCount = superlative.measure.aggregate === 'count';
    if (
      (isOutput || this.place === 'output') &&
      of &&
      !isCount &&
      superlative.measure.concept === null &&
      superlative.limit === 1
    ) {
      if (this.frame.offset > 0) {
        // "the second highest age": of the different ages.
        this.frame.distinct = true;
        this.pushOutput({ ...superlative.measure, aggregate: null });
        this.frame.superlatives.push(superlative);
        return;
      }
      // "the highest age" asks for the value itself.
      const aggregate = superlative.direction === 'asc' ? 'min' : 'max';
      this.pushOutput({ ...superlative.measure, aggregate: superlative.measure.aggregate ?? aggregate });
      return;
    }
    this.takeTopLimit(superlative);
    this.frame.superlatives.push(superlative);
    const { concept } = superlative.measure;
    if ((concept === 'rank' || concept === 'size') && entity && this.place === 'output') {
      this.pushOutput(plainMeasure(entity));
      this.frame.limit = superlative.limit;
      this.place = 'owner';
      this.pendingTop = superlative;
      if (this.isTopMeasureAhead()) this.readTopMeasure();
      if (concept === 'size') this.pendingTop = null;
      return;
    }
    if (this.place === 'output' && entity) {
      const isOwner = this.sentenceOutputs > 0;
      if (isOwner) {
        this.frame.subjects.push(entity);
        this.place = 'owner';
      } else {
        this.pushOutput(plainMeasure(entity));
      }
    } else {
      if (entity) {
        this.frame.subjects.push(entity);
        for (const output of this.openOutputs) if (output.of && !output.of.owner) output.of.owner = entity;
      }
      if (this.place === 'output') this.place = 'output';
      else this.place = 'condition';
    }
  }

  /** A verb before the thing that it is said of. */
  private isDeedAhead(): boolean {
    const [verb, thing] = [this.peek(1), this.peek(2)];
    return verb !== undefined && isDateOfDeed(verb) && isMention(thing);
  }

  /** "the top 3 titles … that have the highest rating": the limit stands apart from what is ranked by. */
  protected takeTopLimit(superlative: Superlative): void {
    // "which countries have the most customers?"
    const [asked] = this.frame.outputs;
    const isOne = this.segments.some(({ cue }) => cue?.kind === 'have' && cue.isOne === true);
    const before = this.segments[(asked?.of?.segment.index ?? 0) - 1];
    const isSeveral =
      asked?.of?.segment.isPlural === true &&
      (before === undefined || before.cue?.kind === 'what') &&
      superlative.measure.aggregate === 'count' &&
      superlative.direction === 'desc' &&
      !isOne;
    if (!this.pendingTop && superlative.limit === 1 && isSeveral) superlative.limit = this.frame.limit ?? FEW;
    // "3 countries with the most customers"
    if (!this.pendingTop && superlative.limit === 1) superlative.limit = this.frame.limit ?? 1;
    if (!this.pendingTop || superlative.limit !== 1) return;
    superlative.limit = this.pendingTop.limit;
    this.frame.superlatives = this.frame.superlatives.filter((known) => known !== this.pendingTop);
    this.pendingTop = null;
  }

  /** "top 5 customers by total amount", "the first three rows". */
  protected readTop(superlative: Superlative): void {
    this.skip();
    this.takePremodifiers();
    const mention = this.takeEntityOrColumn();
    if (
      mention &&
      superlative.limit === 1 &&
      isTimeLike(mention.segment) &&
      columnScore(mention.segment) > tableScore(mention.segment)
    ) {
      this.pushOutput({ ...plainMeasure(mention), aggregate: superlative.direction === 'desc' ? 'min' : 'max' });
      this.place = 'owner';
      return;
    }
    if (mention) {
      this.pushOutput(plainMeasure(mention));
      superlative.entity = mention;
      // "top customers" are some of them, not the first one.
      const cue = superlative.segments[0]?.cue;
      const opening = this.segments[(superlative.segments[0]?.index ?? -1) + 1];
      if (cue?.kind === 'top' && !cue.byPosition && mention.segment.isPlural && opening?.number == null)
        superlative.limit = FEW;
    }
    this.frame.limit = superlative.limit;
    this.place = 'owner';
    const ranked = { ...superlative, measure: { ...superlative.measure, concept: 'rank' } };
    this.frame.superlatives.push(ranked);
    this.pendingTop = ranked;
    if (this.isTopMeasureAhead()) this.readTopMeasure();
  }

  /** True before what a "top five" is ranked by: "by total amount", "with the highest number of orders". */
  protected isTopMeasureAhead(): boolean {
    const cue = this.cueAt();
    if (!this.pendingTop || !cue || !['by', 'order-by', 'with', 'in'].includes(cue.kind)) return false;
    const next = this.peek(this.ahead(1, new Set(['filler', 'pronoun', 'of', 'superlative', 'any', 'frequent'])));
    if (!next) return false;
    const isMeasured = next.cue?.kind === 'aggregate' || next.cue?.kind === 'number-of';
    if (isMeasured) return true;
    if (!isMention(next) || nameScore(next) <= valueScore(next)) return false;
    return cue.kind !== 'in' || isMeasure(next);
  }

  protected readTopMeasure(): void {
    const superlative = this.pendingTop;
    this.pendingTop = null;
    if (!superlative) return;
    this.position += 1;
    let direction = superlative.direction;
    this.skip(new Set(['filler', 'pronoun', 'of', 'any']));
    const cue = this.cueAt();
    if (cue?.kind === 'superlative') {
      direction = cue.direction;
      this.position += 1;
      this.skip(new Set(['filler', 'pronoun', 'of', 'any']));
      if (cue.counts === 'rows') {
        superlative.measure = { ...superlative.measure, aggregate: 'count' };
      }
    }
    const measure = this.takeMeasure();
    this.place = 'condition';
    if (measure && this.isOrderOf(superlative, measure)) {
      // "the first 10 customers by name" are first in that order.
      this.frame.superlatives = this.frame.superlatives.filter((known) => known !== superlative);
      this.frame.orders.push({ measure, direction: direction === 'desc' ? 'asc' : 'desc' });
      return;
    }
    if (measure)
      superlative.measure = superlative.measure.aggregate === 'count' ? { ...measure, aggregate: 'count' } : measure;
    superlative.direction = direction;
  }

  private isOrderOf({ segments: [opening] }: Superlative, { aggregate, of }: Measure): boolean {
    const isByPosition = opening?.cue?.kind === 'top' && opening.cue.byPosition === true;
    const isColumn = of !== null && columnScore(of.segment) > tableScore(of.segment);
    return isByPosition && aggregate === null && isColumn && !isMeasure(of.segment);
  }

  protected takeSuperlative(segment = this.peek()): Superlative | null {
    const cue = segment?.cue;
    if (!segment || !cue) return null;
    this.position += 1;
    const limit = this.takeLimit();
    const isPercent = limit !== null && this.segments[this.position - 1]?.percent === true;
    const blank: Measure = { aggregate: null, distinct: false, of: null, concept: null, quantity: false, segment };
    const base = {
      limit: limit ?? 1,
      entity: null,
      segments: [segment],
      nested: false,
      ...(isPercent && { isPercent }),
    };
    // "the top 5 best selling products" are the top 5 products.
    if (cue.kind === 'top' && isVague(this.cueAt())) this.position += 1;
    const following = this.cueAt();
    if (cue.kind === 'top' && (following?.kind === 'superlative' || following?.kind === 'frequent')) {
      const inner = this.takeSuperlative();
      return inner ? { ...inner, limit: limit ?? 1, nested: true } : null;
    }
    if (cue.kind === 'top') return { ...base, measure: blank, direction: cue.direction };
    this.skip(new Set(['filler', 'pronoun', 'of', 'any']));
    if (cue.kind === 'frequent') {
      const entity = this.takeEntityOrColumn();
      return { ...base, measure: { ...blank, aggregate: 'count' }, direction: cue.direction, entity };
    }
    if (cue.kind !== 'superlative') return null;
    if (cue.concept !== undefined) {
      const concept = { ...blank, concept: cue.concept };
      const next = this.peek();
      if (next && isMention(next) && valueScore(next) <= nameScore(next)) {
        const mention = this.takeEntityOrColumn();
        if (mention && this.isMeasuredBy(mention, cue.concept)) {
          return { ...base, measure: { ...concept, of: mention, concept: null }, direction: cue.direction };
        }
        return { ...base, measure: concept, direction: cue.direction, entity: mention };
      }
      if (next && isMention(next)) {
        this.position += 1;
        this.addValue(next);
      }
      return { ...base, measure: concept, direction: cue.direction };
    }
    const counts = cue.counts === 'rows';
    const measure = this.takeMeasure();
    if (!measure?.of) this.noteMissingNoun();
    const byVerb = measure ? null : this.verbColumn();
    if (byVerb) return { ...base, measure: { ...blank, of: byVerb, aggregate: 'sum' }, direction: cue.direction };
    if (!measure && this.pending && columnScore(this.pending.segment) > 0.5) {
      const aggregate = this.pending.segment.cue?.kind === 'verb' ? 'sum' : null;
      return { ...base, measure: { ...blank, of: this.pending, aggregate }, direction: cue.direction };
    }
    // "which brand sells best": by what is asked back.
    if (!measure && cue.isVague && this.verb?.index === segment.index - 1)
      return { ...base, measure: { ...blank, concept: 'rank' }, direction: cue.direction };
    // "which of them has the most": of what was spoken of before.
    const ends = (this.peek() === undefined || this.peek()?.mark != null) && this.isSaidOf(segment);
    if (!measure) return this.place === 'output' || ends ? { ...base, measure: blank, direction: cue.direction } : null;
    if (counts || cue.counts === 'things') {
      const of = measure.of;
      const isColumn = of !== null && columnScore(of.segment) > tableScore(of.segment);
      if (!measure.aggregate && (counts || !isColumn)) measure.aggregate = 'count';
    }
    const of = measure.of;
    if (!measure.aggregate && of && tableScore(of.segment) > columnScore(of.segment) && tableScore(of.segment) > 0.6) {
      if (cue.isVague === true) {
        const few = limit ?? (of.segment.isPlural ? FEW : 1);
        return { ...base, limit: few, measure: { ...blank, concept: 'rank' }, direction: cue.direction, entity: of };
      }
      return { ...base, measure: { ...blank, concept: 'size' }, direction: cue.direction, entity: of };
    }
    return { ...base, measure, direction: cue.direction, entity: of?.owner ?? null };
  }

  /** "has the most", "is the highest", unlike "from the best to the lowest". */
  private isSaidOf({ index }: Segment): boolean {
    let at = index - 1;
    while (this.segments[at]?.cue?.kind === 'filler') at -= 1;
    const kind = this.segments[at]?.cue?.kind;
    return kind === 'have' || kind === 'be';
  }

  /** "the longest distance" measures the distance; "the hottest day" asks for the day. */
  protected isMeasuredBy(mention: Mention, concept: string): boolean {
    const { segment } = mention;
    if (columnScore(segment) <= tableScore(segment) || columnScore(segment) <= 0.8) return false;
    // "the latest price" is not the largest one.
    if (concept === 'time') return isTimeLike(segment);
    return isMeasure(segment) || (isTimeLike(segment) && concept === 'age');
  }

  protected takeLimit(): number | null {
    if (this.pendingNumber) {
      const value = this.pendingNumber.number;
      this.pendingNumber = null;
      return value;
    }
    this.skip(new Set(['filler']));
    const segment = this.peek();
    if (segment?.number == null || (segment.period && segment.number > 1000)) return null;
    this.position += 1;
    return segment.number;
  }
}

function isVague(cue: Cue | null): boolean {
  return cue?.kind === 'superlative' && cue.isVague === true;
}
