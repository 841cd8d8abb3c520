import { describe, expect, it } from '@jest/globals';
import { ENGLISH } from '../lexicon/english/index.js';
import { PeriodReader } from './periods.js';
import { tokenize } from './tokens.js';

describe('periods of time', () => {
  const reader = new PeriodReader(ENGLISH, new Date('2024-03-15T12:00:00Z'));

  it.each([
    ['2023-04-01', '2023-04-01', '2023-04-02'],
    ['4/1/2023', '2023-04-01', '2023-04-02'],
    ['May 2023', '2023-05-01', '2023-06-01'],
    ['Jan 1, 2023', '2023-01-01', '2023-01-02'],
    ['1 January 2023', '2023-01-01', '2023-01-02'],
    ['Q1 2024', '2024-01-01', '2024-04-01'],
    ['fourth quarter of 2023', '2023-10-01', '2024-01-01'],
    ['2022', '2022-01-01', '2023-01-01'],
    ['the 90s'.slice(4), '1990-01-01', '2000-01-01'],
    ['last month', '2024-02-01', '2024-03-01'],
    ['this week', '2024-03-11', '2024-03-18'],
    ['last year', '2023-01-01', '2024-01-01'],
    ['last 30 days', '2024-02-15', '2024-03-16'],
    ['yesterday', '2024-03-14', '2024-03-15'],
    ['2 years ago', '2022-01-01', '2023-01-01'],
    ['November', '2023-11-01', '2023-12-01'],
  ])('%s is [%s, %s)', (text, from, to) => {
    expect(reader.read(tokenize(text), 0)?.period).toMatchObject({ from, to });
  });

  it.each(['2023-02-30', '42', 'may', 'order', '13/13/2023'])('%s is no period', (text) => {
    expect(reader.read(tokenize(text), 0)).toBeNull();
  });
});
