/** Conditions as they come out of the question, one after the other, and how they are tied together. */
import type { TableEntry } from '../evidence/schema-index.js';
import type { Comparison } from '../lexicon/lexicon.js';
import { allOf, sameExpression, type Predicate } from './algebra.js';

/** One condition on its way into the query. */
export interface Term {
  predicate: Predicate;
  /** The table that the predicate speaks of. */
  table: TableEntry;
  joiner: 'and' | 'or';
  closesOr: boolean;
  negatedValue: boolean;
  both: boolean;
  /** Where its time, its place or its kind says which rows of a table are added up. */
  measured?: TableEntry;
  /** True for a time, a place or a kind, "in 2024", "on bikes", which says what of something counts. */
  narrows?: boolean;
}

export const NEGATED: Record<Comparison, Comparison> = {
  '=': '!=',
  '!=': '=',
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
};

/** "and" binds closer than "or", as in the sentence. */
export function combine(terms: readonly Term[]): Predicate | null {
  const alternatives: Predicate[][] = [];
  for (const term of terms) {
    const last = alternatives.at(-1);
    if (term.closesOr && alternatives.length > 1) {
      const before = alternatives.map(allOf).filter((predicate) => predicate !== null);
      alternatives.splice(0, alternatives.length, [{ kind: 'or', terms: before }, term.predicate]);
    } else if (term.joiner === 'or' || !last) alternatives.push([term.predicate]);
    else last.push(term.predicate);
  }
  // "a or b and c" where "a or b" speak of the same column: the alternatives stay together.
  const disjuncts = alternatives.map(allOf).filter((predicate) => predicate !== null);
  const [only] = disjuncts;
  if (disjuncts.length <= 1) return only ?? null;
  return { kind: 'or', terms: disjuncts };
}

/** True when no number fulfils both comparisons. */
export function excludes(one: Predicate & { kind: 'compare' }, other: Predicate): boolean {
  const inner = other.kind === 'member' && !other.negated ? other.query.where : other;
  if (inner?.kind !== 'compare' || !sameExpression(one.left, inner.left)) return false;
  if (one.right.kind !== 'literal' || inner.right.kind !== 'literal') return false;
  const [low, high] = one.op.startsWith('>') ? [one, inner] : [inner, one];
  if (!low.op.startsWith('>') || !high.op.startsWith('<')) return false;
  return (
    low.right.kind === 'literal' && high.right.kind === 'literal' && Number(low.right.value) >= Number(high.right.value)
  );
}

/** Two different values of one column cannot hold for one row: each must hold for some related row. */
export function markContradictions(terms: readonly Term[]): void {
  for (const [index, term] of terms.entries()) {
    const { predicate } = term;
    if (predicate.kind !== 'in' || predicate.negated) continue;
    for (const other of terms.slice(index + 1)) {
      const same =
        other.predicate.kind === 'in' &&
        !other.predicate.negated &&
        other.joiner === 'and' &&
        sameExpression(predicate.left, other.predicate.left);
      if (same) term.both = other.both = true;
    }
  }
}

export function positive(predicate: Predicate): Predicate {
  return predicate.kind === 'in' ? { ...predicate, negated: false } : predicate;
}
