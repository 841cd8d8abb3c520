import { describe, expect, it } from '@jest/globals';
import {
  chooseOption,
  exampleCandidates,
  instructionIn,
  looksLikeQuestion,
  looksLikeSql,
  smallTalkOf,
  tellResult,
  withSynonyms,
} from './index.js';

const PRICES = [
  { value: 'column:trips.net_price', label: 'the net price of the trip' },
  { value: 'column:trips.gross_price', label: 'the gross price of the trip' },
];
const chosen = (text: string, options = PRICES): string | null => {
  const choice = chooseOption(text, options);
  if (choice === null) return null;
  return choice.kind === 'chosen' ? choice.option.value : choice.kind;
};

describe('small talk', () => {
  it.each([
    ['Hello!', 'greeting'],
    ['good morning, everyone', 'greeting'],
    ['Bonjour', 'greeting'],
    ['thank you so much', 'thanks'],
    ['OK', 'thanks'],
    ['See you later', 'farewell'],
    ['What can I ask you?', 'help'],
    ['which questions can I ask about the data', 'help'],
    ['examples please', 'help'],
    ['never mind', 'never_mind'],
    ['none of these', 'never_mind'],
    ['', 'nothing'],
    ['  ?! … 🙂', 'nothing'],
  ])('“%s” is %s', (text, expected) => {
    expect(smallTalkOf(text)).toBe(expected);
  });

  it.each([
    'hello, how many orders are there?',
    'thanks, and by month?',
    'what can be returned',
    'good customers',
    'help desk tickets per month',
  ])('“%s” is none', (text) => {
    expect(smallTalkOf(text)).toBeNull();
  });
});

describe('choosing an option', () => {
  it.each([
    '1',
    '1.',
    'one',
    'the first',
    'the first one please',
    'option 1',
    'former',
    'NET PRICE',
    'the net one',
    'column:trips.net_price',
    'I mean net',
  ])('“%s” is the first', (text) => {
    expect(chosen(text)).toBe('column:trips.net_price');
  });
  it.each(['2', '2nd', 'number two', 'the last', 'the latter', 'by gross price'])('“%s” is the second', (text) => {
    expect(chosen(text)).toBe('column:trips.gross_price');
  });
  it.each(['3', '0', '17', 'purple', 'ok', '', 'the', 'number of orders per month'])('“%s” is none', (text) => {
    expect(chosen(text)).toBeNull();
  });
  it('leaves open what fits several', () => {
    expect(chosen('price')).toBe('several');
    const several = chooseOption('count', [
      ...PRICES,
      { value: 'a', label: 'count of a' },
      { value: 'b', label: 'count of b' },
    ]);
    expect(several).toMatchObject({ kind: 'several', options: [{ value: 'a' }, { value: 'b' }] });
  });
  it('prefers a label to a place', () => {
    const years = [
      { value: 'y1', label: '2' },
      { value: 'y2', label: '1' },
    ];
    expect(chosen('1', years)).toBe('y2');
  });
});

