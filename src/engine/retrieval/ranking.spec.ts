import { describe, expect, it } from '@jest/globals';
import { pickingTerms, weighTerms } from './bm25.js';
import { similarity } from './embedder.js';
import { fuseRankings } from './fuse-rankings.js';
import { HashedFeatures } from './hashed-features.js';
import { wordText } from './words.js';

describe('BM25', () => {
  it('weighs rare words more, frequent ones little, and those that are nowhere not at all', () => {
    const [rare, everywhere, ...rest] = weighTerms(
      [
        { lexeme: 'rare', count: 1, passages: 1 },
        { lexeme: 'everywhere', count: 1, passages: 100 },
        { lexeme: 'nowhere', count: 1, passages: 0 },
      ],
      100,
    );
    expect(rare?.weight).toBeCloseTo(Math.log(1 + 99.5 / 1.5), 10);
    expect(everywhere?.weight).toBeGreaterThan(0);
    expect(everywhere?.weight).toBeLessThan(0.01);
    expect(rest).toEqual([]);
  });

  it('picks passages out by the rarest words when the others are in too many', () => {
    const terms = [
      { lexeme: 'common', count: 1, passages: 900 },
      { lexeme: 'rare', count: 1, passages: 10 },
      { lexeme: 'seldom', count: 1, passages: 50 },
    ];
    expect(pickingTerms(terms, 100)).toEqual(['rare', 'seldom']);
    expect(pickingTerms(terms, 5)).toEqual(['rare']);
    expect(pickingTerms(terms, 1000)).toEqual(['rare', 'seldom', 'common']);
  });
});

describe('fusing rankings', () => {
  it('puts first what both put first, and lets weights decide between them', () => {
    const order = (weight: number): number[] =>
      fuseRankings(
        [
          { ids: [1, 2, 3], weight: 1 },
          { ids: [3, 1, 2], weight },
        ],
        10,
      ).map(({ id }) => id);
    expect(order(0.1)).toEqual([1, 2, 3]);
    expect(order(10)).toEqual([3, 1, 2]);
  });
});

describe('the local embedding', () => {
  const embedder = new HashedFeatures();
  const closeness = async (question: string, text: string): Promise<number> => {
    const [vector = []] = await embedder.embedPassages([text]);
    return similarity(await embedder.embedQuery(question), vector);
  };

  it('has length 1, also of a text without words', async () => {
    for (const text of ['Goods may be returned.', '…', '']) expect(await closeness(text, text)).toBeCloseTo(1, 5);
  });

  it('brings together what is spelt or inflected in another way', async () => {
    const same = await closeness('haemoglobin levels', 'hemoglobin level');
    expect(same).toBeGreaterThan(0.25);
    expect(await closeness('haemoglobin levels', 'bicycle repairs')).toBeLessThan(same / 3);
  });
});

describe('words', () => {
  it('are runs of letters and digits without case and accents, also where no spaces are between them', () => {
    expect(wordText('IL-6 (naïve) Ärzte/Ärztin, 3.5 %')).toBe('il 6 naive arzte arztin 3 5');
    expect(wordText('हिन्दी')).toBe('हिन्दी');
    expect(wordText('東京都に住む').split(' ').length).toBeGreaterThan(1);
  });
});
