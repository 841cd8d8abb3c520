/** Documents: taken in, cut into passages, found by who may see them, with places to cite. */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, type Answer, Client, newAccount, type Problem } from './support/client.js';
import { newSource, TRIPS } from './support/data.js';
import { docxOf, pdfOf } from './support/documents.js';
import { eventually } from './support/patience.js';
import type { Page } from './support/shapes.js';

interface Document {
  id: number;
  title: string;
  status: string;
  format: string;
  data_source_id: number | null;
  chunks_count: number;
  content_hash: string;
  error: { code: string; detail: string } | null;
}

interface Passage {
  document_id: number;
  chunk_id: number;
  title: string;
  heading: string;
  text: string;
  score: number;
  start: number;
  end: number;
  highlights: { start: number; end: number }[];
}

interface Found {
  items: Passage[];
  retrieval_session_id: number;
}

interface Session {
  id: number;
  query: string;
  document_ids: number[];
  passages: {
    document_id: number;
    chunk_id: number;
    start: number;
    end: number;
    score: number;
    title: string | null;
    text: string | null;
  }[];
}

const HANDBOOK = `# Shop handbook

Welcome to the bicycle shop.

## Returns

Goods may be returned within 30 days. Bring the receipt with you.

## Repairs

- Flat tyres are mended while you wait.
- Broken spokes take two days.

| Work | Price |
| --- | --- |
| Inner tube | 12 € |
| Full overhaul | 90 € |
`;

