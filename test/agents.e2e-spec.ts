/** Agents one by one: what they can be told, what they do, and for whom. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount, type Problem } from './support/client.js';
import { newSource, SHOP, TRIPS } from './support/data.js';
import type { Page, Query } from './support/shapes.js';
import { Stored } from './support/stored.js';

interface Agent {
  id: number;
  name: string;
  type: string;
  config: Record<string, unknown>;
  is_active: boolean;
  is_built_in: boolean;
  version: number;
}

interface AgentRun {
  id: number;
  type: string;
  status: string;
  query_id: number | null;
  output: Record<string, unknown> | null;
  outdated: boolean;
  error: string | null;
  duration_ms: number | null;
}

describe('agents', () => {
  let ada: Account;
  let bob: Account;
  let admin: Account;
  let source: number;
  let stored: Stored;
  let builtIn: Map<string, Agent>;

  beforeAll(async () => {
    [ada, bob, admin] = [await newAccount(), await newAccount(), await newAccount()];
    stored = await Stored.open();
    await stored.rows(`INSERT INTO user_roles (user_id, role_id) SELECT $1, id FROM roles WHERE name = 'admin'`, [
      admin.id,
    ]);
    ({ id: source } = await newSource(ada.client, { ...SHOP, 'trips.csv': TRIPS }));
    const { body } = await ada.client.get<Page<Agent>>('/agents?limit=200');
    builtIn = new Map(body.items.filter((agent) => agent.is_built_in).map((agent) => [agent.type, agent]));
  });
  afterAll(() => stored.close());

  const run = (type: string, input: object, { client } = ada, query = '?wait=30') =>
    client.post<AgentRun & Problem>(`/agents/${builtIn.get(type)?.id}/runs${query}`, { input });
  const answered = async (question = 'Total amount by status'): Promise<number> => {
    const { body } = await ada.client.post<Query>('/queries', { data_source_id: source, question });
    expect(body.status).toBe('succeeded');
    return body.id;
  };
  const create = (request: object) =>
    admin.client.post<Agent & Problem>('/agents', { name: `A ${Math.random()}`, ...request });

  it('come with the installation, one of each type', () => {
    expect([...builtIn.keys()].toSorted()).toEqual([
      'insight',
      'retrieval',
      'sql',
      'text',
      'validation',
      'visualization',
    ]);
    expect(builtIn.get('validation')?.config).toEqual({ min_confidence: 0.6, min_rows: 1 });
  });

  it('can be made, configured, switched off and removed by who manages them, all of it in the audit trail', async () => {
    const { status, body } = await create({ type: 'visualization', config: { type: 'bar' } });
    expect([status, body.config, body.version]).toEqual([201, { type: 'bar' }, 1]);
    expect((await create({ type: 'insight' })).body.config).toEqual({ max_findings: 10 });
    const path = `/agents/${body.id}`;
    const changed = await admin.client.patch<Agent>(path, { config: { type: 'line' }, based_on: 1 });
    expect(changed.body).toMatchObject({ config: { type: 'line' }, version: 2 });
    expect((await admin.client.patch<Problem>(path, { config: {}, based_on: 1 })).body.code).toBe('conflict');
    expect((await admin.client.patch<Agent>(path, { config: { type: 'line' } })).body.version).toBe(2);
    await admin.client.patch(path, { is_active: false });
    const off = await ada.client.post<Problem>(`${path}/runs`, { input: { query_id: await answered() } });
    expect([off.status, off.body.code]).toEqual([409, 'conflict']);
    expect((await admin.client.delete(path)).status).toBe(204);
    expect((await ada.client.get<Problem>(path)).body.code).toBe('not_found');
    const trail = await stored.rows<{ action: string }>(
      `SELECT action FROM audit_trails WHERE object_type = 'agent' AND object_id = $1 ORDER BY id`,
      [body.id],
    );
    expect(trail.map(({ action }) => action)).toEqual([
      'agent.created',
      'agent.changed',
      'agent.changed',
      'agent.deleted',
    ]);
  });

  it.each<[string, object, string]>([
    ['validation', { min_confidence: 1.1 }, 'config.min_confidence'],
    ['validation', { min_rows: -1 }, 'config.min_rows'],
    ['insight', { max_findings: 51 }, 'config.max_findings'],
    ['retrieval', { limit: 0 }, 'config.limit'],
    ['visualization', { type: 'spiral' }, 'config.type'],
    ['sql', { max_rows: 1.5 }, 'config.max_rows'],
    ['text', { use_model: 'yes' }, 'config.use_model'],
    ['text', { prompt: 'Lie.' }, 'config'],
  ])('take no configuration that does not fit their type: %s %j', async (type, config, field) => {
    const { status, body } = await create({ type, config });
    expect([status, body.code, body.errors?.[0]?.field]).toEqual([422, 'validation_failed', field]);
  });

  it('keep their names apart, and those that came with the installation, or have run, stay', async () => {
    expect((await create({ name: 'SQL', type: 'sql' })).body.code).toBe('conflict');
    expect((await admin.client.delete<Problem>(`/agents/${builtIn.get('sql')?.id}`)).body.code).toBe('conflict');
    const { body } = await create({ type: 'insight', config: { max_findings: 1 } });
    await ada.client.post(`/agents/${body.id}/runs`, { input: { query_id: await answered() } });
    expect((await admin.client.delete<Problem>(`/agents/${body.id}`)).body.code).toBe('conflict');
    expect((await ada.client.post<Problem>('/agents', { name: 'mine', type: 'sql' })).body.code).toBe('forbidden');
  });

  it('answer questions, as rows with input, output and timing', async () => {
    const { status, headers, body } = await run('sql', { data_source_id: source, question: 'Total amount by status' });
    expect([status, body.status, headers.get('location')]).toEqual([201, 'succeeded', `/api/v1/agent-runs/${body.id}`]);
    expect(body.output).toMatchObject({ query_id: body.query_id, status: 'succeeded', origin: 'rule_based' });
    expect(body.duration_ms).toBeGreaterThanOrEqual(0);
    const query = await ada.client.get<Query>(`/queries/${body.query_id}`);
    expect(query.body.rows).toHaveLength(3);
    expect((await ada.client.get<AgentRun>(`/agent-runs/${body.id}`)).body.output).toEqual(body.output);
    const listed = await ada.client.get<Page<AgentRun>>(`/agents/${builtIn.get('sql')?.id}/runs`);
    expect(listed.body.items[0]?.id).toBe(body.id);
  });

  it('ask back where a question has several readings, and fail where it has none', async () => {
    const asked = await run('sql', { data_source_id: source, question: 'How many trips by price?' });
    expect(asked.body).toMatchObject({
      status: 'needs_answer',
      output: { clarification: { question: expect.any(String) } },
    });
    const failed = await run('sql', { data_source_id: source, question: 'What does the weather taste like?' });
    expect(failed.body).toMatchObject({ status: 'failed', error: expect.stringMatching(/\w+ \w+/) });
  });

  it('check, draw, search and describe a result', async () => {
    const query_id = await answered();
    const checked = (await run('validation', { query_id })).body.output as {
      ok: boolean;
      checks: { name: string; ok: boolean }[];
    };
    expect(checked.ok).toBe(true);
    expect(checked.checks.map(({ name }) => name)).toEqual([
      'confidence',
      'rows',
      'complete',
      'no_empty_columns',
      'current',
    ]);
    const { output: chart } = (await run('visualization', { query_id })).body;
    expect(chart).toMatchObject({ type: 'bar', path: `/api/v1/queries/${query_id}/chart?type=bar` });
    expect((await ada.client.get(String(chart?.['path']).replace('/api/v1', ''))).status).toBe(200);
    expect((await run('insight', { query_id })).body).toMatchObject({ status: 'succeeded', output: { query_id } });
    const { output: text } = (await run('text', { query_id })).body;
    expect(text).toMatchObject({ model: null, note: null, citations: [] });
    expect(text?.['text']).toMatch(/There are 3 rows; the first has /);
  });

  it('say what speaks against a result', async () => {
    const sql = 'SELECT NULL AS nothing, status FROM orders WHERE amount > 1e6';
    const { body: query } = await ada.client.post<Query>('/queries', { data_source_id: source, sql });
    const { output } = (await run('validation', { query_id: query.id })).body;
    expect(output).toMatchObject({
      ok: false,
      checks: expect.arrayContaining([expect.objectContaining({ name: 'rows', ok: false })]),
    });
    const failed = (
      await ada.client.post<Query>('/queries', {
        data_source_id: source,
        sql: 'SELECT CAST(status AS INTEGER) FROM orders',
      })
    ).body;
    expect((await run('validation', { query_id: failed.id })).body).toMatchObject({
      status: 'failed',
      error: 'The query has no result.',
    });
    expect((await run('text', { query_id: failed.id })).body.status).toBe('failed');
  });

  it('find passages of documents that the asker may see', async () => {
    const content = `Goods may be returned within 30 days ${Math.random()}.`;
    await ada.client.post('/rag/documents?wait=30', { title: 'Returns', content });
    const found = (await run('retrieval', { query: 'returned goods' })).body.output as { passages: object[] };
    expect(found.passages.length).toBeGreaterThan(0);
    const other = (await run('retrieval', { query: 'returned goods' }, bob)).body.output as { passages: object[] };
    expect(other.passages).toEqual([]);
  });

  it('do nothing for anybody about what is not theirs, nor more than a key may', async () => {
    const query_id = await answered();
    for (const type of ['validation', 'visualization', 'insight', 'text']) {
      expect([type, (await run(type, { query_id }, bob)).status]).toEqual([type, 404]);
    }
    expect((await run('sql', { data_source_id: source, question: 'How many orders?' }, bob)).status).toBe(404);
    const mine = (await run('insight', { query_id })).body.id;
    expect((await bob.client.get(`/agent-runs/${mine}`)).status).toBe(404);
    const key = await ada.client.post<{ key: string }>('/api-keys', { name: 'k', scopes: ['agents:run'] });
    const refused = await ada.client.fetch<Problem>(`/api/v1/agents/${builtIn.get('sql')?.id}/runs`, {
      method: 'POST',
      headers: { 'x-api-key': key.body.key, authorization: '', 'content-type': 'application/json' },
      body: JSON.stringify({ input: { data_source_id: source, question: 'How many orders?' } }),
    });
    expect([401, 403]).toContain(refused.status);
  });

  it.each<[string, object, string]>([
    ['sql', { data_source_id: 1 }, 'input.question'],
    ['sql', { data_source_id: 0, question: 'x' }, 'input.data_source_id'],
    ['sql', { data_source_id: 1, question: ' ' }, 'input.question'],
    ['insight', { query_id: '1' }, 'input.query_id'],
    ['retrieval', { query: '!?' }, 'input.query'],
    ['text', { query_id: 1, sql: 'SELECT 1' }, 'input'],
  ])('refuse tasks that do not fit: %s %j', async (type, input, field) => {
    const { status, body } = await run(type, input);
    expect([status, body.errors?.[0]?.field]).toEqual([422, field]);
  });

  it('do not give out what they came to when the asker may not see the rows any more', async () => {
    const { id } = await newSource(ada.client, SHOP);
    const { body: query } = await ada.client.post<Query>('/queries', {
      data_source_id: id,
      question: 'Total amount by status',
    });
    const { body } = await run('text', { query_id: query.id });
    expect(body.output?.['text']).toContain('3 rows');
    await ada.client.put(`/data-sources/${id}/rules`, {
      rules: [{ table: 'orders', predicate: "status = 'paid'", roles: [] }],
    });
    const later = await ada.client.get<AgentRun>(`/agent-runs/${body.id}`);
    expect(later.body).toMatchObject({ output: null, outdated: true });
    expect((await run('text', { query_id: query.id })).body.status).toBe('failed');
    const listed = await ada.client.get<Page<AgentRun>>(`/agents/${builtIn.get('text')?.id}/runs`);
    expect(listed.body.items.find((one) => one.id === body.id)).toMatchObject({ output: null, outdated: true });
    await ada.client.delete(`/queries/${query.id}`);
    expect((await ada.client.get<AgentRun>(`/agent-runs/${body.id}`)).body).toMatchObject({
      output: null,
      outdated: true,
    });
  });

  it('are asked once for one idempotency key', async () => {
    const path = `/agents/${builtIn.get('insight')?.id}/runs?wait=30`;
    const input = { query_id: await answered() };
    const headers = { 'idempotency-key': `agents-${Math.random()}` };
    const [first, again] = [
      await ada.client.post<AgentRun>(path, { input }, headers),
      await ada.client.post<AgentRun>(path, { input }, headers),
    ];
    expect(again.body.id).toBe(first.body.id);
  });
});
