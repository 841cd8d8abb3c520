/** Wishes about the result as a whole: turned round, without its filters, as shares, as plain rows. */
import { fold } from '../language/tokens.js';
import type { FollowUpWords, Lexicon, ResultEdit } from '../lexicon/lexicon.js';
import { type Condition, emptyFrame, type Frame, plainMeasure } from '../reading/frame.js';
import { isMention, nameScore } from '../reading/phrases.js';
import type { Segment } from '../reading/segments.js';
import { BLANK } from '../reading/segment.js';
import { type Asked, namingSegment } from './asked.js';
import { isTimed, saidInFull } from './worked-out.js';

/** The edit that the whole of what is said asks for; null for anything else, also where it names something in the data. */
export function editOf(segments: readonly Segment[], { edits }: FollowUpWords): ResultEdit | null {
  const edit = editIn(segments.map(({ phrase }) => phrase).join(' '), { edits });
  const isNamed = segments.some((segment) => isMention(segment) && nameScore(segment) > CERTAIN);
  return isNamed && edit !== null && ASKING.has(edit) ? null : edit;
}

/** What a table may be called by: "details", "shares". */
const ASKING: ReadonlySet<ResultEdit> = new Set(['rows', 'things', 'share', 'total']);

/** The same of words alone. */
export function editIn(text: string, { edits }: Pick<FollowUpWords, 'edits'>): ResultEdit | null {
  const said = fold(text)
    .replaceAll(/[^\p{L}\p{N}%]+/gu, ' ')
    .trim();
  return edits.find(({ form }) => form.test(said))?.edit ?? null;
}

/** From here on a phrase is what the data calls so. */
const CERTAIN = 0.75;

/** What was asked before, edited; null where there is nothing to edit in this way. */
export function edited(asked: Asked, edit: ResultEdit, { rateWords }: Lexicon): Frame | null {
  const { frame } = asked;
  switch (edit) {
    case 'reverse':
      return reversed(frame);
    case 'release':
      return frame.conditions.length === 0 ? null : { ...frame, conditions: [] };
    case 'total': {
      if (!asked.worksOut || frame.groups.length === 0) return null;
      const outputs = frame.outputs.map((output) => saidInFull(output, rateWords));
      return { ...frame, outputs, groups: [], orders: [], arranged: [], limit: null, share: null, course: null };
    }
    case 'rows':
      return { ...rowsOf(asked), whole: true };
    case 'things':
      return asked.worksOut ? rowsOf(asked) : frame;
    case 'share':
      return asked.worksOut
        ? { ...frame, share: 'percent', conditions: frame.conditions.map((condition) => ofWhole(condition, frame)) }
        : null;
    case 'undo':
    case 'reason':
      return null;
  }
}

/** The rows that a figure was worked out over. */
function rowsOf({ frame, entity }: Asked): Frame {
  const thing = { segment: namingSegment(entity, BLANK), owner: null, isEntity: true };
  return { ...emptyFrame(), conditions: frame.conditions, subjects: frame.subjects, outputs: [plainMeasure(thing)] };
}

/** "revenue by month in Germany, as a share": of what there was in Germany. */
function ofWhole(condition: Condition, { groups }: Frame): Condition {
  return groups.length > 0 ? { ...condition, ofWhole: 'before' } : condition;
}

const flipped = (direction: 'asc' | 'desc'): 'asc' | 'desc' => (direction === 'asc' ? 'desc' : 'asc');

function reversed(frame: Frame): Frame | null {
  const flip = <T extends { direction: 'asc' | 'desc' }>(one: T): T => ({ ...one, direction: flipped(one.direction) });
  if (frame.arranged.length > 0) return { ...frame, arranged: frame.arranged.map(flip) };
  if (frame.superlatives.length > 0) return { ...frame, superlatives: frame.superlatives.map(flip) };
  if (frame.orders.length > 0) return { ...frame, orders: frame.orders.map(flip) };
  // Groups are listed by time, or else from the largest on.
  if (frame.groups.length === 0) return null;
  const order = isTimed(frame)
    ? ({ direction: 'desc', shown: 'label' } as const)
    : ({ direction: 'asc', shown: 'result' } as const);
  return { ...frame, orders: [{ measure: plainMeasure(null), ...order }] };
}
