/** Texts as vectors that lie close to each other when the texts are about the same. */
export interface Embedder {
  /** Stored with every vector: vectors of different models are never compared. */
  readonly model: string;
  /** What its ranking counts for beside BM25, whose weight is 1. */
  readonly weight: number;
  /** @returns a vector of length 1 for each passage, in order */
  embedPassages(texts: readonly string[]): Promise<number[][]>;
  embedQuery(text: string): Promise<number[]>;
}

/** The cosine of the angle between two vectors of length 1. */
export function similarity(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}
