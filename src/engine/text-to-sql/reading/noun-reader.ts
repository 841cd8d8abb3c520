/** Nouns and what belongs to them: the entity of a column, values before a noun, conditions as they are added. */
import type { NamedEntry } from '../evidence/schema-index.js';
import { fold } from '../language/tokens.js';
import type { AggregateName } from '../lexicon/lexicon.js';
import { emptyFrame, type Measure, type Mention, type RelatedCount } from './frame.js';
import {
  columnScore,
  flagColumn,
  isDateOfDeed,
  isMeasure,
  isMention,
  isTimeLike,
  nameScore,
  sharesColumn,
  tableScore,
  valueScore,
} from './phrases.js';
import type { Segment } from './segments.js';
import { SKIPPED, SentenceReader, type Unplaced } from './sentence-reader.js';

export abstract class NounReader extends SentenceReader {
  /** Values and numbers before a noun: "French customers", "the 3 youngest". */
  protected takePremodifiers(): void {
    for (;;) {
      this.skip();
      const segment = this.peek();
      const next = this.peek(1);
      if (!segment || !next) return;
      if (segment.cue?.kind === 'new') {
        this.newcomers = segment;
        this.position += 1;
      } else if (
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

  /** The mention that stands here, tied to a neighbour that names its entity: "customer name", "names of customers". */
  protected takeEntityOrColumn(): Mention | null {
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
      !next.isState &&
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
      if (tableScore(next) > 0.6 && isDateOfDeed(segment)) {
        this.position += 1;
        this.addDone(mention);
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
  protected addFlag(column: Mention): void {
    this.addCondition({ kind: 'flag', column, joiner: this.joiner, negated: this.negated, segments: [column.segment] });
    if (this.sentenceOutputs === 0) this.place = 'output';
  }

  /** "cancelled subscriptions", "subscriptions cancelled": there is a date when it was done. */
  protected addDone(column: Mention): void {
    const { joiner, negated } = this;
    this.addCondition({ kind: 'missing', column, joiner, negated: !negated, segments: [column.segment] });
    if (this.sentenceOutputs === 0) this.place = 'output';
  }

  /** True where the clause ends. */
  protected endsBehind(offset = 0): boolean {
    const next = this.peek(offset);
    return !next || next.mark !== null || next.cue?.kind === 'and';
  }

  /** True before "directed by …": a participle opens a condition and is no part of a compound. */
  protected isParticipleAhead(): boolean {
    const segment = this.peek();
    if (!segment) return false;
    if (segment.length > 1) return segment.isParticiple;
    const next = this.peek(1);
    const isTied =
      (isDivision(next) && isTimeLike(segment)) ||
      (this.endsBehind(1) && isDateOfDeed(segment)) ||
      next?.cue?.kind === 'by' ||
      next?.cue?.kind === 'in' ||
      next?.cue?.kind === 'compare' ||
      next?.cue?.kind === 'between' ||
      (next !== undefined && isMention(next) && valueScore(next) > nameScore(next)) ||
      next?.number != null;
    return isTied && segment.isParticiple;
  }

  /** "the number of shows": a word that would be a verb elsewhere is a thing here, and is not understood. */
  protected noteMissingNoun(): void {
    const segment = this.peek();
    if (segment?.cue?.kind === 'verb' && segment.cue.mayBeNoun) this.frame.unread.push(segment);
  }

  /** "dogs" in "how many dogs" is a value, and stands for the rows that have it. */
  protected takeValueEntity(): Mention | null {
    const segment = this.peek();
    if (!segment || segment.cue || segment.values.length === 0 || segment.number !== null || valueScore(segment) < 0.75)
      return null;
    this.position += 1;
    this.addValue(segment);
    return { segment, owner: null, isEntity: false };
  }

  /** "average age", "number of orders", "total amount", "price". */
  protected takeMeasure(): Measure | null {
    this.skip(new Set(['filler', 'pronoun', 'of', 'any']));
    const segment = this.peek();
    if (!segment) return null;
    let aggregate: AggregateName | null = null;
    let distinct = false;
    let last: Segment | undefined;
    for (;;) {
      const cue = this.cueAt();
      if (cue?.kind === 'aggregate') last = this.peek();
      if (cue?.kind === 'aggregate') aggregate = aggregate === 'avg' ? aggregate : cue.name;
      else if (cue?.kind === 'number-of') aggregate = 'count';
      else if (cue?.kind === 'distinct') distinct = true;
      else if (!(cue && SKIPPED.has(cue.kind) && !isMention(this.peek()))) break;
      this.position += 1;
    }
    let mention = this.takeEntityOrColumn();
    if (!mention && columnScore(last ?? segment) > 0.9) {
      // "the highest total" means the column of that name.
      mention = { segment: last ?? segment, owner: null, isEntity: false };
      aggregate = null;
    }
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

  /** What an earlier sentence counted, which "the number" stands for. */
  private earlierCount: Measure | null = null;

  protected pushOutput(asked: Measure): void {
    const isBareCount = asked.aggregate === 'count' && asked.of === null && this.sentence > 0;
    const said = this.sentenceOutputs === 0 ? this.frame.outputs.find(isCounted) : this.earlierCount;
    const measure = isBareCount && said ? { ...said } : asked;
    const named = measure.of?.owner ?? measure.of;
    if (named && tableScore(named.segment) > 0.6 && tableScore(named.segment) >= columnScore(named.segment))
      this.setEntity(named, false);
    if (this.sentence > 0 && this.sentenceOutputs === 0) this.replaceOutputs();
    if (this.defaultOwner && measure.of && !measure.of.owner && measure.aggregate === null)
      measure.of.owner = this.defaultOwner;
    this.ownByName(measure);
    this.frame.outputs.push(measure);
    this.openOutputs.push(measure);
    this.sentenceOutputs += 1;
  }

  /** "ids and texts of paragraphs", where the text of a paragraph is one name: the ids are those of paragraphs, too. */
  private ownByName({ of }: Measure): void {
    const best = of?.segment.names[0];
    if (!of || of.owner || !best?.isLinked || best.entry.kind !== 'column') return;
    const { table } = best.entry;
    const tail = fold(of.segment.phrase).split(' ').at(-1) ?? '';
    const belongs = (words: readonly string[]): boolean => words.some((word) => tail.startsWith(word));
    // "the name and the year of the song" of songs that have columns only: both are about what these call a song.
    const parts = belongs(table.words) ? [] : table.columns.filter(({ words }) => belongs(words));
    const owner: Mention =
      parts.length > 1
        ? { segment: { ...of.segment, names: parts.map((entry) => named(entry)) }, owner: null, isEntity: false }
        : { segment: { ...of.segment, names: [named(table)] }, owner: null, isEntity: true };
    of.owner = owner;
    for (const output of this.openOutputs) if (output.of && !output.of.owner) output.of.owner = owner;
  }

  /** A later sentence such as "List the name and id." says what the result shows. */
  protected replaceOutputs(): void {
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
    this.earlierCount = this.frame.outputs.find(isCounted) ?? null;
    this.frame.outputs = [];
  }

  protected addCondition(condition: Unplaced): void {
    this.scope.conditions.push({
      ...condition,
      near: this.entity,
      isNearSubject: this.isEntitySubject,
      closesOr: this.closesOr && condition.joiner === 'and',
    });
    this.closesOr = false;
    this.negated = false;
    this.joiner = 'and';
    this.place = 'condition';
  }

  protected addValue(segment: Segment, column: Mention | null = null): void {
    const opening = this.segments[segment.index - 1];
    const mention: Mention = {
      segment,
      owner: null,
      isEntity: false,
      preposition: opening?.phrase.toLowerCase() ?? '',
    };
    const previous = this.scope.conditions.at(-1);
    const before = this.segments[this.position - 2];
    const isListed = before?.mark === ',' || ['or', 'and', 'versus'].includes(before?.cue?.kind ?? '');
    if (previous?.kind === 'value' && isListed && column === null && sharesColumn(previous.mentions[0], mention)) {
      previous.mentions.push(mention);
      this.joiner = 'and';
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

  /** "city Oslo", "status of shipped": a column right before the value. */
  protected columnBefore(segment: Segment): Mention | null {
    const before = this.segments[segment.index - 1];
    if (before && isMention(before) && columnScore(before) > 0.5 && this.pending?.segment === before)
      return this.pending;
    return segment.values.length === 0 ? this.pending : null;
  }

  protected addRelated(entity: Mention, count: RelatedCount | null): void {
    const related: Mention = { ...entity, isEntity: true };
    if (tableScore(entity.segment) > 0.5) this.setEntity(related, true);
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

  protected lastColumn(): Mention | null {
    if (this.pending) return this.pending;
    for (const output of this.frame.outputs.toReversed())
      if (output.of && columnScore(output.of.segment) > 0.5) return output.of;
    return null;
  }

  /** The column of amounts that the verb read last points to: "sold more than 300". */
  protected verbColumn(): Mention | null {
    const { verb } = this;
    if (!verb || verb.index < (this.pending?.segment.index ?? -1)) return null;
    const segment = { ...verb, names: verb.verbNames };
    return isMeasure(segment) ? { segment, owner: null, isEntity: false } : null;
  }
}

/** What follows a verb and tells by what things are counted: "orders shipped per month". */
function isDivision(segment: Segment | undefined): boolean {
  return ['trend', 'each', 'group-by'].includes(segment?.cue?.kind ?? '');
}

function named(entry: NamedEntry): Segment['names'][number] {
  return { entry, score: 1, qualified: false };
}

function isCounted({ aggregate, of }: Measure): boolean {
  return aggregate === 'count' && of !== null;
}
