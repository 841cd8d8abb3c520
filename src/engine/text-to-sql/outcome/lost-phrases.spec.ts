import { beforeAll, describe, expect, it } from '@jest/globals';
import { openShop, type Shop } from '../shop.fixture.js';

describe('phrases that the query does not carry out', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });

  it.each([
    ['average number of orders', 'average number of'],
    ['which year had the highest amount', 'year'],
    ['customers who joined in 2023 but not in 2024', 'not'],
    ['customers by name', 'by'],
  ])('withholds the answer to “%s” and names “%s”', (question, phrase) => {
    expect(shop.ask(question)).toMatchObject({
      kind: 'unanswerable',
      reason: expect.stringContaining(`“${phrase}”`),
    });
  });

  it('withholds the answer when a pattern is asked for and no text follows', () => {
    expect(shop.ask('customers whose name starts with')).not.toMatchObject({ kind: 'answer' });
  });

  it.each(['starts with', 'starting with', 'begins with'])(
    'reads the capital letter behind “%s” as a text',
    async (cue) => {
      expect(await shop.rows(`customers whose name ${cue} A`)).toEqual([['Ada']]);
    },
  );

  it('answers when the limit, the unit of time and the group are in the query', async () => {
    expect(await shop.rows('top 3 products by price')).toHaveLength(3);
    expect(await shop.rows('which month had the most orders')).toEqual([['2024-02-01 00:00:00']]);
    expect(await shop.rows('latest order of each customer')).toHaveLength(3);
    expect(await shop.rows('last order of each customer')).toHaveLength(3);
    expect(await shop.rows('Which 2 customers have the most orders?')).toHaveLength(2);
  });

  it('leaves out who did it again where a deed is denied for another time', async () => {
    expect(await shop.rows('customers who ordered in 2023 but not in 2024')).toEqual([['Cleo']]);
  });

  it('counts the groups within a bound, not the rows', async () => {
    expect(await shop.rows('How many countries have more than 1 customers?')).toEqual([['1']]);
    expect(await shop.rows('How many countries have more than 7 customers?')).toEqual([['0']]);
  });

  it('lists rows in an order that is asked for as such', () => {
    expect(shop.ask('orders sorted by status')).toMatchObject({ kind: 'answer' });
  });
});
