import { beforeAll, describe, expect, it } from '@jest/globals';
import { openShop, type Shop } from '../shop.fixture.js';

describe('operations that the query does not carry out', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });

  it.each([
    ['For each place, what is the average amount?', 'For each'],
    ['the ratio of orders', 'ratio of'],
    ['How many products does each category have? List the category and name.', 'How many'],
  ])('withholds the answer to “%s” and names “%s”', (question, phrase) => {
    expect(shop.ask(question)).toMatchObject({ kind: 'unanswerable', reason: expect.stringContaining(phrase) });
  });

  it('sorts where a request begins with the verb for it', async () => {
    expect(await shop.rows('Order the customers by name descending')).toEqual([['Dan'], ['Cleo'], ['Bo'], ['Ada']]);
    expect(await shop.rows('rank products by unit price')).toMatchObject([['Lamp'], [{}], ['Chair'], ['Desk']]);
  });

  it('takes the same word for a thing where it is one', async () => {
    expect(await shop.rows('order amount by status')).toEqual([
      ['shipped', '440.00'],
      ['pending', '250.00'],
      ['cancelled', '75.00'],
    ]);
  });

  it('passes what is called so by a column, or is divided all the same', () => {
    expect(shop.ask('average number of orders per customer')).toMatchObject({ kind: 'answer' });
    expect(shop.ask('total amount')).toMatchObject({ kind: 'answer' });
  });
});
