/** What was done, and what was not: "who ordered in May", "never sold", "ordered more than 10 times". */
import { isTemporal } from '../evidence/schema-index.js';
import type { CueKind } from '../lexicon/lexicon.js';
import { ComparisonReader } from './comparison-reader.js';
import { type Mention, type RelatedCount } from './frame.js';
import {
  deedNames,
  flagColumn,
  isDateOfDeed,
  isMeasure,
  isMention,
  tableScore,
  nameScore,
  valueScore,
} from './phrases.js';
import type { Segment } from './segments.js';

/** What stands between a verb and its time. */
const BEFORE_TIME: ReadonlySet<CueKind> = new Set(['in', 'filler', 'compare', 'between', 'any']);

export abstract class DeedReader extends ComparisonReader {
  /** "shipped after the required date": when it was shipped, where there is a column for that. */
  protected takeTimeVerb(segment: Segment): Mention | null {
    const next = this.peek(1)?.cue;
    const isWhen = next?.kind === 'compare' && next.temporal === true;
    const names = timeNames(segment);
    if (!segment.isParticiple || !isWhen || names.length === 0) return null;
    this.position += 1;
    return { segment: { ...segment, names, values: [] }, owner: null, isEntity: false };
  }

  /** "never ordered", "not shipped": nothing of what the verb is about belongs to the thing. */
  protected readDeniedVerb(segment: Segment, names: Segment['names']): boolean {
    const best = names[0];
    const isDone = segment.isParticiple || (segment.cue?.kind === 'verb' && best?.entry.kind === 'table');
    const isSure = best !== undefined && (best.score >= 0.8 || isDateOfDeed({ ...segment, names }));
    if (!this.negated || !isDone || !isSure || this.sentenceOutputs === 0) return false;
    if (names === segment.names && flagColumn(segment) !== null) return false;
    const next = this.peek(this.peek() === segment ? 1 : 0);
    const after = this.peek(this.peek() === segment ? 2 : 1);
    const ends = !next || next.mark !== null || next.period !== null || next.cue?.kind === 'and';
    if (!ends && !(next.cue?.kind === 'in' && after?.period)) return false;
    if (this.peek() === segment) this.position += 1;
    this.place = 'condition';
    const times = timeNames({ ...segment, names });
    const read = times.length > 0 ? times : names.filter(({ entry }) => entry.kind === best.entry.kind);
    this.addRelated({ segment: { ...segment, names: read, values: [] }, owner: null, isEntity: false }, null);
    const condition = this.frame.conditions.at(-1);
    condition?.segments.push(segment);
    return true;
  }

  /**
   * "members who ordered in May", "how many of them ordered?": what was done and not how rows are sorted. What it left is
   * there, and a time that follows is about it.
   */
  protected readDeed(verb: Segment): boolean {
    if (this.isSaidOfMeasure(verb)) return false;
    if (this.readDone(verb)) return true;
    const names = deedNames(verb);
    const next = this.peek(1);
    const often = this.timesAhead();
    const ends = often || !next || next.mark !== null || next.cue?.kind === 'and' || this.isTimeAhead();
    const before = this.segments[verb.index - 1];
    // "who joined in May and ordered in June"
    const isJoined = before?.cue?.kind === 'and' && this.place === 'condition' && this.frame.conditions.length > 0;
    const isActed =
      isJoined ||
      isMention(before) ||
      before?.cue?.kind === 'who' ||
      before?.cue?.kind === 'relative' ||
      before?.cue?.kind === 'have' ||
      before?.cue?.kind === 'be';
    if (!ends || !isActed || names.length === 0 || this.sentenceOutputs === 0) return false;
    this.position += 1;
    this.place = 'condition';
    this.verb = null;
    const deed = { segment: { ...verb, names, values: [] }, owner: null, isEntity: false };
    this.addRelated(deed, often?.count ?? null);
    if (often) this.frame.conditions.at(-1)?.segments.push(...often.segments);
    if (often) this.position += often.segments.length;
    return true;
  }

  /** "returned loans", "loans that were returned", where a date says when. */
  private readDone(verb: Segment): boolean {
    const next = this.peek(1);
    const isBefore = this.sentenceOutputs === 0 && next !== undefined && tableScore(next) > 0.6;
    const isBehind = this.sentenceOutputs > 0 && this.endsBehind(1);
    if (!isDateOfDeed(verb) || this.negated || !(isBefore || isBehind)) return false;
    this.position += 1;
    const names = timeNames({ ...verb, names: verb.verbNames });
    const date: Mention = { segment: { ...verb, names, values: [] }, owner: null, isEntity: false };
    // "when was it returned?" asks for that date.
    const asked = this.frame.outputs.find(({ concept }) => concept === 'time');
    if (asked) {
      asked.of = date;
      asked.concept = null;
      return true;
    }
    this.addDone(date);
    this.scope.conditions.at(-1)?.segments.push(verb);
    return true;
  }

  /** "quantity sold", "references cited" say what the measure is. */
  protected isSaidOfMeasure({ index, isParticiple }: Segment): boolean {
    const said = this.segments[index - 1];
    return isParticiple && said !== undefined && isMention(said) && isMeasure(said);
  }

  /** "more than 10 times" behind a verb. */
  protected timesAhead(): { count: RelatedCount; segments: Segment[] } | null {
    const cue = this.cueAt(1);
    const at = cue?.kind === 'compare' ? 2 : 1;
    const number = this.peek(at)?.number ?? null;
    if (number === null || !this.peek(at + 1)?.countsTimes) return null;
    const segments = this.segments.slice(this.position + 1, this.position + at + 2);
    return { count: { op: cue?.kind === 'compare' ? cue.op : '=', value: number }, segments };
  }

  /** "in Spain in May", behind a verb. */
  protected isTimeAhead(): boolean {
    for (let offset = 1; ; offset += 1) {
      const segment = this.peek(offset);
      if (!segment || segment.mark !== null) return false;
      if (segment.period) return true;
      const isPassed =
        segment.cue === null ? valueScore(segment) > nameScore(segment) : BEFORE_TIME.has(segment.cue.kind);
      if (!isPassed || segment.number !== null) return false;
    }
  }
}

/** The columns of dates that a verb may point to: "shipped" to `shipped_date`. */
function timeNames({ names }: Segment): Segment['names'] {
  return names.filter(({ entry, score }) => entry.kind === 'column' && score > 0.55 && isTemporal(entry));
}
