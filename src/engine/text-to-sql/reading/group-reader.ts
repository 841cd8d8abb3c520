/** For each of what: groups, units of time, developments, and things that are compared with one another. */
import type { Cue, CueKind, TimeGroup, TimeUnit } from '../lexicon/lexicon.js';
import { ConditionReader } from './condition-reader.js';
import { plainMeasure, type Course, type Measure, type Mention } from './frame.js';
import { columnScore, isKind, isMeasure, isMention, nameScore, tableScore, valueScore } from './phrases.js';
import type { Segment } from './segments.js';

/** What asks for the rows themselves, and not for how many there are. */
const ASKS: readonly CueKind[] = ['request', 'what', 'who', 'where', 'when', 'order-by', 'direction'];

export abstract class GroupReader extends ConditionReader {
  /** The value that stands for the rows that have it, where nothing else is asked for before this place: "no-shows" in "no-shows by doctor". */
  protected opensWithValue(): Mention | null {
    const before = this.segments[this.position - 1];
    const opening = before && this.segments[before.index - 1];
    const condition = this.frame.conditions.at(-1);
    const mention = condition?.kind === 'value' && condition.column === null ? condition.mentions.at(-1) : undefined;
    const opens = opening === undefined || opening.mark !== null || opening.cue?.kind === 'request';
    return opens && this.frame.outputs.length === 0 && mention?.segment === before ? (mention ?? null) : null;
  }

  /** Counts what a value stands for, where it is divided. */
  protected countOpeningValue(): void {
    const thing = this.opensWithValue();
    if (thing) this.pushOutput({ ...plainMeasure(thing), aggregate: 'count', quantity: true });
  }

  /** "by" after something that is worked out opens a group, unless a verb ties it: "reports written by members". */
  protected startsGroup(verbBefore: boolean): boolean {
    if (verbBefore)
      return (
        this.frame.outputs.some((output) => this.isWorkedOut(output)) && !this.isValueAhead() && !this.isDividedAhead()
      );
    if (this.isValueAhead()) return false;
    if (this.isKindAhead()) return true;
    return this.hasAggregateOutput() || this.frame.outputs.some((output) => output.of && isMeasure(output.of.segment));
  }

  /** "total sold by …"; and "quantity sold by category", "sold by product", where what follows says of what kind things are. */
  private isWorkedOut({ aggregate, of }: Measure): boolean {
    const next = this.peek(this.ahead());
    const named = next?.names[0]?.entry;
    const isKindNext = named?.kind === 'table' ? next?.isPlural === false : named !== undefined && isKind(named);
    const isMeasured = aggregate === null && of !== null && isMeasure(of.segment);
    return (aggregate !== null && aggregate !== 'count') || (isMeasured && isKindNext);
  }

  /** "tickets by severity": things by what many of them share are counted, unless rows or their order are asked for. */
  private isKindAhead(): boolean {
    const [only] = this.frame.outputs;
    const isBare =
      only?.of != null &&
      this.frame.outputs.length === 1 &&
      this.frame.superlatives.length === 0 &&
      only.aggregate === null &&
      tableScore(only.of.segment) > Math.max(0.6, columnScore(only.of.segment));
    const wants = this.segments.some(
      ({ cue, index }) =>
        cue !== null && (index < this.position ? ASKS.includes(cue.kind) : this.isOrderOfRows(cue, index)),
    );
    const kind = this.peek(this.ahead())?.names[0]?.entry;
    return isBare && !wants && kind?.kind === 'column' && isKind(kind);
  }

  /** "orders by status in descending order" lists them; "orders by status, sort ascending" sorts what is worked out. */
  private isOrderOfRows(cue: Cue, index: number): boolean {
    if (cue.kind === 'order-by') return this.segments[index + 1]?.cue?.kind !== 'direction';
    const before = this.segments[index - 1];
    return cue.kind === 'direction' && before?.cue?.kind !== 'order-by' && before?.mark == null;
  }

  /** "received by publications in each year": what it is divided by comes later. */
  private isDividedAhead(): boolean {
    for (let offset = 0; ; offset += 1) {
      const segment = this.peek(offset);
      if (!segment || segment.mark !== null) return false;
      if (segment.cue && ['each', 'trend', 'group-by'].includes(segment.cue.kind)) return true;
    }
  }

