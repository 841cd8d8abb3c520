import { beforeAll, describe, expect, it } from '@jest/globals';
import { answerQuestion, type ConversationState, type QuestionOutcome } from '../index.js';
import { openBicycleShop, type Shop } from '../shop.fixture.js';

let shop: Shop;

beforeAll(async () => {
  shop = await openBicycleShop();
});

const NOW = new Date('2026-11-15T12:00:00Z');
const REVENUE = 'sum(i.quantity * i.unit_price * (1 - i.discount))';
const LINES =
  'order_items i JOIN orders o ON i.order_id = o.id JOIN customers c ON o.customer_id = c.id JOIN products p ON i.product_id = p.id';
const MONTH = `date_trunc('month', o.ordered_at)`;

/** What follows SELECT, with the parts that come again and again written out. */
function written(select: string): string {
  return `SELECT ${select}`.replaceAll('REVENUE', REVENUE).replaceAll('LINES', LINES).replaceAll('MONTH', MONTH);
}

/** A question, and what follows SELECT in a statement that gives the right rows in their order; or what is said instead. */
type Turn = readonly [question: string, select: string | RegExp];

const DIALOGUES: readonly (readonly [what: string, turns: readonly Turn[]])[] = [
  [
    'ranks the same things by another figure',
    [
      ['top 3 customers by revenue', `c.name, REVENUE FROM LINES GROUP BY c.id, c.name ORDER BY 2 DESC LIMIT 3`],
      [
        'and by number of orders?',
        `c.name, count(DISTINCT o.id) FROM LINES GROUP BY c.id, c.name ORDER BY 2 DESC LIMIT 3`,
      ],
      [
        'only Spain',
        `c.name, count(DISTINCT o.id) FROM LINES WHERE c.country = 'Spain' GROUP BY c.id, c.name ORDER BY 2 DESC LIMIT 3`,
      ],
      ['and by country?', /not clear what “by”/],
    ],
  ],
  [
    'turns a ranking round, and shows it in another order',
    [
      ['top 5 products by revenue', `p.name, REVENUE FROM LINES GROUP BY p.id, p.name ORDER BY 2 DESC LIMIT 5`],
      ['and the other way round', `p.name, REVENUE FROM LINES GROUP BY p.id, p.name ORDER BY 2 LIMIT 5`],
      [
        'sort by name',
        `* FROM (SELECT p.name, REVENUE FROM LINES GROUP BY p.id, p.name ORDER BY 2 LIMIT 5) AS picked ORDER BY 1`,
      ],
      [
        'only bicycles',
        `* FROM (SELECT p.name, REVENUE FROM LINES WHERE p.category = 'Bicycles' GROUP BY p.id, p.name ORDER BY 2 LIMIT 5) AS picked ORDER BY 1`,
      ],
    ],
  ],
  [
    'shows a column beside the names of the first few',
    [
      [
        'top 5 products by quantity',
        `p.name, sum(i.quantity) FROM LINES GROUP BY p.id, p.name ORDER BY 2 DESC LIMIT 5`,
      ],
      [
        'their prices',
        `p.name, p.list_price, sum(i.quantity) FROM LINES GROUP BY p.id, p.name, p.list_price ORDER BY 3 DESC LIMIT 5`,
      ],
    ],
  ],
  [
    'cuts what was ranked by what it was ranked by',
    [
      [
        'Top 5 products by quantity sold',
        `p.name, sum(i.quantity) FROM LINES GROUP BY p.id, p.name ORDER BY 2 DESC LIMIT 5`,
      ],
      ['only the top 3', `p.name, sum(i.quantity) FROM LINES GROUP BY p.id, p.name ORDER BY 2 DESC LIMIT 3`],
      ['what about the top 10?', `p.name, sum(i.quantity) FROM LINES GROUP BY p.id, p.name ORDER BY 2 DESC LIMIT 10`],
      ['the first 3', `p.name, sum(i.quantity) FROM LINES GROUP BY p.id, p.name ORDER BY 2 DESC LIMIT 3`],
      ['the bottom 2', `p.name, sum(i.quantity) FROM LINES GROUP BY p.id, p.name ORDER BY 2 LIMIT 2`],
      ['top 3', `p.name, sum(i.quantity) FROM LINES GROUP BY p.id, p.name ORDER BY 2 DESC LIMIT 3`],
      ['the last 2', /“last”/],
    ],
  ],
  [
    'cuts a ranking that was narrowed, and keeps the order that it is shown in',
    [
      [
        'Top 3 customers by number of orders',
        `c.name, count(DISTINCT o.id) FROM LINES GROUP BY c.id, c.name ORDER BY 2 DESC LIMIT 3`,
      ],
      [
        'only Spain',
        `c.name, count(DISTINCT o.id) FROM LINES WHERE c.country = 'Spain' GROUP BY c.id, c.name ORDER BY 2 DESC LIMIT 3`,
      ],
      [
        'top 2',
        `c.name, count(DISTINCT o.id) FROM LINES WHERE c.country = 'Spain' GROUP BY c.id, c.name ORDER BY 2 DESC LIMIT 2`,
      ],
      [
        'sort by name',
        `* FROM (SELECT c.name, count(DISTINCT o.id) FROM LINES WHERE c.country = 'Spain' GROUP BY c.id, c.name ORDER BY 2 DESC LIMIT 2) AS picked ORDER BY 1`,
      ],
      ['the first 1', /“first”/],
    ],
  ],
  [
    'cuts what comes first by a quality',
    [
      ['the 5 cheapest products', `name FROM products ORDER BY list_price LIMIT 5`],
      ['top 3', `name FROM products ORDER BY list_price LIMIT 3`],
      ['the first 2', `name FROM products ORDER BY list_price LIMIT 2`],
    ],
  ],
  [
    'names a word that nothing is known of, though it looks like a verb',
    [
      ['number of orders in 2025', `count(*) FROM orders WHERE year(ordered_at) = 2025`],
      ['Takings by month in 2026', /“Takings”/],
    ],
  ],
  [
    'works out another figure for the same months',
    [
      ['number of orders by month', `MONTH, count(*) FROM orders o GROUP BY 1 ORDER BY 1`],
      ['and revenue?', `MONTH, REVENUE FROM LINES GROUP BY 1 ORDER BY 1`],
      ['only web', `MONTH, REVENUE FROM LINES WHERE o.channel = 'web' GROUP BY 1 ORDER BY 1`],
      ['same for shops', `MONTH, REVENUE FROM LINES WHERE o.channel = 'shop' GROUP BY 1 ORDER BY 1`],
      ['all channels again', `MONTH, REVENUE FROM LINES GROUP BY 1 ORDER BY 1`],
      ['only the top 3', `MONTH, REVENUE FROM LINES GROUP BY 1 ORDER BY 2 DESC LIMIT 3`],
    ],
  ],
  [
    'puts another period in the place of the first',
    [
      ['revenue by month in 2026', `MONTH, REVENUE FROM LINES WHERE year(o.ordered_at) = 2026 GROUP BY 1 ORDER BY 1`],
      ['and last year?', `MONTH, REVENUE FROM LINES WHERE year(o.ordered_at) = 2025 GROUP BY 1 ORDER BY 1`],
      ['compare with 2024', `MONTH, REVENUE FROM LINES WHERE year(o.ordered_at) IN (2024, 2025) GROUP BY 1 ORDER BY 1`],
      [
        'first 3 only',
        `MONTH, REVENUE FROM LINES WHERE year(o.ordered_at) IN (2024, 2025) GROUP BY 1 ORDER BY 1 LIMIT 3`,
      ],
    ],
  ],
  [
    'compares with another year, or another country',
    [
      ['revenue in 2025', `REVENUE FROM LINES WHERE year(o.ordered_at) = 2025`],
      [
        'compare with 2024',
        `date_trunc('year', o.ordered_at), REVENUE FROM LINES WHERE year(o.ordered_at) IN (2024, 2025) GROUP BY 1 ORDER BY 1`,
      ],
      ['revenue in Germany', `REVENUE FROM LINES WHERE c.country = 'Germany'`],
      [
        'vs France',
        `c.country, REVENUE FROM LINES WHERE c.country IN ('Germany', 'France') GROUP BY 1 ORDER BY 2 DESC`,
      ],
      ['compare with 2024', /not clear what “compare with”/],
    ],
  ],
  [
    'adds a group, and shows what was worked out as shares',
    [
      ['revenue by country', `c.country, REVENUE FROM LINES GROUP BY 1 ORDER BY 2 DESC`],
      ['as a share', `c.country, 100 * REVENUE / (SELECT REVENUE FROM LINES) FROM LINES GROUP BY 1 ORDER BY 2 DESC`],
      ['undo', `c.country, REVENUE FROM LINES GROUP BY 1 ORDER BY 2 DESC`],
      ['by segment too', `c.country, c.segment, REVENUE FROM LINES GROUP BY 1, 2 ORDER BY 3 DESC`],
    ],
  ],
  [
    'sorts what was counted',
    [
      [
        'number of orders by country',
        `c.country, count(*) FROM orders o JOIN customers c ON o.customer_id = c.id GROUP BY 1 ORDER BY 2 DESC`,
      ],
      [
        'sort ascending',
        `c.country, count(*) FROM orders o JOIN customers c ON o.customer_id = c.id GROUP BY 1 ORDER BY 2`,
      ],
      [
        'sort alphabetically',
        `c.country, count(*) FROM orders o JOIN customers c ON o.customer_id = c.id GROUP BY 1 ORDER BY 1`,
      ],
      [
        'reverse',
        `c.country, count(*) FROM orders o JOIN customers c ON o.customer_id = c.id GROUP BY 1 ORDER BY 1 DESC`,
      ],
      ['and average order value?', `c.country, REVENUE / count(DISTINCT o.id) FROM LINES GROUP BY 1 ORDER BY 1 DESC`],
      [
        'per customer instead',
        `c.name, REVENUE / count(DISTINCT o.id) FROM LINES GROUP BY c.id, c.name ORDER BY 2 DESC, 1`,
      ],
    ],
  ],
  [
    'drops a filter, and goes back',
    [
      [
        'number of customers by segment in Germany',
        `segment, count(*) FROM customers WHERE country = 'Germany' GROUP BY 1 ORDER BY 2 DESC`,
      ],
      ['drop the filter', `segment, count(*) FROM customers GROUP BY 1 ORDER BY 2 DESC`],
      ['drop the filter', /nothing that could be changed/],
      ['back', `segment, count(*) FROM customers WHERE country = 'Germany' GROUP BY 1 ORDER BY 2 DESC`],
      ['all countries again', `segment, count(*) FROM customers GROUP BY 1 ORDER BY 2 DESC`],
    ],
  ],
  [
    'shows the rows behind a number',
    [
      ['number of orders in May 2025', `count(*) FROM orders WHERE date_trunc('month', ordered_at) = '2025-05-01'`],
      [
        'by channel',
        `channel, count(*) FROM orders WHERE date_trunc('month', ordered_at) = '2025-05-01' GROUP BY 1 ORDER BY 2 DESC`,
      ],
      ['why?', /what happened and not why/],
      ['show me the rows', `* FROM orders WHERE date_trunc('month', ordered_at) = '2025-05-01'`],
      [
        'only the cancelled ones',
        `* FROM orders WHERE date_trunc('month', ordered_at) = '2025-05-01' AND status = 'cancelled'`,
      ],
      [
        'how many?',
        `count(*) FROM orders WHERE date_trunc('month', ordered_at) = '2025-05-01' AND status = 'cancelled'`,
      ],
    ],
  ],
  [
    'asks the same of somebody else',
    [
      ['orders of Poppy Carrick', `* FROM orders WHERE customer_id = 1`],
      ['what about Iker Soler', `* FROM orders WHERE customer_id = 2`],
      ['how many of them were cancelled?', `count(*) FROM orders WHERE customer_id = 2 AND status = 'cancelled'`],
    ],
  ],
  [
    'keeps what a date is the date of',
    [
      ['how many customers signed up in 2025?', `count(*) FROM customers WHERE year(signed_up_on) = 2025`],
      ['and in 2024?', `count(*) FROM customers WHERE year(signed_up_on) = 2024`],
      ['which ones?', `name FROM customers WHERE year(signed_up_on) = 2024`],
      ['first 10 only', `name FROM customers WHERE year(signed_up_on) = 2024 ORDER BY signed_up_on, id LIMIT 10`],
    ],
  ],
  [
    'cuts, narrows and widens a list',
    [
      [
        'which customers ordered more than 30 times?',
        `name FROM customers WHERE id IN (SELECT customer_id FROM orders GROUP BY 1 HAVING count(*) > 30)`,
      ],
      [
        'only from Spain',
        `name FROM customers WHERE country = 'Spain' AND id IN (SELECT customer_id FROM orders GROUP BY 1 HAVING count(*) > 30)`,
      ],
      [
        'sort by name',
        `name FROM customers WHERE country = 'Spain' AND id IN (SELECT customer_id FROM orders GROUP BY 1 HAVING count(*) > 30) ORDER BY 1`,
      ],
      [
        'how many are there?',
        `count(*) FROM customers WHERE country = 'Spain' AND id IN (SELECT customer_id FROM orders GROUP BY 1 HAVING count(*) > 30)`,
      ],
    ],
  ],
  [
    'takes what is ranked for as many as before, and what is said of them for each',
    [
      ['the 3 cheapest products', `name FROM products ORDER BY list_price LIMIT 3`],
      ['what about the most expensive ones', `name FROM products ORDER BY list_price DESC LIMIT 3`],
      ['their brands', `name, brand FROM products ORDER BY list_price DESC LIMIT 3`],
    ],
  ],
  [
    'narrows the whole that shares are of, and sums up again',
    [
      [
        'how many orders per channel in 2025',
        `channel, count(*) FROM orders WHERE year(ordered_at) = 2025 GROUP BY 1 ORDER BY 2 DESC`,
      ],
      [
        'and in percent',
        `channel, 100.0 * count(*) / sum(count(*)) OVER () FROM orders WHERE year(ordered_at) = 2025 GROUP BY 1 ORDER BY 2 DESC`,
      ],
      [
        'for Spain only',
        `channel, 100.0 * count(*) / sum(count(*)) OVER () FROM orders o JOIN customers c ON o.customer_id = c.id WHERE country = 'Spain' AND year(ordered_at) = 2025 GROUP BY 1 ORDER BY 2 DESC`,
      ],
      [
        'in total',
        `count(*) FROM orders o JOIN customers c ON o.customer_id = c.id WHERE country = 'Spain' AND year(ordered_at) = 2025`,
      ],
    ],
  ],
  [
    'sorts groups by what they are, and by nothing else',
    [
      ['revenue per customer', `c.name, REVENUE FROM LINES GROUP BY c.id, c.name ORDER BY 2 DESC, 1`],
      ['just the top 10', `c.name, REVENUE FROM LINES GROUP BY c.id, c.name ORDER BY 2 DESC LIMIT 10`],
      [
        'sort by name',
        `* FROM (SELECT c.name, REVENUE FROM LINES GROUP BY c.id, c.name ORDER BY 2 DESC LIMIT 10) AS picked ORDER BY 1`,
      ],
      [
        'revenue by country and year',
        `c.country, date_trunc('year', o.ordered_at), REVENUE FROM LINES GROUP BY 1, 2 ORDER BY 2, 3 DESC`,
      ],
      ['by year only', `date_trunc('year', o.ordered_at), REVENUE FROM LINES GROUP BY 1 ORDER BY 1`],
      ['sort by country', /no one `country`/],
    ],
  ],
  [
    'adds a column, and narrows by what is said of a person',
    [
      ['list customers from Berlin', `name FROM customers WHERE city = 'Berlin'`],
      ['who signed up after 2024', `name FROM customers WHERE city = 'Berlin' AND signed_up_on >= '2025-01-01'`],
      [
        'give me their segment as well',
        `name, segment FROM customers WHERE city = 'Berlin' AND signed_up_on >= '2025-01-01'`,
      ],
    ],
  ],
  [
    'adds up a quantity that is called so',
    [
      ['total quantity of Inner tube', `sum(i.quantity) FROM LINES WHERE p.name = 'Inner tube'`],
      ['and of Brake pads?', `sum(i.quantity) FROM LINES WHERE p.name = 'Brake pads'`],
    ],
  ],
  [
    'does not give the same again for words that were not understood',
    [
      ['revenue in 2025', `REVENUE FROM LINES WHERE year(o.ordered_at) = 2025`],
      ['and both together?', /“together”/],
    ],
  ],
  [
    'says what is to be worked out where nothing was asked before',
    [
      ['and by channel?', /worked out by channel/],
      ['list the other customers', /“other”/],
    ],
  ],
  ['says that nothing can be cut yet', [['only the top 3', /Nothing was asked before/]]],
  ['says that nothing can be undone yet', [['undo', /Nothing was asked before/]]],
  [
    'does not leave out rows without saying so',
    [
      ['customers by country', `country, count(*) FROM customers GROUP BY 1 ORDER BY 2 DESC`],
      ['also revenue', /would not be counted/],
    ],
  ],
  [
    'goes on where a word is said anew that was not understood, and nowhere else',
    [
      ['average list price by category', `category, avg(list_price) FROM products GROUP BY 1 ORDER BY 2 DESC`],
      ['only velocipedes', /“velocipedes”/],
      ['only Bicycles', `category, avg(list_price) FROM products WHERE category = 'Bicycles' GROUP BY 1`],
      ['the weather in Tokyo', /Tokyo|weather/],
      ['only Parts', /not answered/],
    ],
  ],
  [
    'is asked in German',
    [
      ['Umsatz nach Land', `c.country, REVENUE FROM LINES GROUP BY 1 ORDER BY 2 DESC`],
      ['und nach Monat?', `MONTH, REVENUE FROM LINES GROUP BY 1 ORDER BY 1`],
      ['nur Deutschland', `MONTH, REVENUE FROM LINES WHERE c.country = 'Germany' GROUP BY 1 ORDER BY 1`],
      [
        'und letztes Jahr?',
        `MONTH, REVENUE FROM LINES WHERE c.country = 'Germany' AND year(o.ordered_at) = 2025 GROUP BY 1 ORDER BY 1`,
      ],
      ['Filter entfernen', `MONTH, REVENUE FROM LINES GROUP BY 1 ORDER BY 1`],
      ['nur web', `MONTH, REVENUE FROM LINES WHERE o.channel = 'web' GROUP BY 1 ORDER BY 1`],
      ['umgekehrt', `MONTH, REVENUE FROM LINES WHERE o.channel = 'web' GROUP BY 1 ORDER BY 1 DESC`],
      ['zurück', `MONTH, REVENUE FROM LINES WHERE o.channel = 'web' GROUP BY 1 ORDER BY 1`],
    ],
  ],
  [
    'is asked in Vietnamese',
    [
      ['Doanh thu theo quốc gia', `c.country, REVENUE FROM LINES GROUP BY 1 ORDER BY 2 DESC`],
      ['còn theo tháng thì sao?', `MONTH, REVENUE FROM LINES GROUP BY 1 ORDER BY 1`],
      ['chỉ web', `MONTH, REVENUE FROM LINES WHERE o.channel = 'web' GROUP BY 1 ORDER BY 1`],
      [
        'còn năm ngoái thì sao?',
        `MONTH, REVENUE FROM LINES WHERE o.channel = 'web' AND year(o.ordered_at) = 2025 GROUP BY 1 ORDER BY 1`,
      ],
      ['bỏ bộ lọc', `MONTH, REVENUE FROM LINES GROUP BY 1 ORDER BY 1`],
      ['tại sao?', /what happened and not why/],
      [
        'hoàn tác',
        `MONTH, REVENUE FROM LINES WHERE o.channel = 'web' AND year(o.ordered_at) = 2025 GROUP BY 1 ORDER BY 1`,
      ],
    ],
  ],
];

