/** Documents found by what they mean, with a model that makes vectors; by their words alone whenever it does not answer. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Account, Client, newAccount } from './support/client.js';
import { ModelServer } from './support/model-server.js';
import { eventually } from './support/patience.js';
import { removeDataDir, startServer } from './support/server.mjs';

interface Document {
  id: number;
  status: string;
  embedding_model: string | null;
}

interface Found {
  items: { document_id: number; text: string; score: number; highlights: object[] }[];
}

const MEANINGS = [/\b(?:cars?|automobiles?|vehicles?)\b/i, /\b(?:fruit|apples?|pears?)\b/i];
const meaningOf = (text: string): number[] => [...MEANINGS.map((words) => (words.test(text) ? 3 : 0)), 0.1];

describe('documents and a model that makes vectors', () => {
  let model: ModelServer;
  let server: Awaited<ReturnType<typeof startServer>>;
  let ada: Account;

  beforeAll(async () => {
    model = await ModelServer.start();
    model.vectorOf = meaningOf;
    // It knows of no model at first.
    server = await startServer({});
    ada = await newAccount(server.url);
    await add('The automobile stands behind the hall.');
    await server.stop();
    server = await startServer(
      { LUMIERE_LLM_BASE_URL: model.url, LUMIERE_EMBEDDING_MODEL: 'near-1', LUMIERE_LLM_RETRIES: '0' },
      server.dataDir,
    );
    ada = { ...ada, client: new Client(server.url, ada.client.token) };
  }, 150_000);
  beforeEach(() => model.reset());
  afterAll(async () => {
    await server.stop();
    await removeDataDir(server);
    await model.stop();
  });

  const add = async (content: string, by = ada): Promise<Document> => {
    const { status, body } = await by.client.post<Document>('/rag/documents?wait=30', { content });
    expect([status, body.status]).toEqual([201, 'ready']);
    return body;
  };
  const whenEmbedded = async ({ id }: { id: number }, by = ada): Promise<void> => {
    await eventually(
      async () => (await by.client.get<Document>(`/rag/documents/${id}`)).body.embedding_model,
      (name) => name === 'near-1',
    );
  };
  const search = async (query: string, by = ada): Promise<string[]> =>
    (await by.client.post<Found>('/rag/search', { query })).body.items.map(({ text }) => text);

  it('are found without a word in common, also those from before there was a model', async () => {
    await whenEmbedded({ id: 1 });
    expect((await search('Where is my car?'))[0]).toBe('The automobile stands behind the hall.');
    expect(model.calls.map(({ path, body }) => [path, body['input']])).toContainEqual([
      '/v1/embeddings',
      ['Where is my car?'],
    ]);
  });

  it('are ranked by words and by meaning together', async () => {
    for (const content of [
      'Apples are sold by weight.',
      'Pears are sold on Monday.',
      'Monday is a day of the week that comes after Sunday.',
    ]) {
      await whenEmbedded(await add(content));
    }
    // It has both; the others have one of them.
    expect((await search('fruit on monday'))[0]).toBe('Pears are sold on Monday.');
    expect(await search('fruit on monday')).toEqual(expect.arrayContaining(['Apples are sold by weight.']));
  });

  it('of somebody else are not found, however near they are', async () => {
    const eve = await newAccount(server.url);
    const hers = await add('A vehicle of Eve.', eve);
    await whenEmbedded(hers, eve);
    expect(await search('car')).not.toContain('A vehicle of Eve.');
    expect(await search('car', eve)).toEqual(['A vehicle of Eve.']);
  });

  it('are found by their new text when they were replaced, and not at all when they were removed', async () => {
    const document = await add('A car was here.');
    await whenEmbedded(document);
    const replaced = await ada.client.put<Document>(`/rag/documents/${document.id}?wait=30`, {
      content: 'A pear tree.',
    });
    expect(replaced.body).toMatchObject({ status: 'ready' });
    await whenEmbedded(document);
    const found = await search('fruit');
    expect(found).toContain('A pear tree.');
    expect(found).not.toContain('A car was here.');
    await ada.client.delete(`/rag/documents/${document.id}`);
    expect(await search('fruit')).not.toContain('A pear tree.');
  });

  it.each([['garbled' as const], [{ status: 500 }], [{ status: 401 }]])(
    'are found by their words alone when the model does not answer: %j',
    async (failure) => {
      model.next(failure);
      expect(await search('automobile')).toEqual(['The automobile stands behind the hall.']);
    },
  );

  it('get their vectors later when the model failed at first, and are found by their words meanwhile', async () => {
    model.next({ status: 500 });
    const document = await add('Zebras like vehicles.');
    await eventually(
      () => Promise.resolve(model.calls.length),
      (calls) => calls === 1,
    );
    model.next({ status: 500 });
    expect(await search('zebra')).toEqual(['Zebras like vehicles.']);
    expect((await ada.client.get<Document>(`/rag/documents/${document.id}`)).body.embedding_model).toBeNull();
  });
});
