/** Which conditions hold after a follow-up. */
import { type Condition, emptyFrame, type Frame, type Mention } from '../reading/frame.js';
import { BOTH, sharesColumn, sharesName } from '../reading/phrases.js';
import type { Segment } from '../reading/segments.js';
import type { Manner } from './manner.js';

/** "which of those has at least 3": of what was counted for each. */
export function bindCount(condition: Condition, { outputs, groups }: Frame): Condition {
  const counted = outputs.filter(({ aggregate }) => aggregate !== null);
  const [only] = counted;
  if (condition.kind !== 'compare' || condition.left !== null || condition.temporal) return condition;
  if (condition.right.kind !== 'number' || groups.length === 0 || counted.length !== 1 || !only) return condition;
  if (only.aggregate !== 'count' || !only.of) return condition;
  const count = { op: condition.op, value: condition.right.value };
  const { joiner, negated, near, isNearSubject, closesOr } = condition;
  const segments = [...condition.segments, condition.right.segment];
  const base = { joiner, negated, near, isNearSubject, closesOr, segments };
  return { ...base, kind: 'related', entity: only.of, frame: emptyFrame(), count };
}

/** The conditions of before, with those that are said now added or in their place. */
export function conditionsOf(
  before: readonly Condition[],
  next: Frame,
  { swaps, adds, widens }: Manner,
  unread: Segment[],
): Condition[] {
  const added = next.conditions.map((condition) =>
    sameDate(
      condition,
      before.find((known) => replaces(condition, known)),
    ),
  );
  const [first] = added;
  const isSame = first !== undefined && before.some((condition) => replaces(first, condition));
  if (widens && added.length === 1 && first && (isSame || before.length === 1))
    return [...before, { ...first, joiner: 'or' }];
  if (adds && !widens && added.some((other) => before.some((condition) => replaces(other, condition))))
    return [...before, ...added].map((condition) => ({ ...condition, segments: [...condition.segments, BOTH] }));
  let kept = before.filter((condition) => !added.some((other) => replaces(other, condition)));
  const [only] = before;
  if (
    swaps &&
    added.length === 1 &&
    kept.length === before.length &&
    before.length === 1 &&
    only?.kind === added[0]?.kind
  )
    kept = [];
  if (added.length === 0 && next.outputs.length === 0) {
    const number = unread.find((segment) => segment.number !== null);
    const compared = before.findLastIndex(({ kind }) => kind === 'compare');
    const condition = before[compared];
    if (number && condition?.kind === 'compare' && condition.right.kind === 'number') {
      unread.splice(unread.indexOf(number), 1);
      const right = { ...condition.right, value: number.number ?? 0, segment: number };
      return before.with(compared, { ...condition, right, segments: [number] });
    }
    if (next.unapplied.some((segment) => segment.cue?.kind === 'not')) {
      const last = before.at(-1);
      if (last) return [...before.slice(0, -1), { ...last, negated: !last.negated }];
    }
  }
  const hasOr = kept.some(({ joiner }) => joiner === 'or');
  return [
    ...kept,
    ...added.map((condition, index) =>
      index === 0 && hasOr ? { ...condition, joiner: 'and' as const, closesOr: true } : condition,
    ),
  ];
}

/** "and in 2024?" after those who signed up in 2025: who signed up then. */
export function sameDate(next: Condition, before: Condition | undefined): Condition {
  const isOpen = next.kind === 'compare' && next.temporal && next.left === null;
  if (!isOpen || before?.kind !== 'compare') return next;
  return { ...next, left: before.left, near: before.near, isNearSubject: before.isNearSubject };
}

/** "those that have no cat": a cat need not be there any more. */
export function isDenied({ segment }: Mention, conditions: readonly Condition[]): boolean {
  return conditions.some(
    (condition) =>
      condition.kind === 'related' &&
      condition.negated &&
      condition.entity.segment.names[0]?.entry === segment.names[0]?.entry,
  );
}

/** True where both cannot hold, or the new one says the same thing anew: another country, another year, another bound. */
export function replaces(next: Condition, before: Condition): boolean {
  if (next.kind === 'value' && before.kind === 'value') {
    const [mention] = next.mentions;
    return mention !== undefined && next.negated === before.negated && sharesColumn(before.mentions[0], mention);
  }
  // "what about those without a cat" after those with one.
  if (next.kind === 'related' && before.kind === 'value')
    return next.frame.conditions.some(
      (inner) => inner.kind === 'value' && replaces({ ...inner, negated: before.negated }, before),
    );
  if (next.kind !== 'compare' || before.kind !== 'compare') return false;
  if (next.temporal || before.temporal) return next.temporal && before.temporal;
  const [one, other] = [next.left?.of, before.left?.of];
  const isSameColumn =
    one && other
      ? sharesName(one.segment, other.segment)
      : next.left?.concept != null && next.left.concept === before.left?.concept;
  return isSameColumn && next.op.charAt(0) === before.op.charAt(0);
}
