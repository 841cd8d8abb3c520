export interface Ranking {
  /** Best first. */
  ids: readonly number[];
  weight: number;
}

/**
 * Reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009): each ranking gives `weight / (k + rank)`.
 *
 * @param k how little the first places stand out; the paper has 60, for rankings that are about as good as each other
 * @returns every id that is ranked, best first; on a tie the smaller id
 */
export function fuseRankings(rankings: readonly Ranking[], k: number): { id: number; score: number }[] {
  const scores = new Map<number, number>();
  for (const { ids, weight } of rankings) {
    ids.forEach((id, rank) => scores.set(id, (scores.get(id) ?? 0) + weight / (k + rank + 1)));
  }
  return Array.from(scores, ([id, score]) => ({ id, score })).toSorted((a, b) => b.score - a.score || a.id - b.id);
}
