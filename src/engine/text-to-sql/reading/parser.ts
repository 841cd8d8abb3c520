/**
 * Reads the phrases of a question from left to right into a frame: what is asked for, of which things, under which
 * conditions, in which order. A phrase is read by what it does and by where it stands; words that do nothing are passed
 * over, words that are not understood are kept apart.
 */
import {
  type ColumnEntry,
  flagValue,
  holdsDateText,
  holdsYears,
  isNumeric,
  isTemporal,
} from '../evidence/schema-index.js';
import type { AggregateName, Comparison, Cue, CueKind } from '../lexicon/lexicon.js';
import {
  type Condition,
  emptyFrame,
  type Frame,
  type Measure,
  type Mention,
  type Operand,
  plainMeasure,
  type Superlative,
} from './frame.js';
import type { Segment } from './segments.js';

/** A condition before it is known what it stands near. */
type Unplaced = Condition extends infer C ? (C extends Condition ? Omit<C, 'near' | 'closesOr'> : never) : never;

/** What the reader stands before: something asked for, the entity it belongs to, or a condition. */
type Place = 'output' | 'owner' | 'condition';

const SKIPPED: ReadonlySet<CueKind> = new Set(['filler', 'pronoun', 'any', 'be', 'of']);
const SENTENCE_END = /^[.?!;:]$/;

export class Parser {
  private position = 0;
  private frame = emptyFrame();
  private place: Place = 'output';
  private joiner: 'and' | 'or' = 'and';
  private negated = false;
  /** True after a comma: "a or b, and c" means both of (a or b) and c. */
  private closesOr = false;
  private both = false;
  /** Outputs of the list that is being read, which an "of" after them belongs to. */
  private openOutputs: Measure[] = [];
  /** The column that a comparison without one of its own is about. */
  private pending: Mention | null = null;
  /** The entity that the sentence spoke of last. */
  private entity: Mention | null = null;
  /** The verb read last, which may point to a date: "hired after 2003". */
  private verb: Segment | null = null;
  private sentence = 0;
  private sentenceOutputs = 0;
  /** The entity that outputs without one of their own belong to: "for each continent, list its name". */
  private defaultOwner: Mention | null = null;
  private afterVerb = false;
  private isGrouping = false;
  private pendingNumber: Segment | null = null;
  /** Where conditions go: the frame, or that of a negated or counted related entity. */
  private scope: Frame = this.frame;

  constructor(private readonly segments: readonly Segment[]) {}

  parse(): Frame {
    while (this.position < this.segments.length) this.step();
    return this.frame;
  }

  // ---- moving along -------------------------------------------------------------------------------------------------

  private peek(offset = 0): Segment | undefined {
    return this.segments[this.position + offset];
  }

  private cueAt(offset = 0): Cue | null {
    return this.peek(offset)?.cue ?? null;
  }

  private skip(kinds: ReadonlySet<CueKind> = SKIPPED): void {
    for (;;) {
      const segment = this.peek();
      if (!segment?.cue || !kinds.has(segment.cue.kind) || isMention(segment)) return;
      this.position += 1;
    }
  }

  /** The offset of the next segment that is not passed over. */
  private ahead(from = 0, kinds: ReadonlySet<CueKind> = SKIPPED): number {
    let offset = from;
    for (;;) {
      const segment = this.peek(offset);
      if (!segment?.cue || !kinds.has(segment.cue.kind) || isMention(segment)) return offset;
      offset += 1;
    }
  }

  private step(): void {
    const segment = this.peek();
    if (!segment) return;
    if (segment.mark !== null) this.readMark(segment);
    else if (segment.cue !== null && (segment.names.length + segment.values.length === 0 || !givesWay(segment.cue)))
      this.readCue(segment, segment.cue);
    else if (isMention(segment)) this.readMention(segment);
    else if (segment.period) this.readPeriod();
    else if (segment.number !== null) this.readNumber(segment);
    else this.readUnknown(segment);
  }

  private readUnknown(segment: Segment): void {
    this.frame.unread.push(segment);
    this.position += 1;
    this.afterVerb = false;
  }

  private readMark(segment: Segment): void {
    this.position += 1;
    if (segment.mark === '(' && this.skipGloss()) return;
    if (SENTENCE_END.test(segment.mark ?? '')) {
      this.beginSentence();
    } else if (segment.mark === ',') {
      this.joiner = 'and';
      this.closesOr = true;
      this.afterVerb = false;
      if (this.place === 'condition' && this.startsOutput()) this.beginOutputs();
      else if (this.place === 'owner')
        this.place = this.startsOutput() || this.sentenceOutputs === 0 ? 'output' : 'owner';
      this.scope = this.frame;
    }
  }

  /** Passes over a gloss in parentheses that says again what stands before it: "miles per gallon (mpg)". */
  private skipGloss(): boolean {
    const before = this.segments[this.position - 2];
    const gloss = this.peek();
    if (!before || !gloss || this.peek(1)?.mark !== ')') return false;
    const saysAgain = gloss.names.some((reading) => before.names.some((known) => known.entry === reading.entry));
    if (saysAgain) this.position += 2;
    return saysAgain;
  }

  private beginSentence(): void {
    this.place = 'output';
    this.scope = this.frame;
    this.joiner = 'and';
    this.negated = false;
    this.openOutputs = [];
    this.pending = null;
    this.isGrouping = false;
    if (this.sentenceOutputs > 0 || this.sentence > 0) this.sentence += 1;
    this.sentenceOutputs = 0;
  }

  /** True when what follows asks for something more: "and how many …", ", and what …", ", and their …". */
  private startsOutput(): boolean {
    const offset = this.ahead(0, new Set(['filler', 'and']));
    const cue = this.cueAt(offset);
    if (!cue) return false;
    if (['what', 'how-many', 'how-much', 'quality', 'request', 'number-of'].includes(cue.kind))
      return !this.isComparisonAhead(offset);
    return cue.kind === 'pronoun' && isMention(this.peek(offset + 1));
  }

