/** The words of the business: whose they are, and what they do to questions. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount, type Problem } from './support/client.js';
import { newSource, SHOP } from './support/data.js';
import type { Page, Query } from './support/shapes.js';
import { Stored } from './support/stored.js';

interface Term {
  id: number;
  data_source_id: number | null;
  term: string;
  formula: string | null;
  examples: string[];
}

describe('the business glossary', () => {
  let ada: Account;
  let shop: number;
  let stored: Stored;

  beforeAll(async () => {
    ada = await newAccount();
    ({ id: shop } = await newSource(ada.client, SHOP));
    stored = await Stored.open();
  });
  afterAll(() => stored.close());

  const create = (body: object) => ada.client.post<Term & Problem>('/business-glossary', body);
  const ask = async (question: string): Promise<Query> =>
    (await ada.client.post<Query>('/queries', { data_source_id: shop, question })).body;

  it('works out a term by its formula, in the next question and until it changes', async () => {
    const question = 'What is the basket worth?';
    expect((await ask(question)).status).not.toBe('succeeded');
    const formula = 'SUM(amount) / COUNT(DISTINCT order_id)';
    const made = await create({ term: 'basket worth', definition: 'Per order.', formula, data_source_id: shop });
    expect([made.status, made.body]).toEqual([201, expect.objectContaining({ formula, data_source_id: shop })]);
    const answer = await ask(question);
    expect([answer.status, answer.rows]).toEqual(['succeeded', [[100]]]);
    expect(answer.receipt?.glossary_terms).toEqual(['basket worth']);
    const path = `/business-glossary/${made.body.id}`;
    await ada.client.patch(path, { formula: 'MAX(amount)' });
    expect((await ask(question)).rows).toEqual([[250]]);
    expect((await ada.client.delete(path)).status).toBe(204);
    expect((await ask(question)).status).not.toBe('succeeded');
    const trail = await stored.rows<{ action: string }>(
      `SELECT action FROM audit_trails WHERE object_type = 'glossary_term' AND object_id = $1 ORDER BY id`,
      [made.body.id],
    );
    expect(trail.map(({ action }) => action.split('.')[1])).toEqual(['created', 'updated', 'deleted']);
  });

  it('has one meaning of a word for a source, whatever its case', async () => {
    const first = await create({
      term: 'Churn',
      definition: 'Who leaves.',
      data_source_id: shop,
      examples: ['churned'],
    });
    const again = await create({ term: 'CHURN', definition: 'Another.', data_source_id: shop });
    expect([again.status, again.body.code]).toEqual([409, 'conflict']);
    const { body } = await ada.client.get<Page<Term>>(`/business-glossary?data_source_id=${shop}&include_total=true`);
    expect([body.items.map(({ id }) => id), body.total]).toEqual([[first.body.id], 1]);
    expect((await ada.client.get<Term>(`/business-glossary/${first.body.id}`)).body.examples).toEqual(['churned']);
  });

  it('is for everybody to read and for administrators to change where it is the installation’s', async () => {
    const admin = await newAccount();
    await stored.rows(`INSERT INTO user_roles (user_id, role_id) SELECT $1, id FROM roles WHERE name = 'admin'`, [
      admin.id,
    ]);
    const refused = await create({ term: 'revenue', definition: 'What comes in.' });
    expect([refused.status, refused.body.code]).toEqual([403, 'forbidden']);
    const term = `revenue ${admin.username}`;
    const { body } = await admin.client.post<Term>('/business-glossary', { term, definition: 'What comes in.' });
    expect((await ada.client.get<Term>(`/business-glossary/${body.id}`)).body).toMatchObject({ term });
    for (const { status } of [
      await ada.client.patch(`/business-glossary/${body.id}`, { definition: 'Nothing.' }),
      await ada.client.delete(`/business-glossary/${body.id}`),
    ]) {
      expect(status).toBe(403);
    }
    expect((await admin.client.delete(`/business-glossary/${body.id}`)).status).toBe(204);
  });
});
