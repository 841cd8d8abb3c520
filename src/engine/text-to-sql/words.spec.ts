import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Catalog, CatalogTable, ColumnType } from '../catalog/catalog.js';
import { answerQuestion, type Clarification, type QuestionOutcome, type SqlAnswer } from './index.js';
import { NOW, openShop, type Shop } from './shop.fixture.js';

type Column = [
  name: string,
  type: ColumnType,
  stats?: { distinct?: number; min?: string; max?: string; values?: string[] },
];

function table(name: string, columns: Column[], primaryKey: string[] = []): CatalogTable {
  return {
    name,
    description: null,
    synonyms: [],
    hidden: false,
    rowCount: 100,
    primaryKey,
    columns: columns.map(([column, type, stats]) => ({
      name: column,
      type,
      nativeType: type,
      nullable: true,
      description: null,
      synonyms: [],
      hidden: false,
      sensitivity: 'none',
      stats: {
        distinct: stats?.distinct ?? stats?.values?.length ?? null,
        nulls: 0,
        min: stats?.min ?? null,
        max: stats?.max ?? null,
        samples: stats?.values ?? [],
      },
      values: stats?.values ?? null,
    })),
  };
}

function relate(...pairs: [string, string, string, string][]): Catalog['relationships'] {
  return pairs.map(([from, column, to, key]) => ({
    from: { table: from, column },
    to: { table: to, column: key },
    origin: 'declared',
    confidence: 1,
  }));
}

function ask(question: string, tables: CatalogTable[], relationships: Catalog['relationships'] = []): QuestionOutcome {
  return answerQuestion({ question, catalog: { tables, relationships }, dialect: 'duckdb', now: NOW });
}

function sql(outcome: QuestionOutcome): string {
  if (outcome.kind !== 'answer') throw new Error(`expected an answer, got ${JSON.stringify(outcome)}`);
  return outcome.sql.replaceAll('\n', ' ');
}

describe('words that narrow the question', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });

  it.each([
    ['How many paid orders?', '“paid”'],
    ['How many orders were refunded?', '“refunded”'],
    ['orders returned in 2024', '“returned”'],
    ['customers without delivered orders', '“delivered”'],
    ['number of approved orders by country', '“approved”'],
    ['How many loyal customers are there?', '“loyal”'],
    ['orders from Atlantis', '“Atlantis”'],
    ['How many orders are not paid?', '“paid”'],
  ])('are named when nothing in the data matches them: %s', (question, word) => {
    expect(shop.ask(question)).toMatchObject({ kind: 'unanswerable', reason: expect.stringContaining(word) });
  });

  it('become conditions where a value matches them', async () => {
    expect(await shop.rows('How many shipped orders?')).toEqual([['3']]);
    expect(await shop.rows('cancelled orders over time')).toEqual(
      [['2023-12-31 00:00:00', '1']].map(([, n]) => [expect.any(String), n]),
    );
  });

  it('may be verbs that are true of every row', async () => {
    expect(await shop.rows('How many orders were placed?')).toEqual([['5']]);
  });
});

describe('names', () => {
  it('may hold letters and digits, and be written with underscores', () => {
    const air = [
      table('air', [
        ['Date', 'date'],
        ['CO2', 'float'],
        ['adjusted CO2', 'float'],
      ]),
    ];
    expect(sql(ask('average CO2 by year', air))).toContain('AVG("CO2")');
    expect(sql(ask('highest adjusted_CO2', air))).toContain('MAX("adjusted CO2")');
  });

  it('of two similar tables mean the one that can be joined to what else is asked', () => {
    const tables = [
      table(
        'customer',
        [
          ['customer_id', 'integer'],
          ['name', 'text'],
        ],
        ['customer_id'],
      ),
      table(
        'invoice',
        [
          ['invoice_id', 'integer'],
          ['customer_id', 'integer'],
        ],
        ['invoice_id'],
      ),
      table(
        'customers',
        [
          ['id', 'integer'],
          ['name', 'text'],
        ],
        ['id'],
      ),
      table(
        'orders',
        [
          ['order_id', 'integer'],
          ['buyer', 'integer'],
        ],
        ['order_id'],
      ),
    ];
    const links = relate(['invoice', 'customer_id', 'customer', 'customer_id'], ['orders', 'buyer', 'customers', 'id']);
    expect(sql(ask('top 5 customers by number of orders', tables, links))).toContain('FROM customers JOIN orders');
    expect(sql(ask('top 5 customers by number of invoices', tables, links))).toContain('FROM customer JOIN invoice');
    expect(sql(ask('how many customers', tables, links))).toContain('FROM customers');
  });
});