  private isComparisonAhead(offset: number): boolean {
    const cue = this.cueAt(this.ahead(offset + 1));
    return cue?.kind === 'compare';
  }

  private beginOutputs(): void {
    this.place = 'output';
    this.openOutputs = [];
    this.scope = this.frame;
  }

  // ---- cues ---------------------------------------------------------------------------------------------------------

  private readCue(segment: Segment, cue: Cue): void {
    const verbBefore = this.afterVerb;
    this.afterVerb = false;
    switch (cue.kind) {
      case 'request':
      case 'what':
      case 'who':
        this.position += 1;
        if (this.place !== 'output' && this.previousSeparates()) this.beginOutputs();
        else if (this.place !== 'output') this.place = 'condition';
        else if (this.sentenceOutputs > 0 && cue.kind !== 'request' && !this.previousSeparates())
          this.place = 'condition';
        return;
      case 'where':
      case 'when':
        this.position += 1;
        if (this.frame.outputs.length === 0)
          this.pushOutput({ ...plainMeasure(null, segment), concept: cue.kind === 'when' ? 'time' : 'place' });
        if (this.sentenceOutputs > 0) this.place = 'condition';
        return;
      case 'how-many':
      case 'how-much':
        this.readHowMany(cue.kind);
        return;
      case 'quality':
        this.position += 1;
        if (this.place !== 'output') this.beginOutputs();
        this.pushOutput({ ...plainMeasure(null, segment), concept: cue.concept });
        this.place = 'condition';
        return;
      case 'number-of':
      case 'aggregate':
        if (this.place === 'condition' && this.isConditionOnAggregate()) this.readAggregateCondition();
        else if (
          this.place === 'condition' &&
          cue.kind === 'aggregate' &&
          (cue.name === 'min' || cue.name === 'max') &&
          !this.previousSeparates()
        ) {
          this.readSuperlative({
            ...segment,
            cue: { kind: 'superlative', direction: cue.name === 'min' ? 'asc' : 'desc' },
          });
        } else {
          if (this.place !== 'output') this.beginOutputs();
          this.readOutput();
        }
        return;
      case 'distinct':
        if (this.place === 'output') this.readOutput();
        else this.position += 1;
        return;
      case 'superlative':
      case 'frequent':
      case 'top':
        this.readSuperlative(segment);
        return;
      case 'compare':
        this.readComparison(null);
        return;
      case 'between':
        this.position += 1;
        this.readRange(null);
        return;
      case 'match':
        this.readMatch(cue.how, this.pending);
        return;
      case 'order-by':
      case 'direction':
        this.readOrder();
        return;
      case 'each':
      case 'group-by':
        this.position += 1;
        this.isGrouping = true;
        this.readGroups();
        return;
      case 'trend':
        this.position += 1;
        this.readTrend(cue.unit);
        return;
      case 'not':
        this.position += 1;
        this.negated = !this.negated;
        if (this.sentenceOutputs > 0) this.place = 'condition';
        return;
      case 'without':
      case 'except':
        this.position += 1;
        this.negated = true;
        this.place = 'condition';
        return;
      case 'and':
        this.readAnd();
        return;
      case 'or':
        this.position += 1;
        this.joiner = 'or';
        return;
      case 'but':
        this.position += 1;
        this.joiner = 'and';
        this.scope = this.frame;
        return;
      case 'both':
        this.position += 1;
        this.both = this.sentenceOutputs > 0;
        return;
      case 'share':
        this.position += 1;
        this.frame.share = true;
        return;
      case 'relative':
      case 'whose':
      case 'with':
      case 'have':
        this.position += 1;
        if (this.sentenceOutputs > 0 || this.frame.subjects.length > 0) this.place = 'condition';
        return;
      case 'missing':
        this.readMissing(segment);
        return;
      case 'of':
      case 'for':
      case 'in':
      case 'by':
        if (this.isTopMeasureAhead()) {
          this.readTopMeasure();
          return;
        }
        this.position += 1;
        if (cue.kind === 'by' && this.startsGroup(verbBefore)) {
          this.isGrouping = true;
          this.readGroups();
        } else if (this.place === 'output' && this.sentenceOutputs > 0) this.place = 'owner';
        else if (this.place === 'output' && cue.kind === 'for' && this.frame.outputs.length === 0)
          this.place = 'condition';
        return;
      case 'verb':
        this.position += 1;
        this.afterVerb = true;
        this.verb = segment;
        if (this.place !== 'output' || this.sentenceOutputs > 0) this.place = 'condition';
        return;
      case 'be':
        this.position += 1;
        if (this.sentenceOutputs > 0 && this.place !== 'owner') this.place = 'condition';
        return;
      case 'unit':
        this.readUnit(segment);
        return;
      case 'than':
      case 'any':
      case 'pronoun':
      case 'filler':
        this.position += 1;
        return;
    }
  }

  private previousSeparates(): boolean {
    const previous = this.segments[this.position - 2];
    return previous === undefined || previous.mark !== null || previous.cue?.kind === 'and';
  }

  /** "by" after something that is worked out opens a group, unless a verb ties it: "songs performed by singers". */
  private startsGroup(verbBefore: boolean): boolean {
    if (verbBefore)
      return (
        this.frame.outputs.some((output) => output.aggregate !== null && output.aggregate !== 'count') &&
        !this.isValueAhead()
      );
    if (this.isValueAhead()) return false;
    return (
      (this.hasAggregateOutput() || this.frame.outputs.some((output) => output.of && isMeasure(output.of.segment))) &&
      this.place !== 'condition'
    );
  }

