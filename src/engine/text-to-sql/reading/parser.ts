/**
 * Reads the phrases of a question from left to right into a frame: what is asked for, of which things, under which
 * conditions, in which order. A phrase is read by what it does and by where it stands; words that do nothing are passed
 * over, words that are not understood are kept apart.
 */
import type { Cue } from '../lexicon/lexicon.js';
import { type Frame, plainMeasure } from './frame.js';
import { nameScore, givesWay, isMention } from './phrases.js';
import type { Segment } from './segments.js';
import { ClauseReader } from './clause-reader.js';

export class Parser extends ClauseReader {
  parse(): Frame {
    while (this.position < this.end) this.step();
    this.noteIdleNegation();
    this.noteNewcomers();
    if (this.isCompared) this.compareLast();
    this.markWhole();
    return this.frame;
  }

  protected parsePart(start: number, end: number): Frame {
    return new Parser(this.segments, start, end).parse();
  }

  protected step(): void {
    const segment = this.peek();
    if (!segment) return;
    if (segment.mark !== null) this.readMark(segment);
    else if (this.elapsedAhead()) this.readElapsed([]);
    else if (segment.isShareWord && this.opensWithValue() !== null) this.readRateOfValue(segment);
    else if (segment.cue !== null && (segment.names.length + segment.values.length === 0 || !givesWay(segment.cue)))
      this.readCue(segment, segment.cue);
    else if (isMention(segment)) {
      // A verb that points to a column ("spent") says something about what was asked for; it is not asked for itself.
      if (
        segment.cue?.kind === 'verb' &&
        !this.isListed() &&
        nameScore(segment) < 0.9 &&
        this.place === 'output' &&
        this.sentenceOutputs > 0
      )
        this.place = 'condition';
      this.readMention(segment);
    } else if (segment.period) this.readPeriod();
    else if (segment.number !== null) this.readNumber(segment);
    else this.readUnknown(segment);
  }

  protected readCue(segment: Segment, cue: Cue): void {
    const verbBefore = this.afterVerb;
    this.afterVerb = false;
    switch (cue.kind) {
      case 'request':
      case 'what':
      case 'who':
        this.position += 1;
        if (cue.kind === 'request') this.noteRequest(cue);
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
        if (cue.kind === 'aggregate' && cue.name === 'sum' && this.endsWithTotal()) this.position += 1;
        else if (this.place === 'condition' && this.isConditionOnAggregate()) this.readAggregateCondition();
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
        if (this.readDeniedVerb(segment, segment.verbNames) || this.readDeed(segment)) return;
        this.readOrder();
        return;
      case 'direction':
        this.readOrder();
        return;
      case 'each':
      case 'group-by':
        this.position += 1;
        if (cue.kind === 'each' && cue.isUniversal && this.readAllOf(segment)) return;
        this.position -= 1;
        this.countOpeningValue();
        this.position += 1;
        this.isGrouping = true;
        this.readGroups();
        return;
      case 'trend':
        this.countOpeningValue();
        this.position += 1;
        this.readTrend(cue.unit);
        return;
      case 'not':
        this.position += 1;
        this.negated = !this.negated;
        this.negation = segment;
        if (this.sentenceOutputs > 0) this.place = 'condition';
        return;
      case 'without':
      case 'except':
        this.position += 1;
        this.negated = true;
        this.negation = segment;
        this.place = 'condition';
        this.skip();
        this.noteMissingNoun();
        return;
      case 'and':
        if (cue.asks && this.place !== 'output') this.beginOutputs();
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
      case 'hint':
        this.readHint();
        return;
      case 'round':
        this.position += 1;
        if (this.peek()?.number != null)
          this.frame.decimals = this.takeOperand() ? (this.segments[this.position - 1]?.number ?? null) : null;
        return;
      case 'ratio':
        this.readRatio(segment, false);
        return;
      case 'ordinal':
        this.position += 1;
        this.frame.offset = cue.place - 1;
        return;
      case 'versus':
        this.position += 1;
        this.isCompared = true;
        this.joiner = 'and';
        return;
      case 'new':
        this.newcomers = segment;
        this.position += 1;
        return;
      case 'course':
        this.readCourse(cue.course, cue.unit);
        return;
      case 'everything':
        this.position += 1;
        this.frame.whole = true;
        return;
      case 'share':
        if (this.isOfWholeAhead()) {
          this.readRatio(segment, cue.isFraction !== true);
          return;
        }
        this.noteShare(segment);
        this.position += 1;
        this.frame.share = cue.isFraction === true ? 'fraction' : 'percent';
        return;
      case 'relative':
      case 'whose':
      case 'with':
      case 'have':
        this.position += 1;
        this.afterVerb = cue.kind === 'have';
        if (this.sentenceOutputs > 0 || this.frame.subjects.length > 0) this.place = 'condition';
        return;
      case 'missing':
        this.readMissing(segment);
        return;
      case 'of':
      case 'for':
      case 'out-of':
      case 'in':
      case 'by':
        if (this.isTopMeasureAhead()) {
          this.readTopMeasure();
          return;
        }
        if (cue.kind === 'by') this.countOpeningValue();
        this.position += 1;
        if (cue.kind === 'by' && this.startsGroup(verbBefore)) {
          this.isGrouping = true;
          this.readGroups();
        } else if (this.place === 'output' && this.sentenceOutputs > 0) this.place = 'owner';
        else if (this.place === 'output' && cue.kind === 'for' && this.frame.outputs.length === 0)
          this.place = 'condition';
        return;
      case 'verb':
        if (this.readDeed(segment)) return;
        this.position += 1;
        if (cue.changes && this.asksForCourse) {
          this.frame.course = 'change';
          this.frame.hints.push(segment);
        }
        // "singers in shows": a thing that nothing is known of.
        if (cue.mayBeNoun && this.segments[segment.index - 1]?.cue?.kind === 'in') this.frame.unread.push(segment);
        if (this.readDeniedVerb(segment, segment.verbNames)) return;
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
}
