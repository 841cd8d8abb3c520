import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, type Answer, newAccount, type Problem } from './support/client.js';
import { CUSTOMERS, newSource } from './support/data.js';
import { BOUNDARY, CLOSE_PARTS, openFilePart } from './support/raw-http.js';
import type { Page } from './support/shapes.js';

const JSON_TYPE = { 'content-type': 'application/json' };

describe('bad input', () => {
  let ada: Account;
  let source: number;

  beforeAll(async () => {
    ada = await newAccount();
    ({ id: source } = await newSource(ada.client, { 'customers.csv': CUSTOMERS }));
  });

  const post = (path: string, body: string, headers: Record<string, string> = JSON_TYPE): Promise<Answer<Problem>> =>
    ada.client.fetch<Problem>(`/api/v1${path}`, { method: 'POST', body, headers });

  describe('in requests', () => {
    it.each([
      ['cut off', '{"data_source_id": 1,'],
      ['empty', ''],
      ['with a poisoned prototype', '{"__proto__": {"admin": true}}'],
    ])('tells that a body is not JSON: %s', async (_, body) => {
      const answer = await post('/queries', body);
      expect([answer.status, answer.body.code]).toEqual([400, 'malformed_request']);
      expect(answer.body.detail).toMatch(/^Body .* Correct the request and send it again\.$/);
    });

    it.each(['[]', 'null', '"text"', '7'])('asks for an object instead of %s', async (body) => {
      const answer = await post('/queries', body);
      expect([answer.status, answer.body.code]).toEqual([400, 'malformed_request']);
      expect(answer.body.detail).toBe('Send the fields of the request as a JSON object.');
    });

    it('refuses a body of another type, naming the type to send', async () => {
      for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded']) {
        const { status, body } = await post('/auth/login', 'username=a&password=b', { 'content-type': type });
        expect([status, body.code]).toEqual([415, 'unsupported_media_type']);
        expect(body.detail).toContain('application/json');
      }
    });

    it('refuses unknown fields by name', async () => {
      const { status, body } = await ada.client.post<Problem>('/queries', {
        data_source_id: source,
        question: 'How many customers?',
        admin: true,
      });
      expect([status, body.code]).toEqual([422, 'validation_failed']);
      expect(body.detail).toContain('admin');
      expect(body.errors).toEqual([{ field: 'admin', message: 'is not a field of this request' }]);
    });

    it('tells of each field of a wrong type what it must be', async () => {
      const { status, body } = await ada.client.post<Problem>('/queries', {
        data_source_id: 'one',
        sql: { text: 'SELECT 1' },
        max_rows: 1.5,
        timeout_ms: -1,
        dry_run: 'yes',
      });
      expect(status).toBe(422);
      expect(body.errors).toEqual([
        { field: 'data_source_id', message: 'must be an integer number' },
        { field: 'sql', message: 'give either question or sql' },
        { field: 'max_rows', message: 'must be an integer number' },
        { field: 'timeout_ms', message: 'must not be less than 1' },
        { field: 'dry_run', message: 'must be a boolean value' },
      ]);
    });

    it.each([
      ['neither', {}],
      ['both', { question: 'How many customers?', sql: 'SELECT 1' }],
      ['both of a wrong type', { question: 1, sql: 2 }],
    ])('wants either a question or SQL: %s', async (_, body) => {
      const answer = await ada.client.post<Problem>('/queries', { data_source_id: source, ...body });
      expect([answer.status, answer.body.code]).toEqual([422, 'validation_failed']);
      expect(answer.body.errors?.map((error) => error.field)).toContain('sql');
    });

    it('finds nothing under an id that no row can have', async () => {
      for (const id of ['0', '-1', 'abc', '1.5', '99999999999', '1%00']) {
        const { status, body } = await ada.client.get<Problem>(`/data-sources/${id}`);
        expect([status, body.code]).toEqual([404, 'not_found']);
      }
      const { status } = await ada.client.post('/queries', { data_source_id: 99_999_999_999, sql: 'SELECT 1' });
      expect(status).toBe(422);
    });

    it('refuses characters that cannot be stored, naming the field', async () => {
      for (const question of ['How many\0?', 'How many \ud800?']) {
        const { status, body } = await ada.client.post<Problem>('/queries', { data_source_id: source, question });
        expect([status, body.errors?.[0]?.field]).toEqual([422, 'question']);
      }
      const upload = await ada.client.upload<Problem>({ 'a.csv': CUSTOMERS }, { name: 'a\0b' });
      expect([upload.status, upload.body.errors?.[0]?.field]).toEqual([422, 'name']);
    });

    it('refuses a body that is nested without end', async () => {
      const deep = `{"data_source_id":${source},"question":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
      const { status, body } = await post('/queries', deep);
      expect([status, body.code]).toEqual([400, 'malformed_request']);
      expect(body.detail).toContain('nested');
    });

    it('refuses a body over the limit, naming the setting', async () => {
      const { status, body } = await post('/queries', JSON.stringify({ question: 'x'.repeat(2 * 1024 * 1024) }));
      expect([status, body.code]).toEqual([413, 'payload_too_large']);
      expect(body.detail).toContain('LUMIERE_MAX_BODY_KB');
    });

    it.each(['cursor=nonsense', 'cursor=LTE', 'limit=0', 'limit=201', 'limit=many', 'include_total=perhaps', 'page=2'])(
      'refuses the list parameter %s by name',
      async (query) => {
        const { status, body } = await ada.client.get<Problem>(`/data-sources?${query}`);
        expect([status, body.code]).toEqual([422, 'validation_failed']);
        expect(body.errors?.map((error) => error.field)).toEqual([query.split('=')[0]]);
      },
    );

    it('answers an unknown route and an unreadable address as problems', async () => {
      const unknown = await ada.client.fetch<Problem>('/api/v1/nothing', {});
      expect([unknown.status, unknown.body.code]).toEqual([404, 'route_not_found']);
      const unreadable = await ada.client.fetch<Problem>('/api/v1/data-sources/%E0%A4%A', {});
      expect([unreadable.status, unreadable.body.code]).toEqual([400, 'malformed_request']);
      expect(unreadable.headers.get('x-request-id')).toBe(unreadable.body.request_id);
    });
  });

  describe('in uploads', () => {
    const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82]);
    const ZIP = new Uint8Array([0x50, 0x4b, 3, 4, 20, 0, 0, 0, 8, 0, 1, 2, 3]);

    it.each<[string, Record<string, string | Uint8Array<ArrayBuffer>>, string, RegExp]>([
      ['0 bytes', { 'a.csv': '' }, 'file_empty', /“a\.csv” is empty\. Upload a file that has rows\./],
      ['blank lines', { 'a.csv': '\n\n\n' }, 'file_empty', /“a\.csv” holds only blank lines/],
      ['names without rows', { 'a.csv': 'id,name\n' }, 'file_empty', /no rows below its column names/],
      ['a ragged file', { 'a.csv': 'id,name\n1,a\n2,b,c\n3,d\n' }, 'file_malformed', /line 3 has 3 columns where 2/],
      ['an open quote', { 'a.csv': 'id,name\n1,a\n2,"b\n3,d\n' }, 'file_malformed', /line 3 opens a quote .*Close it/],
      ['text as Parquet', { 'a.parquet': CUSTOMERS }, 'file_format_mismatch', /should be a Parquet file.*looks like/],
      ['a picture as CSV', { 'a.csv': PNG }, 'file_format_mismatch', /looks like a PNG image\. Check/],
      ['an archive as CSV', { 'a.csv': ZIP }, 'file_format_mismatch', /ZIP archive\. Unpack it/],
      ['a page as CSV', { 'a.csv': '<!doctype html><p>Sign in' }, 'file_format_mismatch', /looks like an HTML/],
      ['one bad file among good ones', { 'good.csv': CUSTOMERS, 'bad.csv': '' }, 'file_empty', /“bad\.csv” is empty/],
    ])('refuses %s, saying what is wrong with which file', async (_, files, code, detail) => {
      const { status, body } = await ada.client.upload<Problem>(files, { name: 'refused' });
      expect([status, body.code]).toEqual([422, code]);
      expect(body.detail).toMatch(detail);
    });

    it.each([
      ['options', '{'],
      ['options', '[]'],
      ['options.delim', '{"delim": ";"}'],
      ['options.header', '{"header": "yes"}'],
      ['options.quote', '{"quote": "many"}'],
    ])('refuses the part %s when it is %s', async (field, options) => {
      const { status, body } = await ada.client.upload<Problem>({ 'a.csv': CUSTOMERS }, { name: 'refused', options });
      expect([status, body.code]).toEqual([422, 'validation_failed']);
      expect(body.errors?.map((error) => error.field)).toEqual([field]);
    });

    it('refuses types for columns that the file does not have, and types there are not', async () => {
      for (const [types, wrong] of [
        ['{"nothing": "text"}', 'nothing'],
        ['{"name": "zebra"}', 'types.name'],
      ] as const) {
        const { status, body } = await ada.client.upload<Problem>(
          { 'a.csv': CUSTOMERS },
          { name: 'refused', options: `{"types": ${types}}` },
        );
        expect([status, body.code]).toEqual([422, 'file_malformed']);
        expect(body.detail).toContain(wrong);
      }
    });

    it('refuses parts it does not know, and an upload without a file', async () => {
      const unknown = await ada.client.upload<Problem>({ 'a.csv': CUSTOMERS }, { colour: 'red' });
      expect([unknown.status, unknown.body.errors?.[0]?.field]).toEqual([422, 'colour']);
      const nothing = await ada.client.upload<Problem>({}, { name: 'nothing' });
      expect([nothing.status, nothing.body.code]).toEqual([400, 'malformed_request']);
      expect(nothing.body.detail).toContain('part named "file"');
      const json = await post('/data-sources/upload', '{}');
      expect([json.status, json.body.code]).toEqual([400, 'malformed_request']);
      expect(json.body.detail).toContain('multipart/form-data');
    });

    it('refuses a file name with characters that are not text', async () => {
      const body = `${openFilePart('a.csv').replace('filename="a.csv"', "filename*=utf-8''a%00b.csv")}${CUSTOMERS}${CLOSE_PARTS}`;
      const headers = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };
      for (const answer of [
        await ada.client.upload<Problem>({ 'a\0b.csv': CUSTOMERS }),
        await post('/data-sources/upload', body, headers),
      ]) {
        expect([answer.status, answer.body.errors?.[0]?.field]).toEqual([422, 'file']);
      }
    });

    it('gives no way out of the data directory through a file name', async () => {
      const { status, body } = await ada.client.upload({ '../../../../etc/passwd.csv': CUSTOMERS });
      expect([status, body.name]).toEqual([201, 'passwd']);
    });

    it('leaves no source behind', async () => {
      const { body } = await ada.client.get<Page<{ name: string }>>('/data-sources');
      expect(body.items.map((item) => item.name)).toEqual(['passwd', 'customers']);
    });
  });
});