  private isValueAhead(): boolean {
    const next = this.peek(this.ahead());
    return next !== undefined && (next.quoted || valueScore(next) > nameScore(next));
  }

  private hasAggregateOutput(): boolean {
    return this.frame.outputs.some((output) => output.aggregate !== null || output.quantity) || this.frame.share;
  }

  private readAnd(): void {
    this.position += 1;
    this.joiner = 'and';
    if (this.isGrouping) {
      this.readGroups();
      return;
    }
    if (this.place === 'condition') {
      if (this.startsOutput()) this.beginOutputs();
      else this.scope = this.continuesNegation() ? this.scope : this.frame;
    } else if (this.place === 'owner') {
      const next = this.peek(this.ahead());
      const isEntity =
        next !== undefined &&
        tableScore(next) >= columnScore(next) &&
        tableScore(next) > 0.8 &&
        columnScore(next) < 0.9;
      this.place = isEntity && next.names.length > 0 && !this.startsOutput() ? 'owner' : 'output';
      if (this.place === 'output') this.openOutputs = [];
    }
  }

  private continuesNegation(): boolean {
    return false;
  }

  /** "year", "month" without a column of that name. */
  private readUnit(segment: Segment): void {
    const next = this.peek(1);
    this.position += 1;
    if (next?.period || next?.number !== null) return;
    if (segment.cue?.kind === 'unit' && this.place === 'output') {
      this.frame.groups.push({ mention: null, unit: segment.cue.unit, trailing: false });
      this.sentenceOutputs += 1;
    }
  }

  private readTrend(unit: 'day' | 'week' | 'month' | 'quarter' | 'year' | null): void {
    this.frame.groups.push({ mention: null, unit: unit ?? 'month', trailing: false });
  }

  // ---- outputs ------------------------------------------------------------------------------------------------------

  private readHowMany(kind: 'how-many' | 'how-much'): void {
    const segment = this.peek();
    this.position += 1;
    if (this.place !== 'output') this.beginOutputs();
    const distinct = this.takeDistinct();
    this.takePremodifiers();
    const mention = this.takeEntityOrColumn() ?? (kind === 'how-many' ? this.takeValueEntity() : null);
    const measure: Measure = {
      aggregate: kind === 'how-many' ? 'count' : null,
      distinct,
      of: mention,
      concept: null,
      quantity: true,
      segment: segment ?? null,
    };
    this.pushOutput(measure);
    this.place = 'condition';
  }

  /** "dogs" in "how many dogs" is a value, and stands for the rows that have it. */
  private takeValueEntity(): Mention | null {
    const segment = this.peek();
    if (!segment || segment.cue || segment.values.length === 0 || segment.number !== null || valueScore(segment) < 0.85)
      return null;
    this.position += 1;
    this.addValue(segment);
    return { segment, owner: null, isEntity: false };
  }

  private takeDistinct(): boolean {
    this.skip();
    let distinct = false;
    while (this.cueAt()?.kind === 'distinct') {
      distinct = true;
      this.position += 1;
      this.skip();
    }
    return distinct;
  }

  private pushOutput(measure: Measure): void {
    const named = measure.of?.owner ?? measure.of;
    if (named && tableScore(named.segment) > 0.6 && tableScore(named.segment) >= columnScore(named.segment))
      this.entity = named;
    if (this.sentence > 0 && this.sentenceOutputs === 0) this.replaceOutputs();
    if (this.defaultOwner && measure.of && !measure.of.owner && measure.aggregate === null)
      measure.of.owner = this.defaultOwner;
    this.frame.outputs.push(measure);
    this.openOutputs.push(measure);
    this.sentenceOutputs += 1;
  }

  /** A later sentence such as "List the name and id." says what the result shows. */
  private replaceOutputs(): void {
    const entities = [
      ...this.frame.groups.map((group) => group.mention),
      ...this.frame.outputs.map((output) => output.of),
    ];
    const entity = entities.find((mention) => mention && tableScore(mention.segment) > 0.6);
    if (entity) this.defaultOwner = { ...entity, isEntity: true };
    for (const output of this.frame.outputs) {
      if (output.of && tableScore(output.of.segment) > 0 && !this.frame.subjects.includes(output.of))
        this.frame.subjects.push(output.of);
      else if (output.of && output.aggregate === null && this.frame.groups.length === 0)
        this.frame.subjects.push(output.of);
    }
    this.frame.outputs = [];
  }