describe('instructions', () => {
  it.each([
    ['by customers I mean accounts', { kind: 'synonym', synonym: { term: 'customers', means: 'accounts' } }],
    [
      'When we say “churn”, we mean cancelled orders.',
      { kind: 'synonym', synonym: { term: 'churn', means: 'cancelled orders' } },
    ],
    ['Remember that BRL means Brazilian real', { kind: 'synonym', synonym: { term: 'BRL', means: 'Brazilian real' } }],
    ['"gmv" means "total amount"', { kind: 'synonym', synonym: { term: 'gmv', means: 'total amount' } }],
    ['forget what I said about customers', { kind: 'forget_synonym', term: 'customers' }],
    ['always show at most 20 rows', { kind: 'row_limit', rows: 20 }],
    ['give me no more than 5 rows', { kind: 'row_limit', rows: 5 }],
    ['Start over.', { kind: 'start_over' }],
    ['forget everything', { kind: 'start_over' }],
  ])('“%s”', (text, expected) => {
    expect(instructionIn(text)).toEqual(expected);
  });

  it.each([
    'what does churn mean?',
    'by month',
    'show 20 rows',
    'show me the orders with at most 5 items',
    'How many customers do I have?',
    'by ? I mean !',
  ])('“%s” is none', (text) => {
    expect(instructionIn(text)).toBeNull();
  });

  it('exchanges whole words, the longest first, each once, and nothing in quotation marks', () => {
    const synonyms = [
      { term: 'client', means: 'customer' },
      { term: 'big client', means: 'client' },
      { term: 'c++', means: 'cpp' },
    ];
    expect(withSynonyms('Clients, a Big Client and a client of "client" in c++', synonyms)).toEqual({
      text: 'Clients, a client and a customer of "client" in cpp',
      used: [synonyms[1], synonyms[0], synonyms[2]],
    });
    expect(withSynonyms('nothing', [])).toEqual({ text: 'nothing', used: [] });
  });

  it('is quick on long texts made to be slow', () => {
    const started = performance.now();
    for (const text of [
      'by '.repeat(5000),
      `by ${'a '.repeat(140)}`,
      `"${'a'.repeat(9000)}`,
      'when I say '.repeat(25),
    ]) {
      instructionIn(text);
      smallTalkOf(text);
      withSynonyms(text, [{ term: 'a', means: 'b' }]);
    }
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('what a text looks like', () => {
  it.each(['How many?', 'list orders', 'the orders of last year that were paid late', 'and in 2025?'])(
    '“%s” asks something',
    (text) => {
      expect(looksLikeQuestion(text)).toBe(true);
    },
  );
  it.each(['net price', 'the second one', 'by amount'])('“%s” names something', (text) => {
    expect(looksLikeQuestion(text)).toBe(false);
  });
  it('is SQL where it is', () => {
    expect(['SELECT a FROM b', 'with x as (select 1) select * from x', 'select 1'].map(looksLikeSql)).toEqual([
      true,
      true,
      true,
    ]);
    expect(['select the best customers', 'with whom did we trade', 'show orders'].map(looksLikeSql)).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe('a result in words', () => {
  const columns = [{ name: 'country' }, { name: 'amount' }];

  it('keeps values out of what is said without them', () => {
    const told = tellResult({
      paraphrase: 'Sum of amount by country.',
      columns,
      rows: [
        ['Germany', 300],
        ['France', '250.50'],
        [null, 10],
      ],
      rowCount: 12,
      truncated: false,
    });
    expect(told.text).toBe('Sum of amount by country: 12 rows.');
    expect(told.sentence).toBe('Sum of amount by country: 12 rows. Germany · 300; France · 250.50; nothing · 10; …');
  });
  it('says the value where there is one', () => {
    const one = {
      paraphrase: 'Number of orders.',
      columns: [{ name: 'n' }],
      rows: [[7]],
      rowCount: 1,
      truncated: false,
    };
    expect(tellResult(one)).toEqual({ text: 'Number of orders: one row.', sentence: 'Number of orders: 7.' });
    expect(tellResult({ ...one, rows: [['x'.repeat(500)]] }).sentence?.length).toBeLessThan(120);
  });
  it('says so where there is nothing, and where there is more', () => {
    expect(
      tellResult({ paraphrase: 'All orders.', columns, rows: [], rowCount: 0, truncated: false }).sentence,
    ).toBeNull();
    const cut = tellResult({ paraphrase: null, columns, rows: [['a', 1]], rowCount: 1, truncated: true });
    expect(cut.text).toBe('The result of your SQL: the first 1 rows, there are more.');
  });
});

describe('example questions', () => {
  it('are made of names, and of nothing hidden or personal', () => {
    const stats = { distinct: 3, nulls: 0, min: null, max: null, samples: ['secret'] };
    const column = (name: string, type: 'text' | 'integer' | 'date', more: object = {}) => ({
      name,
      type,
      nativeType: '',
      nullable: true,
      description: null,
      synonyms: [],
      hidden: false,
      sensitivity: 'none' as const,
      stats,
      values: type === 'text' ? ['a', 'b'] : null,
      ...more,
    });
    const columns = [
      column('id', 'integer'),
      column('ssn', 'text', { sensitivity: 'personal' }),
      column('salary', 'integer', { hidden: true }),
      column('unit_price', 'integer'),
      column('orderStatus', 'text'),
      column('ordered_at', 'date'),
    ];
    const table = { description: null, synonyms: [], rowCount: 9, primaryKey: ['id'], columns };
    const questions = exampleCandidates({
      tables: [
        { ...table, name: 'shop.order_items', hidden: false },
        { ...table, name: 'internal', hidden: true },
      ],
      relationships: [],
    });
    expect(questions).toEqual([
      'Total unit price by order status',
      'How many order items are there?',
      'How many order items per month?',
      'How many order items per order status?',
      'Average unit price of order items',
    ]);
  });
});
