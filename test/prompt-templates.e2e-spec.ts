/** Texts for language models: their versions, their variables, and filling them in. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount, type Problem } from './support/client.js';
import type { Page } from './support/shapes.js';
import { Stored } from './support/stored.js';

interface Template {
  id: number;
  name: string;
  description: string | null;
  template: string;
  variables: { name: string; type: string; max_length: number }[];
  version: number;
  created_by: number;
}

const QUESTION = { name: 'question', type: 'text', max_length: 40 };
const ROWS = { name: 'rows', type: 'number', max_length: 10 };

describe('prompt templates', () => {
  let root: Account;
  let analyst: Account;
  let stored: Stored;

  beforeAll(async () => {
    stored = await Stored.open();
    [root, analyst] = [await newAccount(), await newAccount()];
    await stored.rows(
      `INSERT INTO user_roles (user_id, role_id) SELECT $1, id FROM roles WHERE name = 'admin' ON CONFLICT DO NOTHING`,
      [root.id],
    );
  });
  afterAll(() => stored.close());

  const make = (more: object = {}) =>
    root.client.post<Template & Problem>('/prompt-templates', {
      name: `explain-${randomUUID()}`,
      template: 'Explain: {{question}}',
      variables: [QUESTION],
      ...more,
    });
  const change = (id: number, body: object) => root.client.patch<Template & Problem>(`/prompt-templates/${id}`, body);
  const render = (id: number, variables: unknown) =>
    analyst.client.post<{ text: string; version: number } & Problem>(`/prompt-templates/${id}/render`, { variables });
  const versions = async (id: number) =>
    (await analyst.client.get<Page<Template>>(`/prompt-templates/${id}/versions`)).body.items;

  it('are filled in by everybody who asks questions, with values that stay what they are', async () => {
    const { status, body } = await make();
    expect([status, body.version, body.created_by]).toEqual([201, 1, root.id]);
    expect((await analyst.client.get<Template>(`/prompt-templates/${body.id}`)).body).toEqual(body);
    const hostile = '{{question}} ${1+1} $& <b>';
    expect((await render(body.id, { question: hostile })).body).toEqual({ text: `Explain: ${hostile}`, version: 1 });
  });

  it('refuse values that they have no place for', async () => {
    const { id } = (await make({ template: '{{question}} {{rows}}', variables: [QUESTION, ROWS] })).body;
    const fields = async (variables: unknown) => (await render(id, variables)).body.errors?.map(({ field }) => field);
    expect(await fields({})).toEqual(['variables.question', 'variables.rows']);
    expect(await fields({ question: 'x'.repeat(41), rows: '1' })).toEqual(['variables.question', 'variables.rows']);
    expect(await fields({ question: 'x', rows: 1, other: 1 })).toEqual(['variables']);
    expect(await fields('text')).toEqual(['variables']);
  });

  it('are made of declared variables only, under names of their own', async () => {
    const { name } = (await make()).body;
    expect((await make({ name })).body.code).toBe('conflict');
    for (const more of [
      { variables: [] },
      { variables: [QUESTION, ROWS] },
      { variables: [{ ...QUESTION, type: 'code' }] },
      { variables: [{ ...QUESTION, name: 'Question!' }] },
      { variables: [{ ...QUESTION, default: 'x' }] },
      { template: '{{#each rows}}{{question}}' },
      { template: 'x'.repeat(20_001) },
    ]) {
      expect((await make(more)).status).toBe(422);
    }
  });

  it('keep every text that they had, and take an earlier one back', async () => {
    const { id, name } = (await make()).body;
    const second = await change(id, { template: '{{question}} in {{rows}} rows', variables: [QUESTION, ROWS] });
    expect(second.body).toMatchObject({ version: 2, variables: [QUESTION, ROWS] });
    // A description is no text: the version stays.
    expect((await change(id, { description: 'Explains.' })).body).toMatchObject({
      version: 2,
      description: 'Explains.',
    });
    expect((await change(id, { template: 'Only {{other}}' })).status).toBe(422);
    const restored = await root.client.post<Template>(`/prompt-templates/${id}/versions/1/restore`);
    expect(restored.body).toMatchObject({ version: 3, template: 'Explain: {{question}}', variables: [QUESTION], name });
    expect((await versions(id)).map(({ version, template }) => [version, template])).toEqual([
      [3, 'Explain: {{question}}'],
      [2, '{{question}} in {{rows}} rows'],
      [1, 'Explain: {{question}}'],
    ]);
    expect((await root.client.post(`/prompt-templates/${id}/versions/9/restore`)).status).toBe(404);
    const trail = await stored.rows(
      `SELECT action, diff FROM audit_trails WHERE object_type = 'prompt_template' AND object_id = $1 ORDER BY id`,
      [id],
    );
    expect(trail.map(({ action }) => action)).toEqual([
      'prompt_template.created',
      ...Array(3).fill('prompt_template.changed'),
    ]);
  });

  it('are not overwritten by who has seen an earlier version', async () => {
    const { id } = (await make()).body;
    expect((await change(id, { template: 'A: {{question}}', based_on: 1 })).body.version).toBe(2);
    expect((await change(id, { template: 'B: {{question}}', based_on: 1 })).body.code).toBe('conflict');
    // Of two at the same time both are kept, one after the other.
    await Promise.all(['C', 'D'].map((letter) => change(id, { template: `${letter}: {{question}}` })));
    expect((await versions(id)).map(({ version }) => version)).toEqual([4, 3, 2, 1]);
  });

  it('are changed by administrators alone, and gone with all their versions', async () => {
    const { id } = (await make()).body;
    expect((await analyst.client.patch(`/prompt-templates/${id}`, { template: 'x {{question}}' })).status).toBe(403);
    expect((await analyst.client.delete(`/prompt-templates/${id}`)).status).toBe(403);
    expect((await root.client.delete(`/prompt-templates/${id}`)).status).toBe(204);
    expect((await render(id, { question: 'x' })).status).toBe(404);
    expect(await stored.rows('SELECT 1 FROM prompt_template_versions WHERE template_id = $1', [id])).toEqual([]);
  });
});
