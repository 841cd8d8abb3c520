import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount } from './support/client.js';
import { newSource, SHOP } from './support/data.js';
import type { Query } from './support/shapes.js';

describe('questions in other languages', () => {
  let ada: Account;
  let shop: number;

  beforeAll(async () => {
    ada = await newAccount();
    ({ id: shop } = await newSource(ada.client, SHOP));
  });

  const ask = async (question: string, more: object = {}): Promise<Query> =>
    (await ada.client.post<Query>('/queries', { data_source_id: shop, question, ...more })).body;

  it('are answered in German, and the receipt says how they were read', async () => {
    const { status, rows, receipt } = await ask('Wie viele Bestellungen wurden nach dem 31.12.2024 storniert?');
    expect([status, rows]).toEqual(['succeeded', [[1]]]);
    expect(receipt).toMatchObject({ language: 'de', read_as: 'how many orders were cancelled after 2024-12-31?' });
  });

  it('are answered in Vietnamese, with and without its marks', async () => {
    const marked = await ask('Tổng số tiền của mỗi khách hàng');
    expect(marked.receipt?.language).toBe('vi');
    expect(new Map(marked.rows as [string, number][]).get('Emmy Noether')).toBe(300);
    expect((await ask('tong so tien cua moi khach hang')).rows).toEqual(marked.rows);
  });

  it('go on from one another', async () => {
    const first = await ask('Wie viele Bestellungen gibt es pro Status?');
    const next = await ask('nur Deutschland', { previous_query_id: first.id });
    expect(next.status).toBe('succeeded');
    expect(new Map(next.rows as [string, number][])).toEqual(
      new Map([
        ['paid', 1],
        ['shipped', 1],
      ]),
    );
  });

  it('are read in the language of the person where the words leave it open', async () => {
    const { id: previous } = await ask('How many orders per status?');
    const open = (): Promise<Query> => ask('nur paid', { previous_query_id: previous });
    expect((await open()).status).toBe('unanswerable');
    await ada.client.patch(`/users/${ada.id}`, { locale: 'de-AT' });
    const { status, rows, receipt } = await open();
    expect([status, rows]).toEqual(['succeeded', [['paid', expect.any(Number)]]]);
    expect(receipt).toMatchObject({ language: 'de', read_as: 'only paid' });
    await ada.client.patch(`/users/${ada.id}`, { locale: 'en-GB' });
  });

  it('are not answered when the data does not hold what they ask for, and say so in their own words', async () => {
    const { status, error } = await ask('Wie viele Mitarbeiter gibt es?');
    expect(status).toBe('unanswerable');
    expect(error?.detail).toContain('“Mitarbeiter”');
  });

  it('leave questions in English as they are', async () => {
    const { receipt } = await ask('How many orders per status?');
    expect(receipt).toMatchObject({ language: 'en', read_as: null });
  });
});
