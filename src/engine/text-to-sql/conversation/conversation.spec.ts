import { beforeAll, describe, expect, it } from '@jest/globals';
import { answerQuestion, type ConversationState, type QuestionOutcome } from '../index.js';
import { NOW, openFixture, openShop, type Shop } from '../shop.fixture.js';

let shop: Shop;
let clinic: Shop;

beforeAll(async () => {
  shop = await openShop();
  clinic = await openFixture({
    setup: [
      `CREATE TABLE departments (id INTEGER, name VARCHAR)`,
      `INSERT INTO departments VALUES (1, 'Eyes'), (2, 'Ears')`,
      `CREATE TABLE doctors (id INTEGER, full_name VARCHAR, department_id INTEGER)`,
      `INSERT INTO doctors VALUES (1, 'Zita', 1), (2, 'Amy', 2), (3, 'Max', 2)`,
      `CREATE TABLE visits (id INTEGER, doctor_id INTEGER, fee INTEGER)`,
      `INSERT INTO visits VALUES (1, 1, 10), (2, 1, 20), (3, 2, 25), (4, 3, 7)`,
    ],
    keys: { departments: ['id'], doctors: ['id'], visits: ['id'] },
    relationships: [
      ['visits', 'doctor_id', 'doctors', 'id'],
      ['doctors', 'department_id', 'departments', 'id'],
    ],
    now: NOW,
  });
});

/** The outcome of the last of several questions; the state goes through JSON, as a conversation keeps it. */
function talk(...questions: string[]): QuestionOutcome {
  let state: ConversationState | null = null;
  let outcome: QuestionOutcome | null = null;
  for (const question of questions) {
    outcome = answerQuestion({ question, previous: state, catalog: shop.catalog, dialect: 'duckdb', now: NOW });
    state = JSON.parse(JSON.stringify(outcome.state)) as ConversationState;
  }
  if (outcome === null) throw new Error('nothing was asked');
  return outcome;
}

function reading(...questions: string[]): string {
  const outcome = talk(...questions);
  return outcome.kind === 'answer' ? outcome.paraphrase : outcome.kind;
}

describe('a question that goes on from the one before', () => {
  it.each<[string[], string]>([
    [
      ['total amount by month', 'only Germany'],
      'Sum of amount of orders whose country of the customer is “Germany”, by month.',
    ],
    [
      ['total amount by month', 'only Germany', 'what about France'],
      'Sum of amount of orders whose country of the customer is “France”, by month.',
    ],
    [['total amount by month', 'and by country?'], 'Sum of amount of orders by country, largest first.'],
    [['How many orders are there?', 'and in 2023?'], 'Number of orders in 2023.'],
    [['How many orders in 2024?', 'what about last year'], 'Number of orders in 2023.'],
    [['customers in France', 'how many are there?'], 'Number of customers whose country is “France”.'],
    [['customers in France', 'show their cities'], 'City of all customers whose country is “France”.'],
    [
      ['customers in France', 'which of those have more than two orders?'],
      'All customers that have more than 2 orders and whose country is “France”.',
    ],
    [['list products', 'only those cheaper than 70'], 'All products whose unit price is less than 70.'],
    [['list products', 'also show the category'], 'Product name and category of all products.'],
    [['list products', 'sort them by unit price'], 'All products, sorted by unit price.'],
    [['average amount by status', 'what about the maximum?'], 'Largest amount of orders by status, largest first.'],
    [['average amount by status', 'sort by the first one'], 'Average amount of orders by status, sorted by status.'],
    [
      ['average amount by status', 'sort by the second column descending'],
      'Average amount of orders by status, largest first.',
    ],
    [
      ['top 3 customers by total amount', 'and the bottom 2?'],
      'The 2 customers with the smallest sum of amount of orders.',
    ],
    [
      ['average unit price of products', 'list products above this'],
      'All products whose unit price is more than the average unit price.',
    ],
    [['customers in France', 'how many products are there?'], 'Number of products.'],
    [
      ['orders in 2024', 'which products are in them?'],
      'All products that have order items with orders where order date of the order is in 2024.',
    ],
    [
      ['orders in 2024', 'what categories do they have?'],
      'Category of all products that have order items with orders where order date of the order is in 2024.',
    ],
    [['city of the customer Ada', 'which orders did she place?'], 'All orders whose customer is “Ada”.'],
    [['city of the customer Ada', 'And the customer named Bo?'], 'City of all customers whose name is “Bo”.'],
    [['how many customers are in France?', 'and what about Spain?'], 'Number of customers whose country is “Spain”.'],
    [
      ['number of orders by status', 'which of those has at least 2?'],
      'Each status, only where the number of orders is at least 2.',
    ],
    [['number of orders by status', 'which of them has the most?'], 'The status with the largest number of orders.'],
    [
      ['orders in 2024', 'also show those above 200'],
      'All orders whose (order date is in 2024 or amount is more than 200).',
    ],
    [['number of orders by status', 'sort them by this number'], 'Number of orders by status, smallest first.'],
    [['list products', 'what categories do they each have?'], 'Product name and category of all products.'],
    [['status of the orders', 'for each, how many are there?'], 'Number of orders by status, largest first.'],
    [
      ['the most expensive product', 'which category does that product have?'],
      'Category of the product with the largest unit price.',
    ],
  ])('%j', (questions, expected) => {
    expect(reading(...questions)).toBe(expected);
  });

  it('keeps nothing but the questions that the last reading stands on', () => {
    expect(talk('customers in France', 'how many are there?').state).toEqual({
      turns: [
        { question: 'customers in France', choices: [] },
        { question: 'how many are there?', choices: [] },
      ],
      unanswered: false,
    });
    expect(talk('customers in France', 'How many products are there?').state.turns).toHaveLength(1);
  });

  it('sorts by the names that are shown, whatever they are called', () => {
    // Departments, which are not shown, have a column that is called just `name`.
    const questions = ['top 2 doctors by total fee', 'sort by name'];
    let state: ConversationState | null = null;
    let sql = '';
    for (const question of questions) {
      const outcome = answerQuestion({
        question,
        previous: state,
        catalog: clinic.catalog,
        dialect: 'duckdb',
        now: NOW,
      });
      state = outcome.state;
      sql = outcome.kind === 'answer' ? outcome.sql : outcome.kind;
    }
    expect(sql).toMatch(/ORDER BY SUM.*LIMIT 2.*ORDER BY full_name$/s);
  });

  it('does not guess what “those” are where the question before was not answered', () => {
    expect(talk('customers in France', 'the weather in Tokyo', 'how many of those are there?')).toMatchObject({
      kind: 'unanswerable',
      reason: expect.stringContaining('not answered'),
    });
  });

  it('sorts nothing where the question before was not answered', () => {
    expect(talk('customers in France', 'the weather in Tokyo', 'order by name')).toMatchObject({
      kind: 'unanswerable',
    });
  });

  it('reads a question back and its answer as what was meant', () => {
    expect(reading('please list the customers | did you mean list their cities? | yes')).toBe('City of all customers.');
    expect(reading('customers in France | Do you want the number of customers in Germany? | no')).toBe(
      'All customers whose country is “France”.',
    );
  });
});
