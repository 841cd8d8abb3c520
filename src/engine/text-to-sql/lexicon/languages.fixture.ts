/** Questions of other languages with the statements whose rows are right, for the tests of languages. */
import { expect, it } from '@jest/globals';
import type { Shop } from '../shop.fixture.js';

export const REVENUE = 'sum(quantity * unit_price * (1 - discount))';
const LINES = 'order_items i JOIN orders o ON i.order_id = o.id';
/** Lines of orders with their order, of the bicycle shop. */
export const SOLD = `FROM ${LINES}`;
export const SOLD_TO = `FROM ${LINES} JOIN customers c ON o.customer_id = c.id`;

/** A number as a number, however the database prints it; amounts to the tenth of a cent. */
const plain = (value: unknown): unknown =>
  typeof value === 'number' || (typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value))
    ? Math.round(Number(value) * 1000) / 1000
    : value;

const sorted = (rows: unknown[][]): string[] => rows.map((row) => JSON.stringify(row.map(plain))).toSorted();

/** Every question is answered by the rows of the statement beside it, in any order. */
export function answers(
  shop: () => Promise<Shop>,
  language: string,
  questions: readonly (readonly [string, string])[],
): void {
  it.each(questions)('%s', async (question, sql) => {
    const opened = await shop();
    expect(opened.ask(question)).toMatchObject({ kind: 'answer', language });
    const wanted = await opened.run(sql);
    expect(wanted.length).toBeGreaterThan(0);
    expect(sorted(await opened.rows(question))).toEqual(sorted(wanted));
  });
}

/** No question is answered, and the reason says which words are meant, as they were said. */
export function withheld(shop: () => Promise<Shop>, questions: readonly (readonly [string, string])[]): void {
  it.each(questions)('%s is not answered', async (question, named) => {
    const outcome = (await shop()).ask(question);
    expect(outcome.kind).toBe('unanswerable');
    expect(outcome).toMatchObject({ reason: expect.stringContaining(named) as unknown });
  });
}