  private readOutput(): void {
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
      } else if (aggregates.length > 0 && cue?.kind === 'each') {
        break;
      } else {
        break;
      }
    }
    this.takePremodifiers();
    if (this.cueAt()?.kind === 'distinct') distinct = this.takeDistinct() || distinct;
    const mention = this.takeEntityOrColumn();
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

  /** True after "and" or a comma inside "average, minimum and maximum age". */
  private listsAggregates(): boolean {
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

  /** Values and numbers before a noun: "French singers", "the 3 youngest". */
  private takePremodifiers(): void {
    for (;;) {
      this.skip();
      const segment = this.peek();
      const next = this.peek(1);
      if (!segment || !next) return;
      if (
        valueScore(segment) > nameScore(segment) &&
        !segment.cue &&
        isMention(next) &&
        !next.quoted &&
        nameScore(next) > 0
      ) {
        this.position += 1;
        this.addValue(segment);
      } else if (
        segment.number !== null &&
        !segment.period &&
        isMention(next) &&
        this.frame.limit === null &&
        this.sentence === 0
      ) {
        this.frame.limit = segment.number;
        this.position += 1;
      } else {
        return;
      }
    }
  }

  /** The mention that stands here, tied to a neighbour that names its entity: "stadium name", "names of singers". */
  private takeEntityOrColumn(): Mention | null {
    this.skip();
    const segment = this.peek();
    if (!segment || !isMention(segment) || nameScore(segment) === 0) return null;
    this.position += 1;
    const mention: Mention = { segment, owner: null, isEntity: false };
    const next = this.peek();
    if (
      next &&
      isMention(next) &&
      !next.quoted &&
      !next.cue &&
      nameScore(next) >= valueScore(next) &&
      !this.isParticipleAhead()
    ) {
      const following: Mention = { segment: next, owner: null, isEntity: false };
      if (tableScore(segment) > 0.6 && columnScore(next) > 0.5 && columnScore(next) >= tableScore(next) - 0.1) {
        this.position += 1;
        following.owner = { ...mention, isEntity: true };
        return following;
      }
      const flag = tableScore(next) > 0.6 ? flagColumn(segment) : null;
      if (flag !== null) {
        this.position += 1;
        this.addFlag(mention);
        return following;
      }
      if (tableScore(next) > 0.6 && columnScore(segment) > 0.5) {
        this.position += 1;
        mention.owner = { ...following, isEntity: true };
        return mention;
      }
    }
    return mention;
  }

  /** "discontinued products", "not active": a flag before a noun is a condition. */
  private addFlag(column: Mention): void {
    this.addCondition({ kind: 'flag', column, joiner: this.joiner, negated: this.negated, segments: [column.segment] });
    if (this.sentenceOutputs === 0) this.place = 'output';
  }

  /** True before "directed by …": a participle opens a condition and is no part of a compound. */
  private isParticipleAhead(): boolean {
    const segment = this.peek();
    if (!segment) return false;
    const [first = '', ...rest] = segment.phrase.split(' ');
    if (rest.length > 0)
      return /^(?:by|in|on|at|for|from|to)$/i.test(rest.at(-1) ?? '') && /(?:ed|en|t|ng|old)$/i.test(first);
    const next = this.peek(1);
    const isTied =
      next?.cue?.kind === 'by' ||
      next?.cue?.kind === 'in' ||
      (next !== undefined && isMention(next) && valueScore(next) > nameScore(next)) ||
      next?.number != null;
    return (
      isTied &&
      (/ed$/i.test(segment.phrase) || segment.names.every((reading) => reading.score < 1 || /n$/i.test(segment.phrase)))
    );
  }

  // ---- mentions -----------------------------------------------------------------------------------------------------

  private readMention(segment: Segment): void {
    this.afterVerb = false;
    const isValue = valueScore(segment) > nameScore(segment) || segment.quoted;
    if (!isValue && this.place !== 'condition' && this.sentenceOutputs > 0 && this.isParticipleAhead()) {
      this.place = 'condition';
      this.readConditionOnMention(segment);
      return;
    }
    if (this.place === 'output') {
      if (isValue) {
        const next = this.peek(1);
        this.position += 1;
        this.addValue(segment);
        if (!next || !isMention(next)) this.place = this.sentenceOutputs > 0 ? 'condition' : 'output';
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

  private readOwner(segment: Segment): void {
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
    this.entity = entity;
    this.scope.subjects.push(entity);
    for (const output of this.openOutputs) if (output.of && !output.of.owner) output.of.owner = entity;
    for (const output of this.openOutputs) if (!output.of && output.aggregate) output.of = entity;
    this.openOutputs = [];
  }

  /** True when a comparison, a number or a value follows the mention as its own. */
  private hasOperatorAfter(segment: Segment): boolean {
    if (columnScore(segment) === 0) return false;
    const offset = this.ahead(1, new Set(['filler', 'be', 'of', 'any']));
    const next = this.peek(offset);
    if (!next) return false;
    if (next.cue?.kind === 'compare' || next.cue?.kind === 'between') return true;
    if (next.cue?.kind === 'match') return true;
    if (next.number !== null || next.period) return offset > 0;
    return (
      next.quoted ||
      (valueScore(next) > nameScore(next) &&
        next.values.some((hit) => segment.names.some((name) => name.entry === hit.column)))
    );
  }

  /** In a condition: "age above 20", "whose name is X", "4 cylinders", "have a dog". */
  private readConditionOnMention(segment: Segment): void {
    const mention = this.takeEntityOrColumn() ?? { segment, owner: null, isEntity: false };
    if (columnScore(mention.segment) > 0 && this.readOperator(mention)) return;
    if (tableScore(mention.segment) > 0.5 && tableScore(mention.segment) >= columnScore(mention.segment) - 0.15) {
      this.addRelated(mention, null);
      return;
    }
    const open = this.frame.outputs.find((output) => output.quantity && output.of === null);
    if (open) {
      open.of = mention;
      return;
    }
    if (flagColumn(mention.segment) !== null) {
      this.addFlag(mention);
      return;
    }
    this.pending = mention;
    if (this.negated && columnScore(mention.segment) > 0) {
      this.addRelated(mention, null);
      return;
    }
    this.scope.subjects.push(mention);
    if (tableScore(mention.segment) < 0.6) this.frame.unapplied.push(mention.segment);
  }

  /** Reads what a column in a condition is compared with; false when nothing of the kind follows. */
  private readOperator(column: Mention): boolean {
    const start = this.position;
    const isColumn = columnScore(column.segment) > tableScore(column.segment);
    this.skip(
      new Set<CueKind>(
        isColumn ? ['filler', 'be', 'of', 'any', 'have', 'verb', 'in', 'by'] : ['filler', 'be', 'of', 'any'],
      ),
    );
    if (this.cueAt()?.kind === 'not') {
      this.negated = !this.negated;
      this.position += 1;
      this.skip(new Set(['filler', 'be', 'of', 'any']));
    }
    if (this.cueAt()?.kind === 'both' || isEither(this.peek())) this.position += 1;
    this.skip(new Set(['filler']));
    const segment = this.peek();
    const cue = segment?.cue ?? null;
    this.pending = column;
    if (cue?.kind === 'compare' && isColumn) {
      this.readComparison(column);
      return true;
    }
    if (cue?.kind === 'between') {
      this.position += 1;
      this.readRange(column);
      return true;
    }
    if (cue?.kind === 'match') {
      this.readMatch(cue.how, column);
      return true;
    }
    if (cue?.kind === 'missing') {
      this.position += 1;
      this.addCondition({
        kind: 'missing',
        column,
        joiner: this.joiner,
        negated: this.negated,
        segments: [column.segment],
      });
      return true;
    }
    if (segment?.quoted || (segment && isMention(segment) && valueScore(segment) > nameScore(segment))) {
      this.position += 1;
      this.addValue(segment, column);
      return true;
    }
    if (segment?.period && isColumn && (segment.number === null || isTimeLike(column.segment))) {
      this.readPeriod(isTimeLike(column.segment) ? column : null);
      return true;
    }
    if (segment && isColumn && segment.number !== null && !isMention(this.peek(1))) {
      this.readNumberFor(column);
      return true;
    }
    this.position = start;
    return false;
  }

  private readNumberFor(column: Mention): void {
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

  /** "or more", "or after", "and above" behind a value. */
  private takeTail(): Comparison | null {
    const first = this.cueAt();
    if (first?.kind === 'compare' && /^or |^and /.test(this.peek()?.phrase ?? '')) {
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

  // ---- conditions ---------------------------------------------------------------------------------------------------

  private addCondition(condition: Unplaced): void {
    this.scope.conditions.push({
      ...condition,
      near: this.entity,
      closesOr: this.closesOr && condition.joiner === 'and',
    });
    this.closesOr = false;
    this.negated = false;
    this.joiner = 'and';
    this.place = 'condition';
  }

  private addValue(segment: Segment, column: Mention | null = null): void {
    const opening = this.segments[segment.index - 1];
    const mention: Mention = {
      segment,
      owner: null,
      isEntity: false,
      preposition: opening?.phrase.toLowerCase() ?? '',
    };
    const previous = this.scope.conditions.at(-1);
    const before = this.segments[this.position - 2];
    const isListed =
      before?.cue?.kind === 'or' || before?.cue?.kind === 'and' || before?.mark === ',' || isEither(before);
    if (previous?.kind === 'value' && isListed && column === null && sharesColumn(previous.mentions[0], mention)) {
      previous.mentions.push(mention);
      if (before?.cue?.kind === 'and') previous.conjoined = true;
      if (before?.cue?.kind === 'and' && this.both) previous.all = true;
      return;
    }
    const hint = column ?? this.columnBefore(segment);
    this.addCondition({
      kind: 'value',
      column: hint,
      mentions: [mention],
      all: this.both,
      conjoined: false,
      joiner: this.joiner,
      negated: this.negated,
      segments: [segment],
    });
  }

  /** "city Aberdeen", "type of dog": a column right before the value. */
  private columnBefore(segment: Segment): Mention | null {
    const before = this.segments[segment.index - 1];
    if (before && isMention(before) && columnScore(before) > 0.5 && this.pending?.segment === before)
      return this.pending;
    return segment.values.length === 0 ? this.pending : null;
  }

  private addRelated(entity: Mention, count: { op: Comparison; value: number } | null): void {
    const related: Mention = { ...entity, isEntity: true };
    if (tableScore(entity.segment) > 0.5) this.entity = related;
    if (!this.negated && !count) {
      this.scope.subjects.push(related);
      this.joiner = 'and';
      return;
    }
    const frame = emptyFrame();
    this.addCondition({
      kind: 'related',
      entity: related,
      frame,
      count,
      joiner: this.joiner,
      negated: this.negated,
      segments: [entity.segment],
    });
    this.scope = frame;
  }

  private readMissing(segment: Segment): void {
    this.position += 1;
    const next = this.peek(this.ahead());
    const column = this.pending;
    if (next && isMention(next) && columnScore(next) > 0) {
      this.skip();
      const mention = this.takeEntityOrColumn();
      if (mention)
        this.addCondition({
          kind: 'missing',
          column: mention,
          joiner: this.joiner,
          negated: this.negated,
          segments: [segment],
        });
    } else if (column) {
      this.addCondition({ kind: 'missing', column, joiner: this.joiner, negated: this.negated, segments: [segment] });
    } else {
      this.frame.unread.push(segment);
    }
  }

  private readMatch(how: 'contains' | 'starts' | 'ends', column: Mention | null): void {
    const segment = this.peek();
    this.position += 1;
    while (this.cueAt()?.kind === 'match' || ['filler', 'any', 'in'].includes(this.cueAt()?.kind ?? ''))
      this.position += 1;
    const text = this.peek();
    if (!text || text.mark !== null || !segment) return;
    const isText = text.quoted || text.capital || valueScore(text) > 0 || text.cue === null;
    if (!isText || (nameScore(text) > 0.8 && !text.quoted && how === 'contains')) {
      if (how === 'contains') this.place = 'condition';
      return;
    }
    this.position += 1;
    let target = column;
    const next = this.peek();
    if (next?.cue?.kind === 'in') {
      const named = this.peek(this.ahead(1));
      if (named && isMention(named) && columnScore(named) > 0.5) {
        this.position += this.ahead(1);
        target = this.takeEntityOrColumn();
      }
    }
    this.addCondition({
      kind: 'match',
      column: target ?? this.lastColumn(),
      how,
      text: text.phrase,
      joiner: this.joiner,
      negated: this.negated,
      segments: [segment, text],
    });
    while (this.cueAt()?.kind === 'or' && (this.peek(1)?.quoted || this.peek(1)?.capital)) {
      const other = this.peek(1);
      this.position += 2;
      if (other)
        this.addCondition({
          kind: 'match',
          column: target ?? this.lastColumn(),
          how,
          text: other.phrase,
          joiner: 'or',
          negated: false,
          segments: [other],
        });
    }
  }

  private lastColumn(): Mention | null {
    if (this.pending) return this.pending;
    for (const output of this.frame.outputs.toReversed())
      if (output.of && columnScore(output.of.segment) > 0.5) return output.of;
    return null;
  }

  private readPeriod(column: Mention | null = null): void {
    const operand = this.takeOperand();
    if (!operand || operand.kind !== 'period') return;
    const tail = this.takeTail();
    const next = this.peek(1);
    if (!tail && this.cueAt()?.kind === 'in' && /^to$/i.test(this.peek()?.phrase ?? '') && next?.period) {
      this.position += 1;
      const high = this.takeOperand();
      if (high) this.addPeriod(column, '=', { kind: 'range', low: operand, high }, operand.segment);
      return;
    }
    this.addPeriod(column, tail ?? '=', operand, operand.segment);
    while ((this.cueAt()?.kind === 'or' || this.cueAt()?.kind === 'and') && this.peek(1)?.period) {
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

  private addBothPeriods(column: Mention | null, other: Operand & { kind: 'period' }): void {
    this.addPeriod(column, '=', other, other.segment);
    for (const condition of this.scope.conditions.slice(-2))
      if (condition.kind === 'compare') condition.segments.push(BOTH);
  }

  private addPeriod(column: Mention | null, op: Comparison, right: Operand, segment: Segment): void {
    const { verb } = this;
    const pointed: Mention | null =
      verb && verb.verbNames.length > 0
        ? { segment: { ...verb, names: verb.verbNames }, owner: null, isEntity: false }
        : null;
    const isPointed = column === null && pointed !== null && isTimeLike(pointed.segment);
    const left = column ? plainMeasure(column) : isPointed ? plainMeasure(pointed) : null;
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
  }

  private readNumber(segment: Segment): void {
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

  /** "2 or more paragraphs", "1 to 2 paragraphs"; false when neither stands here. */
  private readTailedNumber(segment: Segment): boolean {
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
    if (/^(?:to|-|–)$/i.test(this.peek()?.phrase ?? '') && high?.number != null && named && isMention(named)) {
      this.position += 2;
      this.skip();
      this.readCountedRange(segment, high);
      return true;
    }
    this.position = start;
    return false;
  }

  private readCountedRange(low: Segment, high: Segment): void {
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

  /** "4 cylinders", "(at least) two concerts": a number that belongs to the noun after it. */
  private readCounted(op: Comparison, number: Segment): void {
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

  private addCounted(left: Measure, op: Comparison, right: Operand): void {
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

  /** Reads a comparison that begins here; `column` is what stands before it. */
  private readComparison(column: Mention | null): void {
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
      const of = column ?? (concept ? null : (this.verbColumn() ?? this.pending));
      return of || concept ? { ...plainMeasure(of, segment), concept: of ? null : concept } : null;
    };
    const next = this.peek();
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

  /** The column of amounts that the verb read last points to: "sold more than 300". */
  private verbColumn(): Mention | null {
    const { verb } = this;
    if (!verb || verb.index < (this.pending?.segment.index ?? -1)) return null;
    const segment = { ...verb, names: verb.verbNames };
    return isMeasure(segment) ? { segment, owner: null, isEntity: false } : null;
  }

  private readSecondBound(column: Mention | null): void {
    const cue = this.cueAt(1);
    if (this.cueAt()?.kind === 'and' && cue?.kind === 'compare' && cue.temporal && !column) this.position += 1;
  }

  /** "years old", "dollars": words behind a number that name its unit. */
  private skipUnitWords(): void {
    const segment = this.peek();
    if (
      segment &&
      /^(?:years?|old|dollars?|euros?|usd|eur|kg|km|pounds?|miles?|degrees?|cm|meters?|metres?|minutes?|hours?)$/i.test(
        segment.phrase,
      )
    ) {
      if (segment.names.length === 0) {
        this.position += 1;
        this.skipUnitWords();
      }
    }
  }

  private hasSuperlativeAhead(): boolean {
    for (let offset = 0; offset < 6; offset += 1) {
      const segment = this.peek(offset);
      if (!segment || segment.mark !== null) return false;
      if (segment.cue?.kind === 'superlative') return true;
    }
    return false;
  }

  /** "than the average age", "than the car with the largest horsepower", "above average". */
  private readScalar(left: Measure | null, op: Comparison, segment: Segment): void {
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

  private isBareSuperlative(): boolean {
    const next = this.peek(this.ahead(1));
    const cue = this.cueAt();
    return (
      cue?.kind === 'superlative' &&
      cue.concept === undefined &&
      (!next || !isMention(next) || columnScore(next) > tableScore(next))
    );
  }

  private readRange(column: Mention | null): void {
    this.skip(new Set(['filler', 'in', 'pronoun']));
    const low = this.takeOperand();
    if (this.cueAt()?.kind !== 'and' && !/^(?:to|and|-|–)$/.test(this.peek()?.phrase ?? '')) {
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

  private takeOperand(): Operand | null {
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

  // ---- aggregates in conditions ---------------------------------------------------------------------------------------

  /** "whose total amount is above 100", "with an average age over 20". */
  private isConditionOnAggregate(): boolean {
    for (let offset = 1; offset < 7; offset += 1) {
      const segment = this.peek(offset);
      if (!segment || segment.mark !== null || segment.cue?.kind === 'and') return false;
      if (segment.cue?.kind === 'compare' || segment.cue?.kind === 'between') return true;
    }
    return false;
  }

  private readAggregateCondition(): void {
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

  // ---- superlatives -------------------------------------------------------------------------------------------------

  private readSuperlative(segment: Segment): void {
    const cue = segment.cue;
    const isOutput = this.place === 'output' && this.sentenceOutputs === 0;
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
      // "the highest age" asks for the value itself.
      const aggregate = superlative.direction === 'asc' ? 'min' : 'max';
      this.pushOutput({ ...superlative.measure, aggregate: superlative.measure.aggregate ?? aggregate });
      return;
    }
    this.takeTopLimit(superlative);
    this.frame.superlatives.push(superlative);
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

  /** "the top 3 titles … that have the highest rating": the limit stands apart from what is ranked by. */
  private takeTopLimit(superlative: Superlative): void {
    if (!this.pendingTop || superlative.limit !== 1) return;
    superlative.limit = this.pendingTop.limit;
    this.frame.superlatives = this.frame.superlatives.filter((known) => known !== this.pendingTop);
    this.pendingTop = null;
  }

  /** "top 5 customers by total amount", "the first three rows". */
  private readTop(superlative: Superlative): void {
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
    }
    this.frame.limit = superlative.limit;
    this.place = 'owner';
    const ranked = { ...superlative, measure: { ...superlative.measure, concept: 'rank' } };
    this.frame.superlatives.push(ranked);
    this.pendingTop = ranked;
    if (this.isTopMeasureAhead()) this.readTopMeasure();
  }

  private pendingTop: Superlative | null = null;

  /** True before what a "top five" is ranked by: "by total amount", "with the highest number of orders". */
  private isTopMeasureAhead(): boolean {
    const cue = this.cueAt();
    if (!this.pendingTop || !cue || !['by', 'order-by', 'with', 'in'].includes(cue.kind)) return false;
    const next = this.peek(this.ahead(1, new Set(['filler', 'pronoun', 'of', 'superlative', 'any', 'frequent'])));
    if (!next) return false;
    const isMeasured = next.cue?.kind === 'aggregate' || next.cue?.kind === 'number-of';
    if (isMeasured) return true;
    if (!isMention(next) || nameScore(next) <= valueScore(next)) return false;
    return cue.kind !== 'in' || isMeasure(next);
  }

  private readTopMeasure(): void {
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
      if (/number of/.test(this.segments[this.position - 1]?.phrase ?? '')) {
        superlative.measure = { ...superlative.measure, aggregate: 'count' };
      }
    }
    const measure = this.takeMeasure();
    if (measure)
      superlative.measure = superlative.measure.aggregate === 'count' ? { ...measure, aggregate: 'count' } : measure;
    superlative.direction = direction;
    this.place = 'condition';
  }

  /** "average age", "number of orders", "total amount", "price". */
  private takeMeasure(): Measure | null {
    this.skip(new Set(['filler', 'pronoun', 'of', 'any']));
    const segment = this.peek();
    if (!segment) return null;
    let aggregate: AggregateName | null = null;
    let distinct = false;
    for (;;) {
      const cue = this.cueAt();
      if (cue?.kind === 'aggregate') aggregate = aggregate === 'avg' ? aggregate : cue.name;
      else if (cue?.kind === 'number-of') aggregate = 'count';
      else if (cue?.kind === 'distinct') distinct = true;
      else if (!(cue && SKIPPED.has(cue.kind) && !isMention(this.peek()))) break;
      this.position += 1;
    }
    const mention = this.takeEntityOrColumn();
    if (!mention && !aggregate) return null;
    if (mention && this.cueAt()?.kind === 'of') {
      const owner = this.peek(this.ahead(1));
      if (owner && tableScore(owner) > 0.6 && valueScore(owner) < tableScore(owner)) {
        this.position += this.ahead(1);
        mention.owner = this.takeEntityOrColumn();
        if (mention.owner) this.frame.subjects.push(mention.owner);
      }
    }
    return { aggregate, distinct, of: mention, concept: null, quantity: false, segment };
  }

  private takeSuperlative(segment = this.peek()): Superlative | null {
    const cue = segment?.cue;
    if (!segment || !cue) return null;
    this.position += 1;
    const limit = this.takeLimit();
    const blank: Measure = { aggregate: null, distinct: false, of: null, concept: null, quantity: false, segment };
    const base = { limit: limit ?? 1, entity: null, segments: [segment], nested: false };
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
      if (next && isMention(next) && valueScore(next) <= nameScore(next) && !this.isConditionEnd()) {
        const mention = this.takeEntityOrColumn();
        if (
          mention &&
          columnScore(mention.segment) > tableScore(mention.segment) &&
          columnScore(mention.segment) > 0.8
        ) {
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
    const counts = /number of|\bof$/.test(segment.phrase) && !/amount of$/.test(segment.phrase);
    const measure = this.takeMeasure();
    if (!measure && this.pending && columnScore(this.pending.segment) > 0.5) {
      return { ...base, measure: { ...blank, of: this.pending }, direction: cue.direction };
    }
    if (!measure) return this.place === 'output' ? { ...base, measure: blank, direction: cue.direction } : null;
    if (counts || /most|fewest|least/i.test(segment.phrase)) {
      const of = measure.of;
      const isColumn = of !== null && columnScore(of.segment) > tableScore(of.segment);
      if (!measure.aggregate && (counts || !isColumn)) measure.aggregate = 'count';
    }
    const of = measure.of;
    if (!measure.aggregate && of && tableScore(of.segment) > columnScore(of.segment) && tableScore(of.segment) > 0.6) {
      return { ...base, measure: { ...blank, concept: 'size' }, direction: cue.direction, entity: of };
    }
    return { ...base, measure, direction: cue.direction, entity: of?.owner ?? null };
  }

  private isConditionEnd(): boolean {
    return false;
  }

  private takeLimit(): number | null {
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

  // ---- order and groups ---------------------------------------------------------------------------------------------

  private readOrder(): void {
    let direction: 'asc' | 'desc' | null = null;
    let alphabetical = false;
    let concept: string | null = null;
    let read = 0;
    const from = this.frame.orders.length;
    for (;;) {
      const segment = this.peek();
      const cue = segment?.cue ?? null;
      if (!segment) break;
      if (cue?.kind === 'direction') {
        direction = cue.direction;
        alphabetical ||= cue.alphabetical === true;
        concept = cue.concept ?? concept;
        this.position += 1;
        if (read > 0) {
          for (const order of this.frame.orders.slice(read > 1 ? -1 : from)) order.direction = direction;
        }
      } else if (
        cue &&
        ['order-by', 'by', 'of', 'filler', 'pronoun', 'in', 'be'].includes(cue.kind) &&
        !isMention(segment)
      ) {
        this.position += 1;
      } else if (read > 0 && (cue?.kind === 'and' || segment.mark === ',') && !this.startsOutput()) {
        this.position += 1;
      } else if (
        cue?.kind === 'aggregate' ||
        cue?.kind === 'number-of' ||
        (isMention(segment) && nameScore(segment) >= valueScore(segment))
      ) {
        const measure = this.takeMeasure();
        if (!measure) break;
        this.frame.orders.push({ measure, direction: direction ?? 'asc' });
        read += 1;
      } else {
        break;
      }
    }
    if (read === 0 && concept !== null) {
      this.frame.orders.push({ measure: { ...plainMeasure(null), concept }, direction: direction ?? 'asc' });
    } else if (read === 0) {
      const output = this.frame.outputs.find((candidate) => !alphabetical || candidate.aggregate === null);
      if (output) this.frame.orders.push({ measure: output, direction: direction ?? 'asc' });
    }
    this.place = 'condition';
  }

  private readGroups(): void {
    const words = this.segments[this.position - 1]?.phrase.toLowerCase() ?? '';
    this.skip(new Set(['filler', 'of', 'pronoun', 'distinct', 'each', 'number-of']));
    const segment = this.peek();
    if (segment?.cue?.kind === 'unit' || segment?.cue?.kind === 'trend') {
      this.position += 1;
      this.frame.groups.push({ mention: null, unit: segment.cue.unit ?? 'month', trailing: false });
      return;
    }
    if (!segment || !isMention(segment) || nameScore(segment) === 0) {
      this.isGrouping = false;
      this.joiner = 'and';
      return;
    }
    const mention = this.takeEntityOrColumn();
    if (!mention) return;
    if (this.cueAt()?.kind === 'of') {
      const owner = this.peek(this.ahead(1));
      if (owner && tableScore(owner) > 0.6 && nameScore(owner) > valueScore(owner)) {
        this.position += this.ahead(1);
        mention.owner = this.takeEntityOrColumn();
      }
    }
    if (tableScore(mention.segment) > 0.6) {
      this.entity = mention;
      if (this.sentenceOutputs === 0) this.defaultOwner = { ...mention, isEntity: true };
      for (const output of this.openOutputs) {
        if (output.of && !output.of.owner && output.aggregate === null)
          output.of.owner = { ...mention, isEntity: true };
      }
    }
    this.frame.groups.push({
      mention,
      unit: null,
      trailing: this.sentenceOutputs > 0 && /^(?:for )?each$|different$/.test(words),
    });
    const next = this.peek(this.ahead());
    const continues = this.cueAt()?.kind === 'and' && next !== undefined && !this.startsOutputAfterGroup();
    this.isGrouping = continues;
    if (this.sentenceOutputs === 0) this.place = 'output';
    else this.place = 'condition';
  }

  private startsOutputAfterGroup(): boolean {
    const offset = this.ahead(1, new Set(['filler']));
    const cue = this.cueAt(offset);
    return !isMention(this.peek(offset)) || cue !== null;
  }
}

/** Marks two periods that must each hold for some related row. */
export const BOTH: Segment = {
  index: -1,
  phrase: 'both',
  start: 0,
  end: 0,
  length: 0,
  cue: { kind: 'both' },
  names: [],
  verbNames: [],
  values: [],
  number: null,
  percent: false,
  period: null,
  quoted: false,
  mark: null,
  capital: false,
};

/** The flag column that the phrase names, when its best reading is one. */
function flagColumn(segment: Segment): ColumnEntry | null {
  const best = segment.names[0];
  return best?.entry.kind === 'column' && best.score > 0.75 && flagValue(best.entry) !== null ? best.entry : null;
}

/** True when the phrase rather names a column of amounts. */
function isMeasure(segment: Segment): boolean {
  const best = segment.names[0]?.entry;
  return best?.kind === 'column' && isNumeric(best) && !best.isKey && !holdsYears(best);
}

/** True when a column that the phrase may name holds dates or years. */
function isTimeLike(segment: Segment): boolean {
  return segment.names.some(
    ({ entry, score }) =>
      entry.kind === 'column' && score > 0.6 && (isTemporal(entry) || holdsYears(entry) || holdsDateText(entry)),
  );
}

function segmentIndex(mention: Mention): number {
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

function isEither(segment: Segment | undefined): boolean {
  return segment?.phrase.toLowerCase() === 'either';
}

function givesWay(cue: Cue): boolean {
  return cue.kind === 'verb' || cue.kind === 'filler' || cue.kind === 'unit' || cue.kind === 'request';
}

function sharesColumn(one: Mention | undefined, other: Mention): boolean {
  if (!one) return false;
  if (one.segment.values.length === 0 && other.segment.values.length === 0) return true;
  return one.segment.values.some((hit) => other.segment.values.some((otherHit) => otherHit.column === hit.column));
}
