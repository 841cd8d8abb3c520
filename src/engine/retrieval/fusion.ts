/** How fast a place in a ranking loses its weight: the constant of the paper. */
const K = 60;

/**
 * Several rankings of the same things as one: reciprocal rank fusion (Cormack, Clarke and Büttcher 2009), which needs no scores
 * that can be compared.
 *
 * @param rankings best first
 * @returns all that is in one of them, best first, each with the sum of 1 / (60 + place) as its score
 */
export function fused<T extends { id: number; score: number }>(rankings: readonly (readonly T[])[]): T[] {
  const all = new Map<number, T>();
  for (const ranking of rankings) {
    for (const [place, one] of ranking.entries()) {
      const score = (all.get(one.id)?.score ?? 0) + 1 / (K + place + 1);
      all.set(one.id, { ...one, score });
    }
  }
  return [...all.values()].toSorted((one, other) => other.score - one.score || one.id - other.id);
}
