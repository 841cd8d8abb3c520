/** What is asked for and what must hold, as it is added to the frame. */
import type { NamedEntry } from '../evidence/schema-index.js';
import { fold } from '../language/tokens.js';
import { emptyFrame, type Measure, type Mention, type RelatedCount } from './frame.js';
import { columnScore, isMeasure, isMention, sharesColumn, tableScore } from './phrases.js';
import type { Segment } from './segments.js';
import { SentenceReader, type Unplaced } from './sentence-reader.js';

export abstract class ScopeReader extends SentenceReader {
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

  /** What an earlier sentence counted, which "the number" stands for. */
  protected earlierCount: Measure | null = null;

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
  protected ownByName({ of }: Measure): void {
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
      placed: this.isPlaced(segment),
      joiner: this.joiner,
      negated: this.negated,
      segments: [segment],
    });
  }

  private isPlaced({ index }: Segment): boolean {
    let at = index - 1;
    while (this.segments[at]?.cue?.kind === 'filler') at -= 1;
    return ['in', 'for', 'of'].includes(this.segments[at]?.cue?.kind ?? '');
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
      excluded: this.negated && this.negation?.cue?.kind === 'except',
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

function named(entry: NamedEntry): Segment['names'][number] {
  return { entry, score: 1, qualified: false };
}

function isCounted({ aggregate, of }: Measure): boolean {
  return aggregate === 'count' && of !== null;
}