  protected hasAggregateOutput(): boolean {
    return (
      this.frame.outputs.some((output) => output.aggregate !== null || output.quantity) || this.frame.share !== null
    );
  }

  /** "year", "month" without a column of that name. */
  protected readUnit(segment: Segment): void {
    const next = this.peek(1);
    this.position += 1;
    if (next?.period || next?.number !== null) return;
    if (segment.cue?.kind === 'unit' && this.place === 'output') {
      this.frame.groups.push({ mention: null, unit: segment.cue.unit, trailing: false });
      this.sentenceOutputs += 1;
    }
  }

  /** "running total of freight", "month over month revenue": a sum, unless the question says what else. */
  protected readCourse(course: Course, unit: TimeUnit | null): void {
    this.position += 1;
    this.frame.course = course;
    if (unit) this.frame.groups.push({ mention: null, unit, trailing: false });
  }

  /** "Germany compared to France": the condition that holds both, by which the rows are put together. */
  protected compareLast(): void {
    const compared = this.frame.conditions.findLast(
      (condition) =>
        (condition.kind === 'value' && condition.mentions.length > 1) ||
        (condition.kind === 'compare' && condition.temporal && condition.joiner === 'or'),
    );
    if (compared) {
      this.frame.groups.push({ mention: null, unit: null, trailing: false, compared });
      this.forgetRepeated();
    } else this.noteUncompared();
  }

  /** "web orders vs shop orders": what is compared is said twice. */
  private forgetRepeated(): void {
    const [first, ...rest] = this.frame.outputs;
    const isSame = ({ aggregate, of }: Measure): boolean =>
      aggregate === first?.aggregate && of?.segment.names[0]?.entry === first.of?.segment.names[0]?.entry;
    if (first?.of && rest.every(isSame)) this.frame.outputs = [first];
  }

  /** "compare revenue by country" has its groups already. */
  private noteUncompared(): void {
    const isDivided = this.frame.groups.length > 0;
    const isOpen = ({ cue }: Segment): boolean =>
      cue?.kind === 'versus' || (cue?.kind === 'request' && cue.compares === true && !isDivided);
    this.frame.unapplied.push(...this.segments.filter(isOpen));
  }

  protected readTrend(unit: TimeGroup | null): void {
    this.frame.groups.push({ mention: null, unit: unit ?? 'fitting', trailing: false });
    // "per year and channel"
    const tie = this.cueAt();
    const next = this.peek(this.ahead(1));
    const named = next?.names[0]?.entry;
    const isKindNext = named?.kind === 'table' || (named?.kind === 'column' && isKind(named));
    this.isGrouping = tie?.kind === 'and' && !tie.asks && isKindNext && !this.startsOutputAfterGroup();
  }

  protected readGroups(): void {
    const opening = this.segments[this.position - 1]?.cue;
    this.skip(new Set(['filler', 'of', 'pronoun', 'distinct', 'each', 'number-of']));
    const segment = this.peek();
    if (segment?.cue?.kind === 'unit' || segment?.cue?.kind === 'trend') {
      this.position += 1;
      this.frame.groups.push({ mention: null, unit: segment.cue.unit ?? 'fitting', trailing: false });
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
      this.setEntity(mention, false);
      if (this.sentenceOutputs === 0) this.defaultOwner = { ...mention, isEntity: true };
      for (const output of this.openOutputs) {
        if (output.of && !output.of.owner && output.aggregate === null)
          output.of.owner = { ...mention, isEntity: true };
      }
    }
    this.frame.groups.push({
      mention,
      unit: null,
      trailing: this.sentenceOutputs > 0 && opening?.kind === 'each' && opening.isApart === true,
    });
    const next = this.peek(this.ahead());
    const tie = this.cueAt();
    const continues = tie?.kind === 'and' && !tie.asks && next !== undefined && !this.startsOutputAfterGroup();
    this.isGrouping = continues;
    if (this.sentenceOutputs === 0) this.place = 'output';
    else this.place = 'condition';
  }

  protected startsOutputAfterGroup(): boolean {
    const offset = this.ahead(1, new Set(['filler']));
    const cue = this.cueAt(offset);
    if (cue?.kind === 'unit') return false;
    return !isMention(this.peek(offset)) || cue !== null;
  }
}
