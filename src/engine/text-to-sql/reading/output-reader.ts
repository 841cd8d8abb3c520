/** What is asked for, of which things, for each of what. */
import type { AggregateName } from '../lexicon/lexicon.js';
import { GroupReader } from './group-reader.js';
import { type Measure, type Mention, plainMeasure } from './frame.js';
import {
  columnScore,
  isMention,
  isTimeLike,
  nameScore,
  segmentIndex,
  tableScore,
  valueScore,
  sharesName,
} from './phrases.js';
import type { Segment } from './segments.js';

export abstract class OutputReader extends GroupReader {
  protected readHowMany(kind: 'how-many' | 'how-much'): void {
    const segment = this.peek();
    this.position += 1;
    if (this.place !== 'output') this.beginOutputs();
    const distinct = this.takeDistinct();
    this.takePremodifiers();
    const mention = this.takeEntityOrColumn() ?? (kind === 'how-many' ? this.takeValueEntity() : null);
    if (!mention && kind === 'how-many') this.noteMissingNoun();
    const spender =
      kind === 'how-much' && mention && tableScore(mention.segment) > columnScore(mention.segment) ? mention : null;
    // "how much did customers spend": the amount comes later.
    if (spender) this.frame.subjects.push({ ...spender, isEntity: true });
    const measure: Measure = {
      aggregate: kind === 'how-many' ? 'count' : null,
      distinct,
      of: spender ? null : mention,
      concept: null,
      quantity: true,
      segment: segment ?? null,
    };
    this.pushOutput(measure);
    this.place = 'condition';
  }

  protected readOutput(): void {
    const aggregates: { name: AggregateName; segment: Segment }[] = [];
    let distinct = false;
    for (;;) {
      this.skip();
      const segment = this.peek();
      const cue = segment?.cue ?? null;
      if (segment && cue?.kind === 'distinct') {
        distinct = true;
        this.position += 1;
      } else if (segment && cue?.kind === 'aggregate') {
        aggregates.push({ name: cue.name, segment });
        this.position += 1;
      } else if (segment && cue?.kind === 'number-of') {
        aggregates.push({ name: 'count', segment });
        this.position += 1;
      } else if (segment && cue?.kind === 'superlative' && cue.concept === undefined && aggregates.length > 0) {
        aggregates.push({ name: cue.direction === 'asc' ? 'min' : 'max', segment });
        this.position += 1;
      } else if (
        segment &&
        aggregates.length > 0 &&
        (cue?.kind === 'and' || segment.mark === ',') &&
        this.listsAggregates()
      ) {
        this.position += 1;
      } else if (aggregates.length > 0 && cue?.kind === 'trend' && isMention(this.peek(1))) {
        // "total quarterly sales"
        this.position += 1;
        this.readTrend(cue.unit);
      } else {
        break;
      }
    }
    if (this.elapsedAhead()) {
      this.readElapsed(aggregates);
      return;
    }
    this.takePremodifiers();
    if (this.cueAt()?.kind === 'distinct') distinct = this.takeDistinct() || distinct;
    const taken = this.takeEntityOrColumn();
    const mention = taken ?? ownName(aggregates.at(-1)?.segment);
    // "average total" is the average of a column `total`.
    if (!taken && mention && aggregates.length > 1) aggregates.pop();
    if (!mention && aggregates.length > 0) this.noteMissingNoun();
    // "how many … in total" says again what is asked for.
    const saysAgain =
      aggregates.every(({ name }) => name === 'sum') &&
      this.frame.outputs.some(({ aggregate }) => aggregate === 'count');
    if (!mention && aggregates.length > 0 && saysAgain) return;
    if (aggregates.length === 0) {
      if (!mention) return;
      const before = this.openOutputs.at(-1);
      if (
        before?.aggregate === 'count' &&
        before.distinct &&
        this.segments[segmentIndex(mention) - 1]?.cue?.kind === 'and'
      ) {
        this.pushOutput({ ...before, of: mention, segment: mention.segment });
        return;
      }
      if (distinct) this.frame.distinct = true;
      this.pushOutput({ ...plainMeasure(mention), distinct });
      return;
    }
    const counted = mention ?? (aggregates.some(({ name }) => name === 'count') ? this.takeValueEntity() : null);
    for (const { name, segment } of aggregates) {
      this.pushOutput({ aggregate: name, distinct, of: counted, concept: null, quantity: false, segment });
    }
  }

  /** True before "days between … and …", "time from … to …" with a date on either side. */
  protected elapsedAhead(): boolean {
    const unit = this.peek();
    if (!unit?.timeUnit || this.cueAt(1)?.kind !== 'between') return false;
    const first = this.ahead(2);
    const second = this.ahead(first + 2);
    const isTie = this.cueAt(first + 1)?.kind === 'and' || this.peek(first + 1)?.isRangeWord === true;
    return isTie && [first, second].every((offset) => isDate(this.peek(offset)));
  }

  protected readElapsed(aggregates: readonly { name: AggregateName; segment: Segment }[]): void {
    const unit = this.peek();
    this.position += 2;
    this.skip();
    const from = this.takeEntityOrColumn();
    this.position += 1;
    this.skip();
    const to = this.takeEntityOrColumn();
    if (!unit?.timeUnit || !from || !to) return;
    const aggregate = aggregates.find(({ name }) => name !== 'count')?.name ?? null;
    const base: Measure = { aggregate, distinct: false, of: null, concept: null, quantity: false, segment: unit };
    this.pushOutput({ ...base, elapsed: { unit: unit.timeUnit, from, to } });
    this.place = 'condition';
  }

