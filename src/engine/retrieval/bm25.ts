/**
 * Okapi BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009), with the inverse
 * document frequency of Lucene, which is never negative.
 */
export interface Bm25Settings {
  /** How fast further occurrences of a word count for less. */
  k1: number;
  /** How much long passages are held back, from 0 to 1. */
  b: number;
  /** How often a word of the title or of a heading counts. */
  titleWeight: number;
}

/** Chosen on every second query of SciFact; the others bear it out (see docs/documents.md). */
export const BM25: Bm25Settings = { k1: 1.2, b: 0.75, titleWeight: 3 };

/** A word that is looked for, and in how many of the passages it is. */
export interface Term {
  lexeme: string;
  /** How often it is in the question. */
  count: number;
  passages: number;
}

export interface WeightedTerm {
  lexeme: string;
  weight: number;
}

/**
 * What each term is worth: how often it is asked for, times its inverse document frequency. Terms that are nowhere are left out.
 *
 * @param passages how many there are in all
 */
export function weighTerms(terms: readonly Term[], passages: number): WeightedTerm[] {
  return terms
    .filter((term) => term.passages > 0)
    .map((term) => ({
      lexeme: term.lexeme,
      weight: term.count * Math.log(1 + (passages - term.passages + 0.5) / (term.passages + 0.5)),
    }));
}

/**
 * The terms by which passages are picked out to be scored: all of them, unless those would be too many; then the rarest, as
 * many as keep to the budget, and one at least. What has none of those could be found by frequent words alone.
 */
export function pickingTerms(terms: readonly Term[], budget: number): string[] {
  const picked: string[] = [];
  let passages = 0;
  for (const term of terms.filter((one) => one.passages > 0).toSorted((a, b) => a.passages - b.passages)) {
    passages += term.passages;
    if (picked.length > 0 && passages > budget) break;
    picked.push(term.lexeme);
  }
  return picked;
}
