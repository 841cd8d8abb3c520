/** A program of somebody who has nothing but the OpenAPI document: it must compile against what is generated from it. */
export const CLIENT_PROGRAM = `
import createClient from 'openapi-fetch';
import type { components, paths } from './lumiere.js';

type Query = components['schemas']['Query'];

const [, , baseUrl = '', token = ''] = process.argv;
const client = createClient<paths>({ baseUrl, headers: { authorization: \`Bearer \${token}\` } });

const upload = await client.POST('/api/v1/data-sources/upload', {
  body: { file: ['town\\nOslo\\nBergen\\n'], name: 'Towns' },
  bodySerializer: ({ file, name }) => {
    const form = new FormData();
    for (const content of file) form.append('file', new Blob([content]), 'towns.csv');
    if (name !== undefined) form.append('name', name);
    return form;
  },
});
if (upload.error) throw new Error(upload.error.detail);

const asked = await client.POST('/api/v1/queries', {
  params: { query: { wait: 10 } },
  body: { data_source_id: upload.data.id, question: 'How many towns?' },
});
if (asked.error) throw new Error(asked.error.code);
const query: Query = asked.data;
const status: 'succeeded' | 'failed' | string = query.status;
const tables: string[] = query.receipt?.tables ?? [];

const page = await client.GET('/api/v1/queries/{id}/result', {
  params: { path: { id: query.id }, query: { limit: 10 } },
});
if (page.error) throw new Error(\`\${status}: \${page.error.detail}\`);

const missing = await client.GET('/api/v1/data-sources/{id}', { params: { path: { id: 2_000_000_000 } } });
const list = await client.GET('/api/v1/data-sources', { params: { query: { limit: 5, include_total: true } } });
const total: number = list.data?.total ?? 0;
if (total !== 1) throw new Error('There should be one data source.');

// @ts-expect-error A question needs a data source.
void (() => client.POST('/api/v1/queries', { body: { question: 'How many?' } }));
// @ts-expect-error There is no such route.
void (() => client.GET('/api/v1/nothing'));

console.log(JSON.stringify({ rows: typeof page.data === 'string' ? [] : page.data.rows, tables, missing: missing.error?.code }));
`;
