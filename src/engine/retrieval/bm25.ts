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
