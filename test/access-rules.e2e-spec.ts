import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount, type Problem, type UploadedSource } from './support/client.js';
import { newSource } from './support/data.js';
import type { Page, Query, Rows, Schema } from './support/shapes.js';

interface Rule {
  table: string;
  predicate?: string;
  column?: string;
  mask?: string;
  roles: string[];
}

const PEOPLE = `id,region,email,salary
1,EU,ada@example.com,100
2,US,bob@example.org,200
3,EU,eve@example.com,300
4,US,"SECRET value",400
`;

describe('access rules', () => {
  let ada: Account;
  let source: UploadedSource;

  beforeAll(async () => {
    // The first account of all would be an administrator.
    await newAccount();
    ada = await newAccount();
    source = await newSource(ada.client, { 'people.csv': PEOPLE });
  });

  const setRules = (rules: Rule[]) =>
    ada.client.put<{ rules: Rule[] } & Problem>(`/data-sources/${source.id}/rules`, { rules });
  const runSql = async (sql: string): Promise<Query> =>
    (await ada.client.post<Query>('/queries', { data_source_id: source.id, sql })).body;
  const rowRule: Rule = { table: 'people', predicate: `region = 'EU'`, roles: ['analyst'] };
  const mask = (column: string, how: string, roles = ['analyst']): Rule => ({
    table: 'people',
    column,
    mask: how,
    roles,
  });

  it('leave everything as it is while there are none', async () => {
    const { body } = await ada.client.get<{ rules: Rule[] }>(`/data-sources/${source.id}/rules`);
    expect(body).toEqual({ rules: [] });
    expect((await runSql('SELECT count(*) FROM people')).rows).toEqual([[4]]);
  });

  it('hold for questions, SQL, previews and files alike, from the moment they are set', async () => {
    const { status, body } = await setRules([rowRule, mask('email', 'partial'), mask('salary', 'hide')]);
    expect(status).toBe(200);
    expect(body.rules).toEqual([
      { table: 'people', predicate: `(region = 'EU')`, roles: ['analyst'] },
      mask('email', 'partial'),
      mask('salary', 'hide'),
    ]);
    const visible = [
      [1, 'EU', 'a***@example.com', null],
      [3, 'EU', 'e***@example.com', null],
    ];
    const bySql = await runSql('SELECT * FROM people ORDER BY id');
    expect(bySql.rows).toEqual(visible);
    expect(bySql.receipt?.rules_applied).toEqual([
      'Only some rows of people can be seen.',
      'email of people is masked.',
      'salary of people is masked.',
    ]);
    const { body: asked } = await ada.client.post<Query>('/queries', {
      data_source_id: source.id,
      question: 'How many people are there?',
    });
    expect(asked.rows).toEqual([[2]]);
    const preview = await ada.client.get<Rows>(`/data-sources/${source.id}/tables/people/preview`);
    expect(preview.body.rows).toEqual(visible);
    const csv = await ada.client.get<string>(`/queries/${bySql.id}/result?format=csv`);
    expect(csv.body).not.toMatch(/SECRET|bob|US|400/);
  });

  it('take samples and ranges out of the schema that would show what they hide', async () => {
    await setRules([]);
    const open = await ada.client.get<Schema>(`/data-sources/${source.id}/schema`);
    expect(JSON.stringify(open.body)).toContain('SECRET');
    await setRules([rowRule]);
    const restricted = await ada.client.get<Schema>(`/data-sources/${source.id}/schema`);
    expect(JSON.stringify(restricted.body)).not.toMatch(/SECRET|bob|400/);
    await setRules([mask('email', 'hash')]);
    const masked = await ada.client.get<Schema>(`/data-sources/${source.id}/schema`);
    expect(JSON.stringify(masked.body)).not.toMatch(/SECRET|bob/);
    expect(JSON.stringify(masked.body)).toContain('400');
  });

  it('do not let it be told how many rows they keep back', async () => {
    const counts = async (): Promise<unknown[]> => {
      const path = `/data-sources/${source.id}`;
      const one = await ada.client.get<UploadedSource>(path);
      const list = await ada.client.get<Page<UploadedSource>>('/data-sources');
      const schema = await ada.client.get<Schema>(`${path}/schema`);
      const preview = await ada.client.get<Rows>(`${path}/tables/people/preview?limit=2`);
      const { row_count: ofPreview, next_cursor: next } = preview.body;
      const after = next === null ? null : await ada.client.get<Rows>(`${path}/tables/people/preview?cursor=${next}`);
      const of = list.body.items.find(({ id }) => id === source.id);
      const shown = preview.body.rows.length + (after?.body.rows.length ?? 0);
      return [one.body.row_count, of?.row_count, schema.body.tables[0]?.row_count, ofPreview, shown];
    };
    await setRules([mask('email', 'hide')]);
    expect(await counts()).toEqual([4, 4, 4, 4, 4]);
    await setRules([rowRule]);
    expect(await counts()).toEqual([null, null, null, null, 2]);
    await setRules([{ ...rowRule, roles: ['viewer'] }]);
    expect(await counts()).toEqual([4, 4, 4, 4, 4]);
  });

  it('hold for people of the roles that they name, and for everybody when they name none', async () => {
    await setRules([{ ...rowRule, roles: ['viewer'] }, mask('salary', 'hide', [])]);
    expect((await runSql('SELECT count(*), count(salary) FROM people')).rows).toEqual([[4, 0]]);
    await setRules([rowRule, { ...rowRule, predicate: 'salary < 200', roles: [] }]);
    expect((await runSql('SELECT id FROM people')).rows).toEqual([[1]]);
  });

  it('let the stricter of two masks hold', async () => {
    await setRules([mask('email', 'hide'), mask('email', 'partial')]);
    expect((await runSql('SELECT count(email) FROM people')).rows).toEqual([[0]]);
  });

  it('give equal values equal fingerprints, which tell nothing else', async () => {
    await setRules([mask('region', 'hash')]);
    const { rows } = await runSql('SELECT region, count(*) FROM people GROUP BY region');
    expect(rows.map(([, count]) => count)).toEqual([2, 2]);
    for (const [region] of rows) expect(region).toMatch(/^[\da-f]{64}$/);
  });

  it('show no plan, which would show the rule', async () => {
    await setRules([rowRule]);
    expect((await runSql('EXPLAIN SELECT id FROM people')) as unknown as Problem).toMatchObject({
      status: 422,
      code: 'sql_construct_not_allowed',
    });
  });

  it('are refused as a whole when one of them is wrong, and each wrong one is named', async () => {
    await setRules([rowRule]);
    const { status, body } = await setRules([
      rowRule,
      { ...rowRule, table: 'nothing' },
      { ...rowRule, predicate: 'id IN (SELECT id FROM people)' },
      { ...rowRule, predicate: '1 = 1) UNION SELECT (1' },
      { ...rowRule, roles: ['analyst', 'no such role'] },
      mask('nothing', 'hide'),
      mask('email', 'blur'),
      { table: 'people', roles: [] },
      { ...rowRule, column: 'email', mask: 'hide' },
    ]);
    expect(status).toBe(422);
    const fields = new Set(body.errors?.map(({ field }) => field));
    expect(fields.size).toBeGreaterThan(0);
    expect((await runSql('SELECT count(*) FROM people')).rows).toEqual([[2]]);
    const onlyNames = await setRules([
      { ...rowRule, table: 'nothing' },
      mask('nothing', 'hide'),
      { ...rowRule, roles: ['x'] },
    ]);
    expect(onlyNames.body.errors?.map(({ field }) => field)).toEqual([
      'rules[0].table',
      'rules[1].column',
      'rules[2].roles',
    ]);
  });

  it('are nobody else’s business', async () => {
    const stranger = await newAccount();
    expect((await stranger.client.get(`/data-sources/${source.id}/rules`)).status).toBe(404);
    expect((await stranger.client.put(`/data-sources/${source.id}/rules`, { rules: [] })).status).toBe(404);
  });
});
