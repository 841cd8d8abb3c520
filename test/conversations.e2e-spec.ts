/** Talking about data: follow-ups, what is asked back, what is kept in mind, branches, and what is left when it is deleted. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, Client, newAccount, type Problem, serverUrl } from './support/client.js';
import { newSource, SHOP, TRIPS } from './support/data.js';
import type { ApiKey, Page, Query } from './support/shapes.js';
import { Stored } from './support/stored.js';
import { type Conversation, type Memory, type Message, Talk } from './support/talk.js';

describe('a conversation', () => {
  let ada: Account;
  let shop: number;
  let stored: Stored;

  beforeAll(async () => {
    ada = await newAccount();
    ({ id: shop } = await newSource(ada.client, SHOP, { name: 'Shop' }));
    stored = await Stored.open();
  });
  afterAll(() => stored.close());

  const talk = (more: object = {}): Promise<Talk> => Talk.begin(ada, { data_source_id: shop, ...more });
  /** About a price with two readings. Every time about a source of its own: what is chosen once is not asked again. */
  const withTrips = async (): Promise<Talk> => {
    const { id } = await newSource(ada.client, { 'trips.csv': TRIPS }, { name: `Trips ${randomUUID()}` });
    return Talk.begin(ada, { data_source_id: id });
  };

  describe('about one source', () => {
    it('answers with words, the value in them, and the query behind it', async () => {
      const conversation = await talk();
      const reply = await conversation.say('How many orders are there?');
      expect(reply).toMatchObject({
        role: 'assistant',
        kind: 'answer',
        status: 'complete',
        text: 'Number of orders: 7.',
      });
      expect(reply.query).toMatchObject({ id: reply.query_id, status: 'succeeded', rows: [[7]], data_source_id: shop });
      expect(await conversation.messages()).toMatchObject([
        { role: 'user', text: 'How many orders are there?', kind: null },
        { id: reply.id, role: 'assistant', text: 'Number of orders: 7.', query_id: reply.query_id },
      ]);
      const again = await ada.client.get<Message>(`${conversation.path}/messages/${reply.id}`);
      expect(again.body.query?.rows).toEqual([[7]]);
    });

    it('goes on from what was asked before', async () => {
      const conversation = await talk();
      expect((await conversation.say('total amount by country')).query?.rows).toEqual(
        expect.arrayContaining([['Germany', 300]]),
      );
      const germany = await conversation.say('only Germany');
      expect(germany.query?.rows).toEqual([['Germany', 300]]);
      const byMonth = await conversation.say('and by month?');
      expect(byMonth.query?.receipt?.checks).toContainEqual(expect.objectContaining({ name: 'follow_up', ok: true }));
      expect(byMonth.query?.row_count).toBeGreaterThan(0);
      const count = await conversation.say('How many customers are there?');
      expect(count.query?.rows).toEqual([[4]]);
    });

    it('goes on from the last good answer after one that could not be given', async () => {
      const conversation = await talk();
      const first = await conversation.say('How many orders in 2024?');
      expect(first.query?.rows).toEqual([[1]]);
      const lost = await conversation.say('What is the weather in Tokyo?');
      expect(lost).toMatchObject({ kind: 'unanswerable', status: 'complete' });
      expect(lost.suggestions.length).toBeGreaterThan(1);
      const next = await conversation.say('and in 2025?');
      expect(next.query).toMatchObject({ previous_query_id: first.query_id, rows: [[6]] });
    });

    it('has suggestions that it can answer', async () => {
      const conversation = await talk();
      const { suggestions, kind } = await conversation.say('What can I ask?');
      expect([kind, suggestions.length]).toEqual(['help', 4]);
      for (const question of suggestions) expect(await conversation.say(question)).toMatchObject({ kind: 'answer' });
    });

    it.each(['hello', 'Thanks a lot!', 'help', '', '???', '🙂', 'Good morning', 'bye'])(
      'says something helpful to “%s”, the same every time, and asks nothing',
      async (text) => {
        const conversation = await talk();
        const [first, second] = [await conversation.say(text), await conversation.say(text)];
        expect(first).toMatchObject({ kind: 'help', query_id: null, text: second.text });
        expect(first.suggestions.length).toBeGreaterThan(1);
        expect((await conversation.now()).title).toBeNull();
      },
    );

    it('is named after its first question, until it is given another name', async () => {
      const conversation = await talk();
      await conversation.say('hi');
      await conversation.say('How many orders are there?');
      expect((await conversation.now()).title).toBe('How many orders are there?');
      const renamed = await ada.client.patch<Conversation>(conversation.path, { title: ' Orders ' });
      expect(renamed.body.title).toBe('Orders');
      await conversation.say('How many customers are there?');
      expect((await conversation.now()).title).toBe('Orders');
    });

    it('runs SQL as well, under the same guard', async () => {
      const conversation = await talk();
      expect((await conversation.say('SELECT count(*) AS n FROM orders')).query).toMatchObject({
        origin: 'user_sql',
        rows: [[7]],
      });
      expect(await conversation.say("SELECT * FROM read_csv('/etc/passwd')")).toMatchObject({
        kind: 'failure',
        status: 'failed',
        error: { code: expect.stringMatching(/^sql_/) },
      });
    });

    it('tells what went wrong where a statement fails, and goes on', async () => {
      const conversation = await talk();
      const failed = await conversation.say('SELECT CAST(status AS INTEGER) FROM orders');
      expect(failed).toMatchObject({ kind: 'failure', status: 'failed', error: { code: 'query_failed' } });
      expect(await conversation.say('How many orders are there?')).toMatchObject({ text: 'Number of orders: 7.' });
    });

    it('takes texts up to a limit', async () => {
      const conversation = await talk();
      const longest = await conversation.post('how many orders '.repeat(625));
      expect(longest.status).toBe(201);
      const longer = await conversation.post('x'.repeat(10_001));
      expect([longer.status, longer.body.code]).toEqual([422, 'validation_failed']);
      for (const body of [{}, { text: null }, { text: 7 }, { text: 'hi', data_source_id: 'one' }]) {
        expect((await ada.client.post<Problem>(`${conversation.path}/messages`, body)).body.code).toBe(
          'validation_failed',
        );
      }
    });
  });

  describe('that asks back', () => {
    it.each(['2', 'the second one', 'option 2', '#2', 'the last', 'by gross price', 'gross', 'Gross price, please'])(
      'takes “%s” for the answer, and goes on with the same query',
      async (answer) => {
        const conversation = await withTrips();
        const asked = await conversation.say('How many trips by price?');
        expect(asked).toMatchObject({ kind: 'clarification', query: { status: 'needs_clarification' } });
        const options = asked.clarification?.options ?? [];
        const second = options[1];
        expect(second?.label).toContain('gross');
        expect(asked.text).toContain(`2. ${second?.label ?? ''}`);
        const answered = await conversation.say(answer);
        expect(answered).toMatchObject({ kind: 'answer', query_id: asked.query_id, query: { status: 'succeeded' } });
        expect(answered.query?.sql).toContain('gross_price');
      },
    );

    it('takes the value or the label of an option for the answer', async () => {
      for (const by of ['value', 'label'] as const) {
        const conversation = await withTrips();
        const { clarification, query_id } = await conversation.say('How many trips by price?');
        const answered = await conversation.say(clarification?.options[0]?.[by] ?? '');
        expect(answered).toMatchObject({ kind: 'answer', query_id });
      }
    });

    it('asks again when an answer fits none or several, and stays open', async () => {
      const conversation = await withTrips();
      const asked = await conversation.say('How many trips by price?');
      for (const text of ['purple', 'price', '17', 'ok', 'hello']) {
        const again = await conversation.say(text);
        expect(again).toMatchObject({
          kind: 'clarification',
          query_id: asked.query_id,
          clarification: asked.clarification,
        });
      }
      expect(await conversation.say('1')).toMatchObject({ kind: 'answer', query_id: asked.query_id });
      // What is settled is not open in what was said before either.
      expect((await conversation.messages()).filter(({ clarification }) => clarification !== null)).toEqual([]);
    });

    it('lets it go when something else is asked, or nothing is wanted', async () => {
      const conversation = await withTrips();
      await conversation.say('How many trips by price?');
      expect(await conversation.say('How many trips are there?')).toMatchObject({
        kind: 'answer',
        query: { rows: [[3]] },
      });
      expect(await conversation.say('2')).not.toMatchObject({
        kind: 'answer',
        query: { sql: expect.stringContaining('price') },
      });
      const other = await withTrips();
      await other.say('How many trips by price?');
      expect(await other.say('never mind')).toMatchObject({ kind: 'help' });
      expect(await other.say('2')).not.toMatchObject({ kind: 'answer' });
    });

    it('goes on where the query was answered on another way', async () => {
      const conversation = await withTrips();
      const { query_id, clarification } = await conversation.say('How many trips by price?');
      const account = { path: `/queries/${query_id ?? 0}/answer`, option: clarification?.options[0]?.value };
      await conversation.client.post(account.path, { option: account.option });
      expect(await conversation.say('How many trips are there?')).toMatchObject({ kind: 'answer' });
    });
  });

  describe('about no source yet', () => {
    it('is about the only one there is', async () => {
      const account = await newAccount();
      const { id } = await newSource(account.client, SHOP);
      const conversation = await Talk.begin(account);
      expect(await conversation.say('How many orders are there?')).toMatchObject({
        kind: 'answer',
        data_source_id: id,
      });
      expect((await conversation.now()).data_source_id).toBe(id);
    });

    it('asks which, by name, and then answers what was asked', async () => {
      const account = await newAccount();
      const trips = await newSource(account.client, { 'trips.csv': TRIPS }, { name: 'Trips 🚲' });
      await newSource(account.client, SHOP, { name: "Shop 'n' more" });
      const conversation = await Talk.begin(account);
      const asked = await conversation.say('How many trips are there?');
      expect(asked).toMatchObject({ kind: 'data_source_wanted', query_id: null });
      expect(asked.text).toContain('Trips 🚲');
      expect(await conversation.say('that other one')).toMatchObject({ kind: 'data_source_wanted' });
      expect(await conversation.say('trips')).toMatchObject({
        kind: 'answer',
        data_source_id: trips.id,
        query: { rows: [[3]] },
      });
      expect((await conversation.now()).data_source_id).toBe(trips.id);
    });

    it('says so when there is no data at all', async () => {
      const conversation = await Talk.begin(await newAccount());
      expect((await conversation.say('How many orders are there?')).text).toContain('upload a file');
      expect((await conversation.say('hello')).text).toContain('upload a file');
    });

    it('goes on with the source that a message names', async () => {
      const account = await newAccount();
      const first = await newSource(account.client, SHOP, { name: 'First' });
      const second = await newSource(account.client, { 'trips.csv': TRIPS }, { name: 'Second' });
      const conversation = await Talk.begin(account, { data_source_id: first.id });
      await conversation.say('How many orders are there?');
      const trips = await conversation.say('How many trips are there?', { data_source_id: second.id });
      expect(trips).toMatchObject({ kind: 'answer', data_source_id: second.id, query: { previous_query_id: null } });
      expect((await conversation.now()).data_source_id).toBe(second.id);
    });
  });

  describe('keeps in mind', () => {
    it('what its next question goes on from, which can be set and forgotten', async () => {
      const conversation = await talk();
      const first = await conversation.say('How many orders in 2024?');
      await conversation.say('How many customers are there?');
      const [context] = await conversation.memory();
      expect(context).toMatchObject({
        type: 'short_term',
        key: 'context',
        effect: expect.stringContaining('go on from'),
      });
      const path = `${conversation.path}/memory/${context?.id ?? 0}`;
      await ada.client.patch<Memory>(path, { value: { query_id: first.query_id } });
      expect((await conversation.say('and in 2025?')).query?.rows).toEqual([[6]]);
      expect((await ada.client.delete(path)).status).toBe(204);
      expect(await conversation.say('only Germany')).toMatchObject({ query: { previous_query_id: null } });
      const foreign = await (await talk()).say('How many orders are there?');
      const [kept] = await conversation.memory();
      if (kept === undefined) await conversation.say('How many orders are there?');
      const [now] = await conversation.memory();
      const refused = await ada.client.patch<Problem>(`${conversation.path}/memory/${now?.id ?? 0}`, {
        value: { query_id: foreign.query_id },
      });
      expect(refused.body).toMatchObject({ code: 'validation_failed', errors: [{ field: 'value.query_id' }] });
    });

    it('how words are meant, and reads its questions so', async () => {
      const conversation = await talk();
      const told = await conversation.say('By clients I mean customers.');
      expect(told).toMatchObject({ kind: 'remembered', query_id: null });
      const [memory] = await conversation.memory();
      expect(memory).toMatchObject({ type: 'long_term', key: 'synonym:clients', value: { means: 'customers' } });
      const answer = await conversation.say('How many clients are there?');
      expect(answer.query).toMatchObject({ question: 'How many customers are there?', rows: [[4]] });
      expect(answer.text).toContain('“clients” was read as “customers”');
      // Nowhere else.
      expect((await (await talk()).say('How many clients are there?')).query?.question).toBe(
        'How many clients are there?',
      );
      expect(await conversation.say('forget clients')).toMatchObject({ kind: 'remembered' });
      expect((await conversation.memory()).filter(({ type }) => type === 'long_term')).toEqual([]);
    });

    it('how many rows are wanted', async () => {
      const conversation = await talk();
      await conversation.say('always show at most 2 rows');
      expect((await conversation.say('list orders')).query).toMatchObject({ row_count: 2, truncated: true });
      const other = await talk();
      await ada.client.post(`${other.path}/memory`, { type: 'user_pref', key: 'max_rows', value: { rows: 3 } });
      expect((await other.say('list orders')).query).toMatchObject({ row_count: 3, truncated: true });
      await ada.client.delete(`${other.path}/memory`);
      expect((await other.say('list orders')).query).toMatchObject({ row_count: 7 });
    });

    it('nothing that has no effect', async () => {
      const conversation = await talk();
      for (const body of [
        { type: 'user_pref', key: 'currency', value: { is: 'euro' } },
        { type: 'long_term', key: 'synonym:', value: { means: 'x' } },
        { type: 'long_term', key: 'synonym:x', value: { means: 7 } },
        { type: 'long_term', key: 'synonym:x', value: { means: 'y'.repeat(61) } },
        { type: 'user_pref', key: 'max_rows', value: { rows: 0 } },
        { type: 'short_term', key: 'context', value: { query_id: 2_000_000_000 } },
        { type: 'forever', key: 'context', value: {} },
      ]) {
        expect((await ada.client.post<Problem>(`${conversation.path}/memory`, body)).body.code).toBe(
          'validation_failed',
        );
      }
      const synonym = { type: 'long_term', key: 'synonym:Clients', value: { means: 'customers' } };
      expect((await ada.client.post<Memory>(`${conversation.path}/memory`, synonym)).body.key).toBe('synonym:clients');
      expect((await ada.client.post<Problem>(`${conversation.path}/memory`, synonym)).status).toBe(409);
    });

    it('starts anew when it is told to', async () => {
      const conversation = await talk();
      await conversation.say('How many orders in 2024?');
      expect(await conversation.say('start over')).toMatchObject({ kind: 'remembered' });
      expect((await conversation.say('and in 2025?')).query?.previous_query_id).toBeNull();
    });
  });

  describe('is listed', () => {
    it('with that first in which something was said last, page by page', async () => {
      const account = await newAccount();
      await newSource(account.client, SHOP);
      const all: Talk[] = [];
      for (let n = 0; n < 3; n += 1) all.push(await Talk.begin(account));
      const [first, second, third] = all.map(({ id }) => id);
      await all[0]?.say('How many orders are there?');
      const one = await account.client.get<Page<Conversation>>('/conversations?limit=2&include_total=true');
      expect(one.body.items.map(({ id }) => id)).toEqual([first, third]);
      expect(one.body).toMatchObject({ total: 3 });
      const two = await account.client.get<Page<Conversation>>(
        `/conversations?limit=2&cursor=${one.body.next_cursor ?? ''}`,
      );
      expect(two.body).toMatchObject({ items: [{ id: second }], next_cursor: null });
    });

    it('by the words in its title and in what was said, by source, and apart when it was put away', async () => {
      const account = await newAccount();
      const { id } = await newSource(account.client, SHOP);
      const conversation = await Talk.begin(account, { data_source_id: id, title: 'Quarterly zebra' });
      await conversation.say('How many customers are there?');
      await Talk.begin(account);
      const found = async (query: string): Promise<number[]> =>
        (await account.client.get<Page<Conversation>>(`/conversations?${query}`)).body.items.map((one) => one.id);
      expect(await found('text=zebra')).toEqual([conversation.id]);
      expect(await found('text=CUSTOMERS')).toEqual([conversation.id]);
      expect(await found('text=giraffe')).toEqual([]);
      expect(await found(`data_source_id=${id}`)).toEqual([conversation.id]);
      await account.client.patch(conversation.path, { archived: true });
      expect(await found('text=zebra')).toEqual([]);
      expect(await found('text=zebra&archived=true')).toEqual([conversation.id]);
    });
  });

  describe('branches', () => {
    it('from an earlier message, and both go on by themselves', async () => {
      const conversation = await talk();
      await conversation.say('By clients I mean customers');
      const first = await conversation.say('How many orders in 2024?');
      await conversation.say('How many customers are there?');
      const { status, body } = await ada.client.post<Conversation>(`${conversation.path}/branches`, {
        message_id: first.id,
      });
      expect([status, body.parent_id, body.branched_from_id]).toEqual([201, conversation.id, first.id]);
      const branch = Talk.of(ada, body.id);
      const [copies, originals] = [await branch.messages(), await conversation.messages()];
      expect(copies.map(({ text }) => text)).toEqual(originals.slice(0, 4).map(({ text }) => text));
      expect(copies[3]?.reply_to_id).toBe(copies[2]?.id);
      expect((await branch.say('and in 2025?')).query).toMatchObject({
        previous_query_id: first.query_id,
        rows: [[6]],
      });
      expect((await branch.say('How many clients?')).query?.rows).toEqual([[4]]);
      expect((await conversation.messages()).length).toBe(originals.length);
    });

    it('with what was open there', async () => {
      const conversation = await withTrips();
      const asked = await conversation.say('How many trips by price?');
      await conversation.say('never mind');
      const { body } = await conversation.client.post<Conversation>(`${conversation.path}/branches`, {
        message_id: asked.id,
        title: 'B',
      });
      expect(body.title).toBe('B');
      const branch = Talk.of(conversation.account, body.id);
      expect(await branch.say('the first')).toMatchObject({ kind: 'answer', query_id: asked.query_id });
    });

    it('from messages of its own only', async () => {
      const [one, other] = [await talk(), await talk()];
      const { id } = await other.say('hi');
      expect((await ada.client.post(`${one.path}/branches`, { message_id: id })).status).toBe(404);
    });
  });

  describe('when it is deleted', () => {
    it('leaves nothing of what was said, and no result, but what something else stands on', async () => {
      const conversation = await talk();
      const word = `zebra${Date.now()}`;
      await conversation.say(`By ${word} I mean orders`);
      const first = await conversation.say(`How many ${word} are there?`);
      const second = await conversation.say('How many customers are there?');
      const verified = await ada.client.post('/verified-queries', {
        query_id: second.query_id,
        question: 'How many customers are there?',
      });
      expect(verified.status).toBe(201);
      const removed = await ada.client.delete<{ deleted_query_ids: number[]; kept_query_ids: number[] }>(
        conversation.path,
      );
      expect(removed).toMatchObject({
        status: 200,
        body: { deleted_query_ids: [first.query_id], kept_query_ids: [second.query_id] },
      });
      for (const path of ['', '/messages', '/memory', `/messages/${first.id}`]) {
        expect((await ada.client.get(`${conversation.path}${path}`)).status).toBe(404);
      }
      expect((await ada.client.get(`/queries/${first.query_id ?? 0}`)).status).toBe(404);
      expect((await ada.client.get(`/queries/${second.query_id ?? 0}`)).status).toBe(200);
      // The audit trail is there to be kept.
      expect((await stored.tablesHolding(word)).filter((table) => table !== 'audit_trails')).toEqual([]);
    });

    it('keeps what a branch has', async () => {
      const conversation = await talk();
      const { id, query_id } = await conversation.say('How many orders are there?');
      const branch = await ada.client.post<Conversation>(`${conversation.path}/branches`, { message_id: id });
      const removed = await ada.client.delete<{ kept_query_ids: number[] }>(conversation.path);
      expect(removed.body.kept_query_ids).toEqual([query_id]);
      const left = Talk.of(ada, branch.body.id);
      expect(await left.now()).toMatchObject({ parent_id: null, branched_from_id: null });
      expect((await left.messages()).at(-1)).toMatchObject({ text: 'Number of orders: 7.', query_id });
      // Nothing else stands on it.
      const last = await ada.client.delete<{ deleted_query_ids: number[] }>(left.path);
      expect(last.body.deleted_query_ids).toEqual([query_id]);
      expect((await ada.client.get(`/queries/${query_id}`)).status).toBe(404);
    });

    it('keeps what lies in a workspace, or is sent as a report', async () => {
      const conversation = await talk();
      const shared = await conversation.say('How many orders are there?');
      const sent = await conversation.say('How many customers are there?');
      const workspace = await ada.client.post<{ id: number }>('/workspaces', { name: 'Kept' });
      const item = { item_type: 'query', item_id: shared.query_id };
      expect((await ada.client.post(`/workspaces/${workspace.body.id}/items`, item)).status).toBe(201);
      const report = await ada.client.post('/scheduled-reports', {
        name: 'Customers',
        cron_expr: '0 8 * * 1',
        payload: { query_id: sent.query_id, format: 'csv', recipients: [ada.username] },
      });
      expect(report).toMatchObject({ status: 201 });
      const removed = await ada.client.delete<{ kept_query_ids: number[] }>(conversation.path);
      expect(removed.body.kept_query_ids).toEqual([shared.query_id, sent.query_id]);
    });
  });

  it('tells values no longer when the rules have changed, and nothing of a source that is gone', async () => {
    const account = await newAccount();
    const { id } = await newSource(account.client, SHOP);
    const conversation = await Talk.begin(account, { data_source_id: id });
    const { id: reply } = await conversation.say('total amount of orders');
    expect((await conversation.messages()).at(-1)?.text).toContain('700');
    const rules = [{ table: 'orders', column: 'amount', mask: 'hide', roles: ['analyst', 'admin'] }];
    expect((await account.client.put(`/data-sources/${id}/rules`, { rules })).status).toBe(200);
    expect((await conversation.messages()).at(-1)).toMatchObject({ outdated: true });
    expect((await conversation.messages()).at(-1)?.text).not.toContain('700');
    expect((await account.client.get<Message>(`${conversation.path}/messages/${reply}`)).body).toMatchObject({
      query: null,
    });
    await account.client.delete(`/data-sources/${id}`);
    expect((await conversation.messages()).at(-1)).toMatchObject({ query_id: null, data_source_id: null });
    const kept = await stored.rows<{ line: string }>(
      'SELECT message_text || message_meta::text AS line FROM conversation_messages WHERE conversation_id = $1',
      [conversation.id],
    );
    expect(kept.filter(({ line }) => line.includes('700'))).toEqual([]);
  });

  it('points to documents where data cannot answer, marked as quoted, while they may be read', async () => {
    const account = await newAccount();
    const { id } = await newSource(account.client, SHOP);
    const document = await account.client.post<{ id: number }>('/rag/documents?wait=30', {
      title: 'Returns policy',
      content: 'Goods may be returned within 30 days. Send them to the warehouse in Ulm.',
    });
    expect(document.status).toBe(201);
    const conversation = await Talk.begin(account, { data_source_id: id });
    const reply = await conversation.say('Within how many days can goods be returned to the warehouse?');
    expect(reply).toMatchObject({
      kind: 'documents',
      source_ids: [document.body.id],
      citations: [{ document_id: document.body.id, title: 'Returns policy', start: 0 }],
    });
    expect(reply.citations[0]?.text).toContain('30 days');
    expect(reply.text).toContain('not computed from data');
    expect(reply.text).not.toContain('30 days');
    expect(await conversation.say('What is the airspeed of a swallow?')).toMatchObject({
      kind: 'unanswerable',
      citations: [],
    });
    await account.client.delete(`/rag/documents/${document.body.id}`);
    expect((await conversation.messages())[1]?.citations).toEqual([]);
  });

  it('says what documents define, and offers it to the glossary', async () => {
    const account = await newAccount();
    const { id } = await newSource(account.client, SHOP);
    const content =
      '# Metrics\n\nAOV = amount / orders\n\nActive customer: a customer with an order in the last 90 days. Ask Bob.';
    const document = await account.client.post<{ id: number }>('/rag/documents?wait=30', { title: 'Metrics', content });
    const conversation = await Talk.begin(account, { data_source_id: id });
    const reply = await conversation.say('What is the AOV?');
    expect(reply).toMatchObject({ kind: 'documents', source_ids: [document.body.id] });
    expect(reply.definitions).toMatchObject([
      { term: 'AOV', definition: 'amount / orders', document_id: document.body.id, title: 'Metrics' },
    ]);
    const [definition] = reply.definitions;
    expect(content.slice(definition?.start, definition?.end)).toBe('AOV = amount / orders');
    const active = await conversation.say('What share are active customers?');
    expect(active.definitions).toMatchObject([
      { definition: 'a customer with an order in the last 90 days', glossary_term: { formula: null } },
    ]);
    // One click, and questions can name it.
    expect((await account.client.post('/business-glossary', definition?.glossary_term)).status).toBe(201);
    expect((await conversation.say('What is the AOV?')).query?.rows).toEqual([[100]]);
    await account.client.delete(`/rag/documents/${document.body.id}`);
    expect((await conversation.messages())[1]).toMatchObject({ definitions: [], kind: 'documents' });
  });

  it('is nobody else’s, and a key’s only as far as the key goes', async () => {
    const account = await newAccount();
    const [one, two] = [
      await newSource(account.client, SHOP, { name: 'One' }),
      await newSource(account.client, { 'trips.csv': TRIPS }, { name: 'Two' }),
    ];
    const conversation = await Talk.begin(account, { data_source_id: one.id });
    await conversation.say('How many orders are there?');
    expect((await ada.client.get(conversation.path)).status).toBe(404);
    expect((await ada.client.post(`${conversation.path}/messages`, { text: 'hi' })).status).toBe(404);
    const key = async (more: object): Promise<Client> => {
      const { body } = await account.client.post<ApiKey & { key: string }>('/api-keys', {
        name: 'k',
        scopes: ['*'],
        ...more,
      });
      return new Client(serverUrl(), undefined, body.key);
    };
    const forOne = await key({ data_source_ids: [one.id] });
    expect((await forOne.get(conversation.path)).status).toBe(200);
    await conversation.say('How many trips are there?', { data_source_id: two.id });
    expect((await forOne.get(conversation.path)).status).toBe(404);
    expect((await forOne.post<Conversation>('/conversations', {})).body.data_source_id).toBe(one.id);
    const forBoth = await key({ data_source_ids: [one.id, two.id] });
    expect((await forBoth.post<Problem>('/conversations', {})).body.code).toBe('validation_failed');
    const noQueries = await key({ scopes: ['conversations:read', 'conversations:write'] });
    expect((await noQueries.post<Problem>(`${conversation.path}/messages`, { text: 'hi' })).body.code).toBe(
      'forbidden',
    );
    const told = await noQueries.get<{ items: Message[] }>(`${conversation.path}/messages`);
    expect(told.body.items[1]?.text).not.toContain('7');
  });

  it('is in the history of its queries, and its queries are in the list of all', async () => {
    const conversation = await talk();
    const { query_id } = await conversation.say('How many orders are there?');
    const [row] = await stored.rows<{ conversation_id: number }>('SELECT conversation_id FROM queries WHERE id = $1', [
      query_id,
    ]);
    expect(row?.conversation_id).toBe(conversation.id);
    const list = await ada.client.get<Page<Query>>('/queries?limit=1');
    expect(list.body.items[0]?.id).toBe(query_id);
  });
});
