/** Conditions on a noun: "whose name is …", "that contain …", "with no …". */
import type { CueKind } from '../lexicon/lexicon.js';
import { DeedReader } from './deed-reader.js';
import { plainMeasure, type Mention } from './frame.js';
import {
  isMeasure,
  columnScore,
  flagColumn,
  isDateOfDeed,
  isMention,
  isTimeLike,
  mayBeNone,
  nameScore,
  tableScore,
  valueScore,
} from './phrases.js';
import type { Segment } from './segments.js';

export abstract class ConditionReader extends DeedReader {
  /** True when a comparison, a number or a value follows the mention as its own. */
  protected hasOperatorAfter(segment: Segment): boolean {
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
  protected readConditionOnMention(segment: Segment): void {
    if (this.readDeniedVerb(segment, segment.names)) return;
    const named = segment.names[0]?.entry;
    if (this.isSaidOfMeasure(segment) && (named?.kind === 'table' || named?.isKey === true)) {
      this.position += 1;
      return;
    }
    const mention = this.takeTimeVerb(segment) ??
      this.takeEntityOrColumn() ?? { segment, owner: null, isEntity: false };
    if (columnScore(mention.segment) > 0 && this.readOperator(mention)) return;
    if (this.saysPresence(segment)) {
      this.addPresence(mention);
      return;
    }
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
    if (isDateOfDeed(mention.segment) && this.endsBehind()) {
      this.addDone(mention);
      return;
    }
    // A participle that ties to nothing is a verb: "how many cars were made".
    if (mention.segment.isParticiple && tableScore(mention.segment) < 0.6 && !mention.owner) {
      if (isMeasure(mention.segment)) this.pending = mention;
      return;
    }
    this.pending = mention;
    if (this.negated && columnScore(mention.segment) > 0) {
      this.addRelated(mention, null);
      return;
    }
    if (this.isShownWith(segment)) {
      this.beginOutputs();
      this.pushOutput(plainMeasure(mention));
      return;
    }
    this.scope.subjects.push(mention);
    if (tableScore(mention.segment) < 0.6) this.frame.unapplied.push(mention.segment);
  }

  /** "names with their ids": more that is shown, where nothing is said of what it is like. */
  private isShownWith({ index, names }: Segment): boolean {
    let at = index - 1;
    while (['filler', 'pronoun'].includes(this.segments[at]?.cue?.kind ?? '')) at -= 1;
    const tie = this.segments[at]?.cue?.kind;
    const isOwned = this.segments.slice(at + 1, index).some(({ cue }) => cue?.kind === 'pronoun' && cue.isPossessive);
    const best = names[0]?.entry;
    return tie === 'with' && best?.kind === 'column' && (isOwned || best.isKey);
  }

  /** True where an amount that may be none is said to be there: "with a discount", "with stops", "in stock". */
  protected saysPresence(segment: Segment): boolean {
    const best = segment.names[0]?.entry;
    if (best?.kind !== 'column' || columnScore(segment) < 0.75 || this.hasOperatorAfter(segment)) return false;
    if (segment.isState) return mayBeNone(best) || flagColumn(segment) !== null;
    let at = segment.index - 1;
    while (['filler', 'any'].includes(this.segments[at]?.cue?.kind ?? '')) at -= 1;
    const kind = this.segments[at]?.cue?.kind;
    if (kind === 'out-of' && flagColumn(segment) !== null) return true;
    if (!mayBeNone(best)) return false;
    if (kind === 'in' || kind === 'out-of') return best.column.type === 'integer' && at === segment.index - 1;
    const isSeveral = segment.isPlural && best.column.type === 'integer';
    return kind === 'without' || ((kind === 'with' || kind === 'have') && (isSeveral || at < segment.index - 1));
  }

  /** More than none of an amount, or none of it; a flag is set, or it is not. */
  protected addPresence(column: Mention): void {
    const { segment } = column;
    if (this.segments[segment.index - 1]?.cue?.kind === 'out-of') this.negated = !this.negated;
    if (flagColumn(segment) !== null) {
      this.addFlag(column);
      return;
    }
    const right = { kind: 'number' as const, value: 0, percent: false, segment: { ...segment, number: 0 } };
    const { joiner, negated } = this;
    const base = { left: plainMeasure(column), right, temporal: false, segments: [segment] };
    this.addCondition({ ...base, kind: 'compare', op: '>', joiner, negated });
  }

  /** Reads what a column in a condition is compared with; false when nothing of the kind follows. */
  protected readOperator(column: Mention): boolean {
    if (this.isDeniedItself(column)) {
      this.addRelated(column, null);
      return true;
    }
    const start = this.position;
    const { negated } = this;
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
    if (this.cueAt()?.kind === 'both') this.position += 1;
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
    // "amount in 2024" says when, "year 2024" says which.
    const saysWhen =
      segment?.period !== null && !isTimeLike(column.segment) && this.segments[this.position - 1]?.cue?.kind === 'in';
    if (segment && isColumn && segment.number !== null && !saysWhen && !isMention(this.peek(1))) {
      this.readNumberFor(column);
      return true;
    }
    this.position = start;
    this.negated = negated;
    return false;
  }

  /** "without rain in January", "without a fax in Spain": what follows says when and where, and not what is denied. */
  private isDeniedItself({ segment }: Mention): boolean {
    const next = this.peek(this.ahead(1));
    if (!this.negated || this.cueAt()?.kind !== 'in' || !next) return false;
    if (next.period) return !isTimeLike(segment) || this.negation?.cue?.kind === 'without';
    const isOther = !segment.names.some(({ entry }) => next.values.some(({ column }) => column === entry));
    return isOther && valueScore(next) > nameScore(next) && !next.quoted;
  }

  protected readMissing(segment: Segment): void {
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

  protected readMatch(how: 'contains' | 'starts' | 'ends', column: Mention | null): void {
    const segment = this.peek();
    this.position += 1;
    // "starts with A" is about the letter, "contains a word" is not.
    const isLetter = (): boolean => how !== 'contains' && this.peek()?.capital === true && this.peek()?.length === 1;
    while (
      this.cueAt()?.kind === 'match' ||
      (['filler', 'any', 'in'].includes(this.cueAt()?.kind ?? '') && !isLetter())
    )
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
        // "a song with the word … in its title": the title of the song.
        if (target && column && target.owner === null) target = { ...target, owner: column };
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
}