/** In their order, or else in one that is the same for the same rows. */
async function rowsOf(statement: string, isOrdered: boolean): Promise<unknown[][]> {
  const rows = await shop.run(statement);
  // Sums of fractions differ in their last digits with the order of the rows.
  const rounded = rows.map((row) =>
    row.map((value) => (typeof value === 'number' ? Number(value.toPrecision(9)) : value)),
  );
  return isOrdered ? rounded : rounded.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
}

describe('a conversation about the books of a shop', () => {
  it.each(DIALOGUES)('%s', async (_, turns) => {
    let previous: ConversationState | null = null;
    for (const [question, expected] of turns) {
      const outcome: QuestionOutcome = answerQuestion({
        question,
        previous,
        catalog: shop.catalog,
        dialect: 'duckdb',
        now: NOW,
      });
      previous = JSON.parse(JSON.stringify(outcome.state)) as ConversationState;
      if (typeof expected !== 'string') {
        expect([question, outcome]).toEqual([
          question,
          expect.objectContaining({ kind: 'unanswerable', reason: expect.stringMatching(expected) }),
        ]);
      } else {
        if (outcome.kind !== 'answer') throw new Error(`“${question}” was not answered: ${JSON.stringify(outcome)}`);
        const isOrdered = expected.includes('ORDER BY');
        const given = await rowsOf(outcome.sql, isOrdered);
        expect([question, given]).toEqual([question, await rowsOf(written(expected), isOrdered)]);
      }
    }
  });
});