  /** True after "and" or a comma inside "average, minimum and maximum age". */
  protected listsAggregates(): boolean {
    let offset = 0;
    while (
      this.cueAt(offset)?.kind === 'and' ||
      this.peek(offset)?.mark === ',' ||
      this.cueAt(offset)?.kind === 'filler'
    )
      offset += 1;
    const cue = this.cueAt(offset);
    return cue?.kind === 'aggregate' || (cue?.kind === 'superlative' && cue.concept === undefined);
  }

  protected readMention(segment: Segment): void {
    this.afterVerb = false;
    const isValue = valueScore(segment) > nameScore(segment) || segment.quoted;
    if (!isValue && this.place !== 'condition' && this.sentenceOutputs > 0 && this.isParticipleAhead()) {
      this.place = 'condition';
      this.readConditionOnMention(segment);
      return;
    }
    const isOfThing = this.sentenceOutputs > 0 || this.frame.conditions.length > 0;
    const isPresence = this.place !== 'condition' && isOfThing && this.saysPresence(segment);
    if (!isValue && (isPresence || (this.place === 'output' && this.opensClause(segment)))) {
      this.place = 'condition';
      this.readConditionOnMention(segment);
      return;
    }
    if (this.place === 'output') {
      if (isValue) {
        const next = this.peek(1);
        this.position += 1;
        this.addValue(segment);
        this.place = this.sentenceOutputs > 0 && (!next || !isMention(next)) ? 'condition' : 'output';
        return;
      }
      if (this.hasOperatorAfter(segment) && this.sentenceOutputs > 0 && this.joiner === 'or') {
        this.readConditionOnMention(segment);
        return;
      }
      this.readOutput();
      return;
    }
    if (isValue) {
      this.position += 1;
      const next = this.peek();
      this.ownByValue(segment, next);
      // "a cat that is age 3": the age of the cat.
      if (next?.cue?.kind === 'relative' || next?.cue?.kind === 'whose')
        this.setEntity({ segment, owner: null, isEntity: false }, true);
      const isModifier =
        next !== undefined &&
        isMention(next) &&
        !next.cue &&
        tableScore(next) > 0.6 &&
        valueScore(next) < tableScore(next);
      if (isModifier && this.negated) {
        const entity = this.takeEntityOrColumn();
        if (entity) this.addRelated(entity, null);
      }
      this.addValue(segment);
      return;
    }
    if (this.place === 'owner') {
      this.readOwner(segment);
      return;
    }
    this.readConditionOnMention(segment);
  }

  /** "which ports a boat above 40 feet calls at": what acts, right behind what is asked for. */
  private opensClause(segment: Segment): boolean {
    const [asks, asked, article] = this.segments.slice(segment.index - 3, segment.index);
    return (
      asks?.cue?.kind === 'what' &&
      isMention(asked) &&
      article?.cue?.kind === 'filler' &&
      this.sentenceOutputs > 0 &&
      tableScore(segment) > 0.75
    );
  }

  /** "the average age of cats": whose age it is, where the value says what has it. */
  private ownByValue(segment: Segment, next: Segment | undefined): void {
    const opening = this.segments[segment.index - 1]?.cue?.kind;
    if (this.place !== 'owner' || (opening !== 'of' && opening !== 'for') || segment.quoted) return;
    if (next && isMention(next) && !next.cue) return;
    const owner: Mention = { segment, owner: null, isEntity: false };
    for (const output of this.openOutputs) if (output.of && !output.of.owner) output.of.owner = owner;
  }

  protected readOwner(segment: Segment): void {
    if (this.hasOperatorAfter(segment)) {
      this.readConditionOnMention(segment);
      return;
    }
    const mention = this.takeEntityOrColumn();
    if (!mention) {
      this.position += 1;
      return;
    }
    const entity: Mention = { ...mention, isEntity: tableScore(segment) > 0.6 };
    const saysMore =
      entity.isEntity || this.openOutputs.some((output) => output.of && sharesName(output.of.segment, segment));
    if (!saysMore && this.openOutputs.length > 0) {
      // "orders by amount" lists them in that order.
      if (this.segments[segment.index - 1]?.cue?.kind === 'by') {
        this.frame.orders.push({ measure: plainMeasure(mention), direction: 'asc' });
        return;
      }
      this.frame.unapplied.push(segment);
    }
    this.setEntity(entity, true);
    this.scope.subjects.push(entity);
    for (const output of this.openOutputs) if (output.of && !output.of.owner) output.of.owner = entity;
    for (const output of this.openOutputs) if (!output.of && output.aggregate) output.of = entity;
    this.openOutputs = [];
  }
}

function isDate(segment: Segment | undefined): boolean {
  return segment !== undefined && isMention(segment) && isTimeLike(segment);
}

/** "total by country" where "total" is a column. */
function ownName(segment: Segment | undefined): Mention | null {
  return segment && columnScore(segment) > 0.9 ? { segment, owner: null, isEntity: false } : null;
}
