import { describe, expect, it } from '@jest/globals';
import { wordText } from './words.js';

describe('words', () => {
  it('are runs of letters and digits without case and accents, also where no spaces are between them', () => {
    expect(wordText('IL-6 (naïve) Ärzte/Ärztin, 3.5 %')).toBe('il 6 naive arzte arztin 3 5');
    expect(wordText('हिन्दी')).toBe('हिन्दी');
    expect(wordText('東京都に住む').split(' ').length).toBeGreaterThan(1);
  });
});
