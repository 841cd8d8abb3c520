import { describe, expect, it } from '@jest/globals';
import { figuresIn, isAmong, relationIn } from './figures.js';

const values = (text: string): number[] => figuresIn(text).map(({ value }) => value);

describe('figures in a text', () => {
  it.each<[string, number[]]>([
    ['There are 1,234 orders.', [1234]],
    ['It fell by −3.5 % to 12', [-3.5, 12]],
    ['about 1.2 million, or 3k', [1_200_000, 3000]],
    ['seven of twelve', [7, 12]],
    ['A4 paper and Q3', []],
    ['on 2024-03-05', [2024, 3, 5]],
    ['$5,000.50.', [5000.5]],
    ['nothing here', []],
  ])('%s', (text, expected) => expect(values(text)).toEqual(expected));

  it('are those of the data when they are rounded as they are written', () => {
    const isIn = (text: string, known: number[]) => figuresIn(text).every((figure) => isAmong(figure, known));
    expect(isIn('4,500', [4499.6])).toBe(true);
    expect(isIn('4,500', [4498])).toBe(false);
    expect(isIn('1.2 million', [1_234_567])).toBe(true);
    expect(isIn('1.3 million', [1_234_567])).toBe(false);
    expect(isIn('98 %', [0.9776])).toBe(true);
    expect(isIn('three', [3])).toBe(true);
    expect(isIn('three', [3.2])).toBe(false);
    expect(isIn('fell by 5', [-5])).toBe(true);
    expect(isIn('0.1', [])).toBe(false);
  });

  it('can be claimed by words that say a relation', () => {
    expect(relationIn('It has doubled.')).toBe('doubled');
    expect(relationIn('Sales by halfway house')).toBe(null);
  });
});