describe('documents', () => {
  let ada: Account;

  beforeAll(async () => {
    ada = await newAccount();
  });

  const add = (body: Record<string, unknown>, by = ada): Promise<Answer<Document>> =>
    by.client.post<Document>('/rag/documents', body);
  const addFile = (
    name: string,
    content: string | Uint8Array<ArrayBuffer>,
    parts: Record<string, string> = {},
    by = ada,
    query = '?wait=30',
  ): Promise<Answer<Document>> => {
    const form = new FormData();
    for (const [part, value] of Object.entries(parts)) form.append(part, value);
    form.append('file', new Blob([content]), name);
    return by.client.fetch<Document>(`/api/v1/rag/documents${query}`, { method: 'POST', body: form });
  };
  const search = async (query: string, more: Record<string, unknown> = {}, by = ada): Promise<Found> => {
    const { status, body } = await by.client.post<Found>('/rag/search', { query, ...more });
    expect({ status, body: status === 200 ? null : body }).toEqual({ status: 200, body: null });
    return body;
  };
  const titles = async (query: string, more: Record<string, unknown> = {}, by = ada): Promise<string[]> =>
    (await search(query, more, by)).items.map(({ title }) => title);

  it('are read by their structure, and found with the place to cite', async () => {
    const { status, body: document } = await addFile('handbook.md', HANDBOOK);
    expect({ status, document }).toMatchObject({
      status: 201,
      document: { status: 'ready', format: 'markdown', title: 'Shop handbook', error: null },
    });
    const { items } = await search('How many days do I have for returning goods?');
    const [best] = items;
    expect(best).toMatchObject({ document_id: document.id, heading: 'Shop handbook › Returns' });
    const { body: cited } = await ada.client.get<{ text: string }>(
      `/rag/documents/${document.id}/content?start=${best?.start}&length=${(best?.end ?? 0) - (best?.start ?? 0)}`,
    );
    expect(cited.text).toBe(best?.text);
    const marked = best?.highlights.map(({ start, end }) => best.text.slice(start, end));
    expect(marked).toEqual(expect.arrayContaining(['Goods', 'returned', 'days']));
    expect(marked).not.toContain('the');
  });

  it('are one when the same is sent twice', async () => {
    const first = await add({ title: 'Twice', content: 'The same words, sent again.' });
    const again = await add({ title: 'Other title', content: 'The same words, sent again.' });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body.id).toBe(first.body.id);
  });

  it('are not found any more by what was replaced, but by what came in its place', async () => {
    const { body } = await add({ title: 'Opening hours', content: 'Open on weekdays, shut at Michaelmas.' });
    expect(await titles('Michaelmas')).toEqual(['Opening hours']);
    const replaced = await ada.client.put<Document>(`/rag/documents/${body.id}`, { content: 'Shut at Candlemas.' });
    expect(replaced).toMatchObject({ status: 200, body: { id: body.id, status: 'ready', title: 'Opening hours' } });
    expect(await titles('Michaelmas')).toEqual([]);
    expect(await titles('Candlemas')).toEqual(['Opening hours']);
  });

  it('are found by their newest text, also while an earlier one is still being read', async () => {
    // Takes seconds to read, and has little in it.
    const slow = `<p>The dodo was first.</p>${'<b hidden>-</b>'.repeat(1_000_000)}`;
    const { body: begun } = await addFile('dodo.html', slow, { title: 'Dodo' }, ada, '?wait=1');
    expect(begun.status).toBe('processing');
    const content = 'The quagga came afterwards.';
    const replaced = await ada.client.put<Document>(`/rag/documents/${begun.id}?wait=30`, { content });
    expect(replaced.body.status).toBe('ready');
    for (let look = 0; look < 20; look += 1) {
      expect(await titles('quagga')).toEqual(['Dodo']);
      await sleep(300);
    }
  });

  it('are gone with their passages when they are deleted', async () => {
    const { body } = await add({ title: 'Short-lived', content: 'Ephemeral mayflies.' });
    expect(await titles('mayfly')).toEqual(['Short-lived']);
    expect((await ada.client.delete(`/rag/documents/${body.id}`)).status).toBe(204);
    expect(await titles('mayfly')).toEqual([]);
    expect((await ada.client.get(`/rag/documents/${body.id}`)).status).toBe(404);
  });

  it('of somebody else are not there', async () => {
    const eve = await newAccount();
    const { body } = await add({ title: 'Private', content: 'Periwinkle is the password.' });
    expect(await titles('periwinkle', {}, eve)).toEqual([]);
    expect(await titles('periwinkle', { filters: { document_ids: [body.id] } }, eve)).toEqual([]);
    for (const path of ['', '/content']) {
      expect((await eve.client.get(`/rag/documents/${body.id}${path}`)).status).toBe(404);
    }
    expect((await eve.client.put(`/rag/documents/${body.id}`, { content: 'Mine.' })).status).toBe(404);
    expect((await eve.client.delete(`/rag/documents/${body.id}`)).status).toBe(404);
    expect((await eve.client.get<Page<Document>>('/rag/documents')).body.items).toEqual([]);
  });

  it('change no score of what somebody else finds', async () => {
    const eve = await newAccount();
    await add({ title: 'Rare', content: 'A quokka sat on the beach.' }, eve);
    await add({ title: 'Other', content: 'Nothing of the kind.' }, eve);
    const before = (await search('quokka beach', {}, eve)).items[0]?.score;
    for (const nth of [1, 2, 3]) await add({ title: `Many ${nth}`, content: `Quokka, quokka, number ${nth}.` });
    expect((await search('quokka beach', {}, eve)).items[0]?.score).toBe(before);
  });

  it('belong to a data source, and to no key that is for another', async () => {
    const [mine, other] = [
      await newSource(ada.client, { 'trips.csv': TRIPS }),
      await newSource(ada.client, { 'o.csv': TRIPS }),
    ];
    await add({ title: 'About trips', content: 'A marmoset counts as luggage.', data_source_id: mine.id });
    const keyFor = async (sources: number[]): Promise<Account> => {
      const { body } = await ada.client.post<{ key: string }>('/api-keys', {
        name: `k${sources.join()}`,
        scopes: ['*'],
        data_source_ids: sources,
      });
      return { ...ada, client: new Client(ada.client.url, undefined, body.key) };
    };
    const [inside, outside] = [await keyFor([mine.id]), await keyFor([other.id])];
    expect(await titles('marmoset', {}, inside)).toEqual(['About trips']);
    expect(await titles('marmoset', {}, outside)).toEqual([]);
    expect((await add({ content: 'On its own.' }, outside)).status).toBe(403);
    expect((await add({ content: 'Elsewhere.', data_source_id: mine.id }, outside)).status).toBe(404);
  });

  it('are narrowed down by filters', async () => {
    const { body } = await add({ title: 'A', content: 'The wombat digs.', metadata: { topic: 'digging' } });
    await add({ title: 'B', content: 'The wombat eats.', metadata: { topic: 'eating' } });
    expect((await titles('wombat')).toSorted()).toEqual(['A', 'B']);
    expect(await titles('wombat', { filters: { document_ids: [body.id] } })).toEqual(['A']);
    expect(await titles('wombat', { filters: { metadata: { topic: 'eating' } } })).toEqual(['B']);
    expect(await titles('wombat', { filters: { metadata: { topic: 'x' } } })).toEqual([]);
  });

  it('are found by the words of their own language', async () => {
    await add({ title: 'Rückgabe', content: 'Häuser werden nicht zurückgenommen.', language: 'german' });
    expect(await titles('Haus')).toEqual(['Rückgabe']);
  });

  it('of HTML show what a browser shows, and never a script', async () => {
    const page = `<!doctype html><html><head><title>Zebra page</title><script>var zebrasecret = 1</script></head>
      <body><nav>zebranav</nav><h1>Zebras</h1><p>Stripes &amp; hooves.</p>
      <p style="display: none">zebrahidden</p><table><tr><th>Kind</th><th>Legs</th></tr><tr><td>Grevy</td><td>4</td></tr></table>
      <script>alert("zebraalert")</script></body></html>`;
    const { body } = await addFile('zebra.html', page);
    expect(body).toMatchObject({ status: 'ready', format: 'html', title: 'Zebra page' });
    const { body: content } = await ada.client.get<{ text: string }>(`/rag/documents/${body.id}/content`);
    expect(content.text).toBe('Zebras\n\nStripes & hooves.\n\nKind | Legs\nGrevy | 4');
  });

  it('may be Word documents and PDFs', async () => {
    const word = docxOf([
      { style: 'Heading1', text: 'Lending' },
      { text: 'An okapi may be borrowed for a week.' },
      { text: 'Not shown', isDeleted: true },
    ]);
    expect((await addFile('lending.docx', word)).body).toMatchObject({ status: 'ready', format: 'docx' });
    expect((await search('borrow an okapi')).items[0]).toMatchObject({
      title: 'lending.docx',
      heading: 'Lending',
      text: 'Lending\n\nAn okapi may be borrowed for a week.',
    });
    const pdf = pdfOf([
      { size: 20, text: 'Feeding' },
      { size: 11, text: 'Axolotls are fed on Tuesdays.' },
    ]);
    expect((await addFile('feeding.pdf', pdf)).body).toMatchObject({ status: 'ready', format: 'pdf', error: null });
    expect((await search('feed the axolotl')).items[0]).toMatchObject({
      heading: 'Feeding',
      text: 'Feeding\n\nAxolotls are fed on Tuesdays.',
    });
  });

  it('that cannot be read say why', async () => {
    const failing: [string, string | Uint8Array<ArrayBuffer>, string][] = [
      ['empty.txt', ' \n ', 'file_empty'],
      ['broken.pdf', '%PDF-1.7 and nothing else', 'file_malformed'],
      ['broken.docx', 'PK\x03\x04 and nothing else', 'file_malformed'],
      ['picture.txt', new Uint8Array([1, 0, 2, 0, 3]), 'file_format_not_supported'],
      ['not.pdf', 'just words', 'file_format_mismatch'],
    ];
    for (const [name, content, code] of failing) {
      const { status, body } = await addFile(name, content);
      expect({ name, status, code: body.error?.code }).toEqual({ name, status: 201, code });
      expect(body).toMatchObject({ status: 'failed', chunks_count: 0 });
      expect(body.error?.detail).toMatch(/^[“T].*\.$/);
    }
    const { body } = await ada.client.get<Page<Document>>('/rag/documents?status=failed');
    expect(body.items).toHaveLength(failing.length);
  });

  it('are worked on in the background when nobody waits', async () => {
    const form = new FormData();
    form.append('file', new Blob(['Nobody waits for the capybara.']), 'capybara.txt');
    const { status, headers, body } = await ada.client.fetch<Document>('/api/v1/rag/documents?wait=0', {
      method: 'POST',
      body: form,
    });
    expect({ status, state: body.status }).toEqual({ status: 202, state: 'processing' });
    expect(headers.get('location')).toBe(`/api/v1/rag/documents/${body.id}`);
    await eventually(
      () => titles('capybara'),
      (found) => found.includes('capybara.txt'),
    );
  });

  it('that are no valid request are refused with the field', async () => {
    const { status, body } = await ada.client.post<Problem>('/rag/documents', { content: '', owner_id: 1 });
    expect({ status, fields: body.errors?.map(({ field }) => field).toSorted() }).toEqual({
      status: 422,
      fields: ['content', 'owner_id'],
    });
    expect((await ada.client.post<Problem>('/rag/search', { query: '…' })).status).toBe(422);
  });

  it('leave a record of who searched what, and which were found', async () => {
    const { body } = await add({ title: 'Recorded', content: 'A narwhal has one tooth.' });
    const { retrieval_session_id: id } = await search('narwhal tooth');
    const { body: sessions } = await ada.client.get<Page<{ id: number; query: string; document_ids: number[] }>>(
      '/rag/retrieval-sessions?limit=1',
    );
    expect(sessions.items).toMatchObject([{ id, query: 'narwhal tooth', document_ids: [body.id] }]);
    const one = await ada.client.get<Session>(`/rag/retrieval-sessions/${id}`);
    expect(one).toMatchObject({ status: 200, body: { id, query: 'narwhal tooth', document_ids: [body.id] } });
    const { score, chunk_id, ...passage } = one.body.passages[0] ?? { score: 0, chunk_id: 0 };
    expect(score).toBeGreaterThan(0);
    expect(passage).toEqual({
      document_id: body.id,
      start: 0,
      end: 24,
      title: 'Recorded',
      text: 'A narwhal has one tooth.',
    });
    const eve = await newAccount();
    expect((await eve.client.get<Page<object>>('/rag/retrieval-sessions')).body.items).toEqual([]);
    expect((await eve.client.get(`/rag/retrieval-sessions/${id}`)).status).toBe(404);
    // The record stays, the words go with the document.
    await ada.client.delete(`/rag/documents/${body.id}`);
    const later = await ada.client.get<Session>(`/rag/retrieval-sessions/${id}`);
    expect(later.body.passages).toEqual([
      { document_id: body.id, chunk_id, start: 0, end: 24, score, title: null, text: null },
    ]);
  });

  it('are searched for by a key without showing it the other searches of its owner', async () => {
    const { id } = await newSource(ada.client, { 'trips.csv': TRIPS }, { name: 'Trips for a key' });
    await search('secret plans');
    const key = await ada.client.post<{ key: string }>('/api-keys', {
      name: 'One source',
      scopes: ['documents:read'],
      data_source_ids: [id],
    });
    const client = new Client(ada.client.url, undefined, key.body.key);
    const found = await client.post<Found>('/rag/search', { query: 'trips of the key' });
    const { body: sessions } = await client.get<Page<Session>>('/rag/retrieval-sessions');
    expect(sessions.items.map(({ query }) => query)).toEqual(['trips of the key']);
    expect((await client.get(`/rag/retrieval-sessions/${found.body.retrieval_session_id}`)).status).toBe(200);
    expect((await client.get(`/rag/retrieval-sessions/${found.body.retrieval_session_id - 1}`)).status).toBe(404);
  });
});
