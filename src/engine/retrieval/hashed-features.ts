import type { Embedder } from './embedder.js';
import { wordsIn } from './words.js';

const DIMENSIONS = 512;
/** Lengths of the character n-grams, which let words meet that are spelt or inflected in another way. */
const GRAMS = [3, 4, 5];
const GRAM_WEIGHT = 0.5;

/** Words that are in every text. */
const STOP_WORDS = new Set(
  (
    'a an and are as at be been but by can for from has have in into is it its may no not of on or our than that the their ' +
    'these this those to was we were which with'
  ).split(' '),
);

/**
 * An embedding that needs no model: words and their character n-grams, hashed with a sign into a fixed number of dimensions
 * (Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", ICML 2009), damped by the logarithm, brought to
 * length 1. It knows spellings, not meanings, so it counts for little beside BM25: as much as helps on SciFact.
 */
export class HashedFeatures implements Embedder {
  readonly model = 'hashed-features-512-v1';
  readonly weight = 0.1;

  async embedPassages(texts: readonly string[]): Promise<number[][]> {
    return texts.map(vectorOf);
  }

  async embedQuery(text: string): Promise<number[]> {
    return vectorOf(text);
  }
}

function vectorOf(text: string): number[] {
  const vector = Array<number>(DIMENSIONS).fill(0);
  for (const [feature, value] of featuresOf(text)) {
    const hash = hashOf(feature);
    const at = hash % DIMENSIONS;
    const damped = value > 1 ? 1 + Math.log(value) : value;
    vector[at] = (vector[at] ?? 0) + (hash >= 0x8000_0000 ? damped : -damped);
  }
  const length = Math.hypot(...vector);
  // A text without words is as far from everything as can be, yet has a length as every vector has.
  if (length === 0) return vector.with(0, 1);
  return vector.map((value) => Math.fround(value / length));
}

function featuresOf(text: string): Map<string, number> {
  const features = new Map<string, number>();
  const add = (feature: string, value: number): void => {
    features.set(feature, (features.get(feature) ?? 0) + value);
  };
  for (const { word } of wordsIn(text)) {
    if (STOP_WORDS.has(word)) continue;
    add(word, 1);
    const padded = `<${word}>`;
    for (const size of GRAMS) {
      const count = padded.length - size + 1;
      for (let at = 0; at < count; at += 1) add(`#${padded.slice(at, at + size)}`, GRAM_WEIGHT / Math.sqrt(count));
    }
  }
  return features;
}

/** FNV-1a, its bits mixed once more as MurmurHash3 does, so that the remainder and the sign are independent. */
function hashOf(feature: string): number {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < feature.length; at += 1) hash = Math.imul(hash ^ feature.charCodeAt(at), 0x0100_0193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