describe('measures', () => {
  const lines = table(
    'order_details',
    [
      ['order_id', 'integer'],
      ['unit_price', 'float'],
      ['quantity', 'integer'],
      ['discount', 'float', { max: '0.2' }],
    ],
    ['order_id'],
  );

  it('are worked out as revenue from quantity, price and discount where no amount is held', () => {
    const outcome = ask('total revenue', [lines]);
    expect(sql(outcome)).toContain('SUM(quantity * unit_price * (1 - COALESCE(discount, 0))) AS revenue');
    expect((outcome as SqlAnswer).interpretation).toContainEqual({
      phrase: 'revenue',
      meaning: '`quantity` × `unit_price` less `discount` of each row of `order_details`',
      table: 'order_details',
    });
    const held = table('order_details', [
      ['unit_price', 'float'],
      ['quantity', 'integer'],
      ['amount', 'float'],
    ]);
    expect(sql(ask('total revenue', [held]))).toContain('SUM(amount)');
  });

  it('over time take a unit that fits the span, and an average where a sum makes no sense', () => {
    const prices = (max: string): CatalogTable[] => [
      table('prices', [
        ['symbol', 'text', { values: ['AAA', 'BBB'] }],
        ['date', 'date', { distinct: 50, min: '2020-01-01', max }],
        ['price', 'float'],
      ]),
    ];
    expect(sql(ask('AAA price over time', prices('2020-02-01')))).toMatch(
      /date_trunc\('day', "date"\).*AVG\(price\).*symbol = 'AAA'.*ORDER BY/,
    );
    expect(sql(ask('price trend', prices('2024-02-01')))).toContain(`date_trunc('month', "date")`);
  });

  it('in a period are a sum', async () => {
    const shop = await openShop();
    expect(await shop.rows('total amount of orders in 2024')).toEqual([['390.00']]);
  });

  it('of groups are sorted from the largest on, ties by the group', async () => {
    const shop = await openShop();
    expect(sql(shop.ask('number of orders by status'))).toMatch(/ORDER BY COUNT\(\*\) DESC NULLS LAST, status$/);
  });
});

describe('questions back', () => {
  it('are asked where two dates are as likely', () => {
    const trips = [
      table(
        'trips',
        [
          ['trip_id', 'integer'],
          ['pickup_at', 'timestamp'],
          ['dropoff_at', 'timestamp'],
        ],
        ['trip_id'],
      ),
    ];
    const outcome = ask('trips per month', trips) as Clarification;
    expect(outcome.options.map((option) => option.label)).toEqual([
      'the pickup time of the trip',
      'the dropoff time of the trip',
    ]);
  });

  it('tell options apart by their technical names where their words are the same', () => {
    const trips = [
      table('trips', [
        ['start_city', 'text', { values: ['Oslo'] }],
        ['Start City', 'text', { values: ['Oslo'] }],
      ]),
    ];
    const outcome = ask('How many trips in Oslo?', trips) as Clarification;
    expect(outcome.options.map((option) => option.label)).toEqual([
      '“Oslo” as the start city of the trip (`trips.start_city`)',
      '“Oslo” as the start city of the trip (`trips.Start City`)',
    ]);
  });
});

describe('the paraphrase', () => {
  it.each([
    ['number of orders by status', 'Number of orders by status, largest first.'],
    ['total amount in 2023 by month', 'Sum of amount of orders in 2023, by month.'],
    ['top 2 products by quantity', 'The 2 products with the largest sum of quantity.'],
    ['orders whose amount is missing', 'All orders whose amount is missing.'],
    ['Which customers have no orders?', 'All customers that have no orders.'],
    ['How many orders since May 2023?', 'Number of orders since May 2023.'],
    ['customers in France', 'All customers whose country is “France”.'],
  ])('of “%s” reads as a person would write it', async (question, words) => {
    const outcome = (await openShop()).ask(question);
    expect(outcome).toMatchObject({ kind: 'answer', paraphrase: words });
  });
});
