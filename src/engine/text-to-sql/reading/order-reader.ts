/** "sort by", "in descending order". */
import type { CueKind } from '../lexicon/lexicon.js';
import { plainMeasure } from './frame.js';
import { RankingReader } from './ranking-reader.js';
import { columnScore, isMention, nameScore, tableScore, valueScore } from './phrases.js';

/** What may stand between what is sorted and what it is sorted by. */
const BEFORE_BY: ReadonlySet<CueKind> = new Set(['direction', 'filler', 'in']);

export abstract class OrderReader extends RankingReader {
  protected readOrder(): void {
    let direction: 'asc' | 'desc' | null = null;
    let alphabetical = false;
    let concept: string | null = null;
    let read = 0;
    const from = this.frame.orders.length;
    // "sort … by" names first what is sorted, "sorted by" does not.
    const isBare = this.cueAt()?.kind === 'order-by' && this.peek()?.length === 1;
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
        // "by the number of references cited"
        const isVerb = read > 0 && segment.isParticiple && isMention(this.segments[segment.index - 1]);
        if (isVerb) {
          this.position += 1;
          continue;
        }
        const measure = this.takeMeasure();
        if (!measure) break;
        const isThing = measure.of !== null && tableScore(measure.of.segment) > columnScore(measure.of.segment);
        const isSorted = isThing || (isBare && read === 0 && this.cueAt(this.ahead(0, BEFORE_BY))?.kind === 'by');
        if (this.frame.outputs.length === 0 && measure.aggregate === null && isSorted) {
          this.pushOutput(measure);
          continue;
        }
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
      else if (direction !== null)
        this.frame.orders.push({
          measure: plainMeasure(null),
          direction,
          shown: alphabetical ? 'label' : 'result',
        });
    }
    this.place = 'condition';
  }
}
