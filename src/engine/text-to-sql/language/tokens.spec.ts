import { describe, expect, it } from '@jest/globals';
import { editDistance } from './edit-distance.js';
import { normalizeValue, tokenize } from './tokens.js';

describe('tokens', () => {
  it('keeps quoted strings whole and drops the quotes', () => {
    expect(tokenize('named "New York" or \'Rome\'').map((token) => [token.kind, token.text])).toEqual([
      ['word', 'named'],
      ['quoted', 'New York'],
      ['word', 'or'],
      ['quoted', 'Rome'],
    ]);
  });

  it('does not take an apostrophe inside a word for a quote', () => {
    expect(tokenize("customers' orders don't match Ada's").map((token) => token.norm)).toEqual([
      'customers',
      'orders',
      'don t',
      'match',
      'ada',
    ]);
  });

  it('reads numbers with separators and leaves ordinals as words', () => {
    expect(tokenize('1,250.5 and 3k and 1st').map((token) => token.value)).toEqual([1250.5, null, null, null, null]);
  });

  it('folds case, accents and marks of values', () => {
    expect(normalizeValue('São  Paulo (SP)')).toBe('sao paulo sp');
  });

  it('counts a swap of two letters as one error', () => {
    expect(editDistance('frnace', 'france', 2)).toBe(1);
    expect(editDistance('kitten', 'sitting', 2)).toBe(3);
  });
});
