import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDuckDbGuard, type DuckDbGuard } from './guard.js';

const table = { name: 'orders', columns: ['id', 'region', 'email', 'amount', 'tags'] };

let guard: DuckDbGuard;

beforeAll(async () => {
  guard = await createDuckDbGuard();
});

afterAll(() => guard.close());

describe('the condition of a row rule', () => {
  it.each([
    [`region = 'EU'`, `(region = 'EU')`],
    [
      `lower(region) IN ('eu', 'us') AND amount > 5 -- only large ones`,
      `((lower(region) IN ('eu', 'us')) AND (amount > 5))`,
    ],
    [`orders.region IS NOT NULL`, `(orders.region IS NOT NULL)`],
    [`Region = 'EU'`, `(Region = 'EU')`],
  ])('is printed from its tree: %s', async (predicate, printed) => {
    expect(await guard.checkPredicate(predicate, table)).toBe(printed);
  });

  it.each([
    ['a second statement', `true; DROP TABLE orders`, 'sql_'],
    ['a way out of the brackets', `1 = 1) UNION SELECT (1`, 'sql_construct_not_allowed'],
    ['a clause behind it', `amount > 1) ORDER BY (id`, 'sql_construct_not_allowed'],
    ['a group', `true) GROUP BY (region`, 'sql_construct_not_allowed'],
    ['a limit', `true) LIMIT (1`, 'sql_construct_not_allowed'],
    ['a comment that swallows the end', `region = 'EU') --`, 'sql_invalid'],
    ['a comment that is never closed', `region = 'EU' /*`, 'sql_invalid'],
    ['a sub-query', `id IN (SELECT id FROM orders)`, 'sql_construct_not_allowed'],
    ['another table', `EXISTS (FROM secrets)`, 'sql_construct_not_allowed'],
    ['an aggregate', `sum(amount) > 1`, 'sql_construct_not_allowed'],
    ['a window', `row_number() OVER () = 1`, 'sql_construct_not_allowed'],
    ['a column that is not there', `secret = 1`, 'sql_construct_not_allowed'],
    ['a column of something else', `other.id = 1`, 'sql_construct_not_allowed'],
    ['chance', `random() < 0.5`, 'sql_construct_not_allowed'],
    ['several rows of one', `unnest(tags) = 'a'`, 'sql_construct_not_allowed'],
    ['a star', `COLUMNS('.*') = 1`, 'sql_construct_not_allowed'],
    ['a file', `(SELECT count(*) FROM read_text('/etc/passwd')) > 0`, 'sql_'],
    ['a function that is not allowed', `getenv('HOME') = 'x'`, 'sql_function_not_allowed'],
    ['who is connected', `current_user = 'x'`, 'sql_construct_not_allowed'],
    ['a parameter', `region = $1`, 'sql_construct_not_allowed'],
    ['nothing', ``, 'sql_invalid'],
  ])('cannot hold %s', async (_what, predicate, code) => {
    await expect(guard.checkPredicate(predicate, table)).rejects.toMatchObject({
      code: expect.stringContaining(code),
    });
  });
});

describe('a statement under rules', () => {
  const restricted = { ...table, rowRules: [`(region = 'EU')`], masks: { email: 'hash' as const } };

  it('says which rules hold for what it reads', async () => {
    const { rules } = await guard.check('SELECT count(*) FROM orders o JOIN orders p USING (id)', {
      tables: [restricted, { name: 'free', columns: ['id'], masks: { id: 'hide' } }],
    });
    expect(rules).toEqual([
      { table: 'orders', kind: 'row' },
      { table: 'orders', kind: 'mask', column: 'email' },
    ]);
  });

  it('has no plan to look at, which would show the rules', async () => {
    const scope = { tables: [restricted, { name: 'free', columns: ['id'] }] };
    await expect(guard.check('EXPLAIN SELECT id FROM orders', scope)).rejects.toMatchObject({
      code: 'sql_construct_not_allowed',
    });
    expect((await guard.check('EXPLAIN SELECT id FROM free', scope)).rules).toEqual([]);
  });
});
