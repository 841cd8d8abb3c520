/** Nouns and what belongs to them: the entity of a column, values before a noun. */
import type { AggregateName } from '../lexicon/lexicon.js';
import { type Measure, type Mention } from './frame.js';
import {
  columnScore,
  flagColumn,
  isDateOfDeed,
  isMeasure,
  isMention,
  isTimeLike,
  nameScore,
  tableScore,
  valueScore,
} from './phrases.js';
import type { Segment } from './segments.js';
import { ScopeReader } from './scope-reader.js';
import { SKIPPED } from './sentence-reader.js';

export abstract class NounReader extends ScopeReader {
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
      // "references cited" are not those of a citation.
      const isVerb = next.isParticiple && isMeasure(segment);
      if (tableScore(next) > 0.6 && columnScore(segment) > 0.5 && !isVerb) {
        this.position += 1;
        mention.owner = { ...following, isEntity: true };
        return mention;
      }
    }
    return mention;
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
}

/** What follows a verb and tells by what things are counted: "orders shipped per month". */
function isDivision(segment: Segment | undefined): boolean {
  return ['trend', 'each', 'group-by'].includes(segment?.cue?.kind ?? '');
}
