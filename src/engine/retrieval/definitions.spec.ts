import { describe, expect, it } from '@jest/globals';
import { definitionsIn, termAskedFor } from './definitions.js';

const defined = (text: string): [string[], string][] =>
  definitionsIn(text).map(({ terms, meaning }) => [terms, meaning]);

describe('definitions', () => {
  it.each<[string, [string[], string][]]>([
    ['AOV = revenue / orders', [[['AOV'], 'revenue / orders']]],
    [
      'Active customer: a customer with an order in the last 90 days.',
      [[['Active customer'], 'a customer with an order in the last 90 days']],
    ],
    [
      '- **Average order value** (AOV): SUM(amount) / COUNT(*)',
      [[['Average order value', 'AOV'], 'SUM(amount) / COUNT(*)']],
    ],
    ['| Churn | share of customers who left |', [[['Churn'], 'share of customers who left']]],
    [
      'We sell. A “big spender” means somebody who buys a lot. We also rent.',
      [[['big spender'], 'somebody who buys a lot']],
    ],
    ['Net sales are calculated as gross sales minus returns', [[['Net sales'], 'gross sales minus returns']]],
    ['Umsatz bedeutet Menge mal Preis.', [[['Umsatz'], 'Menge mal Preis']]],
    ['See https://example.com/a for more', []],
    ['Goods may be returned within 30 days.', []],
    ['', []],
  ])('in “%s”', (text, expected) => expect(defined(text)).toEqual(expected));

  it('say where they are', () => {
    const text = 'Words.\n\nAOV: revenue per order. More words.\n\nEnd: here.';
    expect(definitionsIn(text).map(({ start, end }) => text.slice(start, end))).toEqual([
      'AOV: revenue per order',
      'End: here',
    ]);
  });

  it('are asked for by their whole term, whatever the number', () => {
    const [active] = definitionsIn('Active customer (AC): one who buys');
    if (active === undefined) throw new Error('It is one.');
    expect(termAskedFor(active, 'How many active customers are there?')).toBe('Active customer');
    expect(termAskedFor(active, 'How many ACs?')).toBe(null);
    expect(termAskedFor(active, 'What is the AC by month?')).toBe('AC');
    expect(termAskedFor(active, 'How many customers?')).toBe(null);
  });

  it('are looked for in time that grows with the text, whatever is in it', () => {
    for (const piece of ['a ', 'a: ', '**', '(', '| ', 'the a ', ' - ']) {
      const begun = performance.now();
      definitionsIn(piece.repeat(5000));
      expect(performance.now() - begun).toBeLessThan(500);
    }
  });
});
