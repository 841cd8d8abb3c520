/** Where sentences and clauses begin and end, and what is said aside. */
import type { Cue } from '../lexicon/lexicon.js';
import { plainMeasure } from './frame.js';
import { columnScore, tableScore } from './phrases.js';
import type { Segment } from './segments.js';
import { ShareReader } from './share-reader.js';

const SENTENCE_END = /^[.?!;:]$/;

export abstract class ClauseReader extends ShareReader {
  /** True after "how did", which a verb of change may follow. */
  protected asksForCourse = false;

  /** Without a time, nothing says what is new. */
  protected noteNewcomers(): void {
    if (!this.newcomers) return;
    const { groups, conditions, unapplied } = this.frame;
    this.frame.isNew =
      groups.some(({ unit }) => unit !== null) ||
      conditions.some((condition) => condition.kind === 'compare' && condition.temporal);
    if (!this.frame.isNew) unapplied.push(this.newcomers);
  }

  /** "compare …" and "how did … change" say what is to come of two times or two things. */
  protected noteRequest({ compares, isCourse }: Cue & { kind: 'request' }): void {
    if (compares) this.isCompared = true;
    if (isCourse) this.asksForCourse = true;
  }

  /** "no-show rate": the part of all that are so. */
  protected readRateOfValue(segment: Segment): void {
    const thing = this.opensWithValue();
    this.noteShare(segment);
    this.position += 1;
    this.frame.share = 'percent';
    if (thing) this.pushOutput(plainMeasure(thing));
    this.place = 'condition';
  }

  /** "… overall": at the end it says nothing more. */
  protected endsWithTotal(): boolean {
    const next = this.peek(1);
    return this.sentenceOutputs > 0 && (next === undefined || next.mark !== null);
  }

  protected readMark(segment: Segment): void {
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
  protected skipGloss(): boolean {
    const before = this.segments[this.position - 2];
    const gloss = this.peek();
    if (!before || !gloss || this.peek(1)?.mark !== ')') return false;
    const saysAgain =
      gloss.names.some((reading) => before.names.some((known) => known.entry === reading.entry)) ||
      this.readCode(before, gloss);
    if (saysAgain) this.position += 2;
    return saysAgain;
  }

  /** "customers who ordered every product": as many as there are. */
  protected readAllOf({ index }: Segment): boolean {
    const before = this.segments[index - 1];
    const isTied = before?.cue?.kind === 'verb' || before?.cue?.kind === 'have' || before?.isParticiple === true;
    const next = this.peek(this.ahead());
    if (this.place !== 'condition' || !isTied || !next || tableScore(next) < 0.6) return false;
    const entity = this.takeEntityOrColumn();
    if (entity) this.addRelated(entity, { op: '=', value: 'all' });
    return entity !== null;
  }

  /** Passes over the rest of a clause that only says how to do it. */
  protected readHint(): void {
    for (let segment = this.peek(); segment && !SENTENCE_END.test(segment.mark ?? ''); segment = this.peek()) {
      this.frame.hints.push(segment);
      this.position += 1;
    }
  }

  /** "Chicago (ORD)": the code in the parentheses stands for the value before it, as it may for nothing else. */
  protected readCode(before: Segment, code: Segment): boolean {
    const last = this.scope.conditions.at(-1);
    if (last?.kind !== 'value' || code.values.length === 0) return false;
    const named = last.mentions.at(-1);
    if (named?.segment !== before) return false;
    last.mentions[last.mentions.length - 1] = { ...named, segment: code };
    last.segments.push(before, code);
    return true;
  }

  protected beginSentence(): void {
    this.asksForCourse = false;
    this.place = 'output';
    this.scope = this.frame;
    this.joiner = 'and';
    this.noteIdleNegation();
    this.openOutputs = [];
    this.pending = null;
    this.isGrouping = false;
    if (this.sentenceOutputs > 0 || this.sentence > 0) this.sentence += 1;
    this.sentenceOutputs = 0;
  }

  /** True right after "and" or a comma. */
  protected isListed(): boolean {
    const before = this.segments[this.position - 1];
    return before === undefined || before.mark !== null || before.cue?.kind === 'and' || before.cue?.kind === 'pronoun';
  }

  /** A "not" that negated nothing would turn the answer round if it were passed over. */
  protected noteIdleNegation(): void {
    if (this.negated && this.negation) this.frame.unapplied.push(this.negation);
    this.negated = false;
  }

  protected readAnd(): void {
    this.position += 1;
    this.joiner = 'and';
    if (this.isGrouping) {
      this.readGroups();
      return;
    }
    if (this.place === 'condition') {
      if (this.startsOutput()) this.beginOutputs();
      else this.scope = this.frame;
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
}
