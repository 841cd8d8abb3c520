/** The Model Context Protocol, spoken by the client of its own SDK: the same data, rules, limits and audit trail as the REST API. */
import { Client as McpClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, type Client, newAccount, type Problem, serverUrl } from './support/client.js';
import { newSource, SHOP, TRIPS } from './support/data.js';
import type { ApiKey } from './support/shapes.js';
import { Stored } from './support/stored.js';

interface Outcome {
  isError: boolean;
  /** What the tool gave, as a program gets it. */
  given: Record<string, unknown>;
}

const NAMES = [
  'answer_clarification',
  'ask_question',
  'describe_data_source',
  'get_result',
  'list_data_sources',
  'run_sql',
  'search_documents',
];

describe('an assistant over MCP', () => {
  let ada: Account;
  let shop: number;
  let stored: Stored;
  let keyId: number;
  let assistant: McpClient;
  const clients: McpClient[] = [];

  beforeAll(async () => {
    ada = await newAccount();
    ({ id: shop } = await newSource(ada.client, SHOP, { name: 'Shop 🛒' }));
    stored = await Stored.open();
    const { id, key } = await newKey(ada.client);
    keyId = id;
    assistant = await connect({ 'x-api-key': key });
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await stored.close();
  });

  const newKey = async (client: Client, more: object = {}): Promise<ApiKey & { key: string }> => {
    const { status, body } = await client.post<ApiKey & { key: string }>('/api-keys', {
      name: 'Agent',
      scopes: ['*'],
      ...more,
    });
    if (status !== 201) throw new Error(JSON.stringify(body));
    return body;
  };
  const connect = async (headers: Record<string, string>): Promise<McpClient> => {
    const client = new McpClient({ name: 'test', version: '1' });
    const transport = new StreamableHTTPClientTransport(new URL(`${serverUrl()}/mcp`), { requestInit: { headers } });
    await client.connect(transport);
    clients.push(client);
    return client;
  };
  const use = async (name: string, given: Record<string, unknown> = {}, client = assistant): Promise<Outcome> => {
    const { isError = false, structuredContent, content } = await client.callTool({ name, arguments: given });
    const [first] = content as { type: string; text: string }[];
    // Clients that know nothing of structure get the same as text.
    if (structuredContent !== undefined) expect(JSON.parse(first?.text ?? '')).toEqual(structuredContent);
    const told = structuredContent ?? { text: first?.text };
    return { isError: isError === true, given: told as Record<string, unknown> };
  };
  const post = (message: unknown, headers: Record<string, string> = {}): Promise<Response> =>
    ada.client.raw('/mcp', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
      body: typeof message === 'string' ? message : JSON.stringify(message),
    });

  it('is told what it can do, and how', async () => {
    expect(assistant.getServerVersion()?.name).toBe('lumiere');
    expect(assistant.getInstructions()).toContain('List the data sources');
    const { tools } = await assistant.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual(NAMES);
    for (const { description, inputSchema, annotations } of tools) {
      expect(description).toMatch(/\w.+\./);
      expect(inputSchema.type).toBe('object');
      expect(annotations?.openWorldHint).toBe(false);
    }
    await assistant.ping();
  });

  it('finds the data, describes it, and asks', async () => {
    const list = await use('list_data_sources');
    expect(list.given).toMatchObject({ items: [{ id: shop, name: 'Shop 🛒', tables_count: 2 }], next_cursor: null });
    const described = await use('describe_data_source', { data_source_id: shop, table: 'orders' });
    expect(described.given).toMatchObject({
      tables: [
        {
          name: 'orders',
          row_count: 7,
          columns: expect.arrayContaining([expect.objectContaining({ name: 'amount' })]),
        },
      ],
    });
    const asked = await use('ask_question', { data_source_id: shop, question: 'How many orders in 2024?' });
    expect(asked.given).toMatchObject({ status: 'succeeded', rows: [[1]], reading: expect.any(String), next: null });
    const { query_id: previous } = asked.given;
    const next = await use('ask_question', {
      data_source_id: shop,
      question: 'and in 2025?',
      previous_query_id: previous,
    });
    expect(next.given['rows']).toEqual([[6]]);
  });

  it('pages through schemas and results', async () => {
    const first = await use('describe_data_source', { data_source_id: shop, limit: 1 });
    const second = await use('describe_data_source', {
      data_source_id: shop,
      limit: 1,
      cursor: first.given['next_cursor'],
    });
    const names = [first, second].map(({ given }) => (given['tables'] as { name: string }[]).map(({ name }) => name));
    expect(names.flat().sort()).toEqual(['customers', 'orders']);
    const { given } = await use('run_sql', {
      data_source_id: shop,
      sql: 'SELECT order_id FROM orders ORDER BY order_id',
    });
    const page = await use('get_result', { query_id: given['query_id'], limit: 4 });
    expect(page.given['rows']).toEqual([[1], [2], [3], [4]]);
    const rest = await use('get_result', { query_id: given['query_id'], limit: 4, cursor: page.given['next_cursor'] });
    expect(rest.given).toMatchObject({ rows: [[5], [6], [7]], next_cursor: null });
    const short = await use('run_sql', { data_source_id: shop, sql: 'SELECT order_id FROM orders', max_rows: 2 });
    expect(short.given).toMatchObject({ row_count: 2, truncated: true });
  });

  it('is asked back, and answers', async () => {
    const { id } = await newSource(ada.client, { 'trips.csv': TRIPS }, { name: 'Trips' });
    const { given } = await use('ask_question', { data_source_id: id, question: 'How many trips by price?' });
    expect(given).toMatchObject({
      status: 'needs_clarification',
      next: expect.stringContaining('answer_clarification'),
    });
    const { options } = given['clarification'] as { options: { value: string }[] };
    const answer = { query_id: given['query_id'], option: options[0]?.value };
    expect((await use('answer_clarification', answer)).given).toMatchObject({
      status: 'succeeded',
      query_id: given['query_id'],
    });
    const again = await use('answer_clarification', answer);
    expect(again).toMatchObject({ isError: true, given: { code: 'clarification_not_open' } });
  });

  it('is told the reason when the data cannot answer', async () => {
    const { isError, given } = await use('ask_question', {
      data_source_id: shop,
      question: 'What is the weather in Tokyo?',
    });
    expect(isError).toBe(false);
    expect(given).toMatchObject({
      status: 'unanswerable',
      error: { detail: expect.any(String) },
      next: expect.stringContaining('make up'),
    });
  });

  it('searches documents', async () => {
    const { body } = await ada.client.post<{ id: number }>('/rag/documents?wait=30', {
      title: 'Returns',
      content: 'Goods may be returned within 30 days.',
    });
    const { given } = await use('search_documents', { query: 'returned goods' });
    expect(given).toMatchObject({ items: [{ document_id: body.id, title: 'Returns', start: 0 }] });
  });

  it('gets errors with a code and what to do', async () => {
    const other = await newAccount();
    const { id: foreign } = await newSource(other.client, SHOP);
    const errors: [string, Record<string, unknown>, string][] = [
      ['run_sql', { data_source_id: shop, sql: 'DROP TABLE orders' }, 'sql_not_read_only'],
      ['run_sql', { data_source_id: shop, sql: "SELECT * FROM read_csv('/etc/passwd')" }, 'sql_function_not_allowed'],
      ['run_sql', { data_source_id: shop, sql: 'SELECT 1; SELECT 2' }, 'sql_multiple_statements'],
      ['run_sql', { data_source_id: foreign, sql: 'SELECT 1' }, 'not_found'],
      ['ask_question', { data_source_id: foreign, question: 'How many orders?' }, 'not_found'],
      ['describe_data_source', { data_source_id: foreign }, 'not_found'],
      ['describe_data_source', { data_source_id: shop, table: 'nothing' }, 'not_found'],
      ['describe_data_source', { data_source_id: shop, cursor: 'nonsense' }, 'validation_failed'],
      ['get_result', { query_id: 2_000_000_000 }, 'not_found'],
      ['answer_clarification', { query_id: 2_000_000_000, option: 'x' }, 'not_found'],
    ];
    for (const [name, given, code] of errors) {
      const outcome = await use(name, given);
      expect([name, outcome]).toMatchObject([
        name,
        { isError: true, given: { code, detail: expect.stringMatching(/\.$/) } },
      ]);
    }
  });

  it('is told which argument is wrong, at the limits too', async () => {
    const wrong: [string, Record<string, unknown>][] = [
      ['ask_question', { question: 'How many?' }],
      ['ask_question', { data_source_id: shop, question: 'x'.repeat(10_001) }],
      ['ask_question', { data_source_id: shop, question: '' }],
      ['ask_question', { data_source_id: 'one', question: 'How many?' }],
      ['run_sql', { data_source_id: shop, sql: 'x'.repeat(100_001) }],
      ['get_result', { query_id: 1, limit: 201 }],
      ['search_documents', { query: '???' }],
      ['nothing_like_it', {}],
    ];
    for (const [name, given] of wrong) {
      expect([name, await use(name, given)]).toMatchObject([
        name,
        { isError: true, given: { text: expect.any(String) } },
      ]);
    }
  });

  it('sees and may do no more than its key', async () => {
    const { id: trips } = await newSource(ada.client, { 'trips.csv': TRIPS }, { name: 'More trips' });
    const forTrips = await newKey(ada.client, { data_source_ids: [trips] });
    const limited = await connect({ 'x-api-key': forTrips.key });
    expect((await use('list_data_sources', {}, limited)).given).toMatchObject({ items: [{ id: trips }] });
    expect(await use('run_sql', { data_source_id: shop, sql: 'SELECT 1' }, limited)).toMatchObject({
      given: { code: 'not_found' },
    });

    const reader = await connect({
      'x-api-key': (await newKey(ada.client, { scopes: ['mcp:use', 'data_sources:read'] })).key,
    });
    expect((await reader.listTools()).tools.map(({ name }) => name)).toEqual([
      'list_data_sources',
      'describe_data_source',
    ]);
    for (const name of ['run_sql', 'ask_question', 'get_result', 'search_documents', 'answer_clarification']) {
      const given = {
        data_source_id: shop,
        sql: 'SELECT 1',
        question: 'How many?',
        query_id: 1,
        query: 'x',
        option: 'x',
      };
      expect([name, await use(name, given, reader)]).toMatchObject([name, { isError: true }]);
    }
    const none = await newKey(ada.client, { scopes: ['queries:read'] });
    await expect(connect({ 'x-api-key': none.key })).rejects.toThrow(/mcp:use/);
    await expect(connect({ 'x-api-key': 'nonsense' })).rejects.toThrow();
    await expect(connect({})).rejects.toThrow();
  });

  it('is held to the row rules of its owner', async () => {
    const { id } = await newSource(ada.client, SHOP, { name: 'Ruled' });
    const rules = [{ table: 'orders', predicate: "status = 'paid'", roles: ['analyst', 'admin'] }];
    expect((await ada.client.put(`/data-sources/${id}/rules`, { rules })).status).toBe(200);
    const { given } = await use('run_sql', { data_source_id: id, sql: 'SELECT count(*) FROM orders' });
    expect(given).toMatchObject({ rows: [[4]], rules_applied: [expect.stringContaining('orders')] });
  });

  it('is in the audit trail, as what it is', async () => {
    const { given } = await use('run_sql', { data_source_id: shop, sql: 'SELECT 42 AS answer' });
    const rows = await stored.rows(
      `SELECT actor, user_id, api_key_id, action FROM audit_trails WHERE object_type = 'query' AND object_id = $1 ORDER BY id`,
      [given['query_id']],
    );
    expect(rows[0]).toEqual({ actor: 'mcp', user_id: ada.id, api_key_id: keyId, action: 'query.asked' });
    expect(new Set(rows.map(({ actor }) => actor as string))).toEqual(new Set(['mcp']));
  });

  it('may be a person who signed in', async () => {
    const signedIn = await connect({ authorization: `Bearer ${ada.client.token ?? ''}` });
    expect((await use('list_data_sources', {}, signedIn)).isError).toBe(false);
  });

  describe('in raw HTTP', () => {
    const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

    it('needs no session, so that any process can answer', async () => {
      const response = await post(LIST);
      expect([response.status, response.headers.get('mcp-session-id')]).toEqual([200, null]);
      expect(await response.json()).toMatchObject({ jsonrpc: '2.0', id: 1, result: { tools: expect.any(Array) } });
      for (const method of ['GET', 'DELETE']) {
        const refused = await ada.client.raw('/mcp', { method });
        expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'POST']);
      }
      expect((await post({ jsonrpc: '2.0', method: 'notifications/initialized' })).status).toBe(202);
    });

    it('refuses who cannot prove who they are, before anything is read', async () => {
      const response = await fetch(`${serverUrl()}/mcp`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(LIST),
      });
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    });

    it('is closed to pages of other origins, whatever name leads here', async () => {
      for (const origin of [
        'https://evil.example',
        `http://evil.example:${new URL(serverUrl()).port}`,
        'null',
        'http://localhost.evil.example',
      ]) {
        const response = await post(LIST, { origin });
        expect([origin, response.status, ((await response.json()) as Problem).code]).toEqual([
          origin,
          403,
          'forbidden',
        ]);
      }
      for (const origin of ['http://localhost:6274', 'http://127.0.0.1:3000']) {
        expect((await post(LIST, { origin })).status).toBe(200);
      }
    });

    it('takes one message at a time, of a bounded size', async () => {
      expect((await post([LIST, LIST])).status).toBe(400);
      expect((await post('{')).status).toBe(400);
      expect((await post({ jsonrpc: '1.0', id: 1, method: 'tools/list' })).status).toBe(400);
      expect((await post({ ...LIST, method: 'nothing' })).status).toBe(200);
      const large = {
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'run_sql', arguments: { sql: 'x'.repeat(1_100_000) } },
      };
      expect((await post(large)).status).toBe(413);
      const unstorable = {
        ...large,
        params: { name: 'ask_question', arguments: { data_source_id: shop, question: 'How\0many?' } },
      };
      expect((await post(unstorable)).status).toBe(422);
      expect((await post(LIST, { 'mcp-protocol-version': '1999-01-01' })).status).toBe(400);
      expect((await post(LIST, { accept: '*/*' })).status).toBe(200);
    });
  });
});
