import { describe, expect, it } from '@jest/globals';
import { ENGLISH } from './index.js';

describe('English', () => {
  it.each([
    ['countries', 'country'],
    ['boxes', 'box'],
    ['children', 'child'],
    ['ids', 'id'],
    ['status', 'status'],
    ['addresses', 'address'],
    ['sold', 'sell'],
    ['movies', 'movie'],
  ])('%s is a form of %s', (word, lemma) => {
    expect(ENGLISH.lemma(word)).toBe(lemma);
  });

  it('brings nouns and verbs of one action to one stem', () => {
    expect(ENGLISH.stem('director')).toBe(ENGLISH.stem('directed'));
    expect(ENGLISH.stem('payment')).not.toBe(ENGLISH.stem('price'));
  });

  it('tells verbs from the nouns that are made of them', () => {
    expect(ENGLISH.isVerb('performed')).toBe(true);
    expect(ENGLISH.isVerb('performers')).toBe(false);
  });

  it('knows phrases only in folded form, no longer than the longest it looks for', () => {
    for (const phrase of ENGLISH.cues.keys()) {
      expect(phrase).toBe(phrase.toLowerCase().trim());
      expect(phrase.split(' ').length).toBeLessThanOrEqual(ENGLISH.longestCue);
    }
  });
});
