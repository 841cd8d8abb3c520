/** A run of several agents whose process is killed goes on when there is one again, without doing twice what was done. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, Client, newAccount } from './support/client.js';
import { newSource, SHOP } from './support/data.js';
import { ModelServer } from './support/model-server.js';
import { removeDataDir, startServer } from './support/server.mjs';
import type { Page, Query } from './support/shapes.js';

interface Run {
  id: number;
  status: string;
  result_summary: string | null;
  query_id: number | null;
  steps: { id: number; type: string; status: string; finished_at: string | null }[];
}

describe('an orchestrator run', () => {
  let model: ModelServer;
  let server: Awaited<ReturnType<typeof startServer>>;
  let ada: Account;

  beforeAll(async () => {
    model = await ModelServer.start();
    server = await startServer(environment(model.url));
    ada = await newAccount(server.url);
  });
  afterAll(async () => {
    await server.stop();
    await removeDataDir(server);
    await model.stop();
  });

  it('goes on after its process was killed, from the step that it was at', async () => {
    const { id: source } = await newSource(ada.client, SHOP);
    model.otherwise = () => 'hang';
    const question = 'Total amount by status';
    const input_spec = { data_source_id: source, question };
    const { body } = await ada.client.post<Run>('/orchestrator-runs?wait=0', { input_spec });
    // It is at its last step now, and waits for the model.
    while (model.open === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const before = (await ada.client.get<Run>(`/orchestrator-runs/${body.id}`)).body;
    expect(before.steps.map(({ type, status }) => [type, status])).toEqual([
      ['sql', 'succeeded'],
      ['validation', 'succeeded'],
      ['visualization', 'succeeded'],
      ['insight', 'succeeded'],
      ['text', 'running'],
    ]);
    await server.kill();
    model.otherwise = () => ({ text: 'no json, so that the text is plain' });
    server = await startServer(environment(model.url), server.dataDir);
    const client = new Client(server.url, ada.client.token);
    const deadline = Date.now() + 90_000;
    let after = before;
    while (after.status !== 'succeeded' && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      after = (await client.get<Run>(`/orchestrator-runs/${body.id}`)).body;
    }
    expect([after.status, after.query_id]).toEqual(['succeeded', before.query_id]);
    expect(after.result_summary).toMatch(/There are 3 rows/);
    expect(after.steps.map(({ id }) => id)).toEqual(before.steps.map(({ id }) => id));
    expect(after.steps.slice(0, 4)).toEqual(before.steps.slice(0, 4));
    expect((await client.get<Page<Query>>('/queries?include_total=true')).body.total).toBe(1);
  }, 150_000);
});

function environment(url: string): Record<string, string> {
  return { LUMIERE_LLM_BASE_URL: url, LUMIERE_LLM_MODEL: 'writer-1', LUMIERE_LLM_TIMEOUT_SECONDS: '120' };
}
