import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount, type Problem } from './support/client.js';
import { CUSTOMERS, numbers } from './support/data.js';
import { eventually } from './support/patience.js';
import { beginUpload, BOUNDARY, CLOSE_PARTS, openFilePart, readAnswer } from './support/raw-http.js';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';
import type { Page } from './support/shapes.js';

const GIGABYTE = 1024 ** 3;

/** On a server of their own: what they leave on disk is looked at, and its limits are small. */
describe('broken uploads', () => {
  let server: TestServer;
  let ada: Account;

  beforeAll(async () => {
    server = await startServer({ LUMIERE_MAX_UPLOAD_MB: '1', LUMIERE_MAX_UPLOAD_FILES: '3' });
    ada = await newAccount(server.url);
  });

  afterAll(async () => {
    await server.stop();
    await removeDataDir(server);
  });

  const filesIn = (folder: string): Promise<string[]> => readdir(join(server.dataDir, folder));
  const sources = async (): Promise<number> =>
    (await ada.client.get<Page<unknown>>('/data-sources?include_total=true')).body.total ?? -1;
  const expectNothingLeft = async (): Promise<void> => {
    await eventually(
      () => filesIn('tmp'),
      (files) => files.length === 0,
    );
    expect([await sources(), await filesIn('sources')]).toEqual([0, []]);
  };

  it('refuses 50 GB by the announcement alone, and closes the connection', async () => {
    const socket = await beginUpload(server.url, ada.client.token, 50 * GIGABYTE);
    socket.write(openFilePart('huge.csv'));
    const { status, body, ms } = await readAnswer(socket);
    expect(status).toBe(413);
    expect(ms).toBeLessThan(1000);
    const problem = JSON.parse(body) as Problem;
    expect(problem.code).toBe('payload_too_large');
    expect(problem.detail).toMatch(
      /more than 1 MB .* Split the file, or ask your administrator to raise LUMIERE_MAX_UPLOAD_MB/,
    );
    await once(socket, 'close');
    await expectNothingLeft();
  });

  it('asks who is there before it takes a single byte', async () => {
    const socket = await beginUpload(server.url, 'nonsense', 50 * GIGABYTE);
    const { status, body } = await readAnswer(socket);
    expect([status, (JSON.parse(body) as Problem).code]).toEqual([401, 'unauthenticated']);
    await once(socket, 'close');
  });

  it('refuses a file that turns out to be too large', async () => {
    const { status, body } = await ada.client.upload<Problem>({ 'large.csv': numbers(300_000) });
    expect([status, body.code]).toEqual([413, 'payload_too_large']);
    await expectNothingLeft();
  });

  it('refuses files that are too large together, when the size was not announced', async () => {
    const bodyOf = (fileName: string): string => `${openFilePart(fileName)}${numbers(100_000)}\r\n`;
    const parts = ['a.csv', 'b.csv'].map(bodyOf).join('');
    const answer = await ada.client.fetch<Problem>('/api/v1/data-sources/upload', {
      method: 'POST',
      body: new Blob([parts + CLOSE_PARTS]).stream(),
      duplex: 'half',
      headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    });
    expect([answer.status, answer.body.code]).toEqual([413, 'payload_too_large']);
    expect(answer.body.detail).toContain('LUMIERE_MAX_UPLOAD_MB');
    await expectNothingLeft();
  });

  it('refuses too many files, saying how many may come', async () => {
    const files = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [`${name}.csv`, CUSTOMERS]));
    const { status, body } = await ada.client.upload<Problem>(files);
    expect([status, body.code]).toEqual([413, 'payload_too_large']);
    expect(body.detail).toBe('At most 3 files may be uploaded at once. Send fewer at a time.');
    await expectNothingLeft();
  });

  it('keeps nothing of an upload that breaks off in the middle of a file', async () => {
    const socket = await beginUpload(server.url, ada.client.token, 500_000);
    socket.write(openFilePart('half.csv') + numbers(10_000));
    await eventually(
      () => filesIn('tmp'),
      (files) => files.length > 0,
    );
    socket.destroy();
    await expectNothingLeft();
  });

  it('keeps nothing when the second of two files never comes', async () => {
    const socket = await beginUpload(server.url, ada.client.token, 500_000);
    socket.write(`${openFilePart('whole.csv')}${CUSTOMERS}\r\n${openFilePart('half.csv')}id,na`);
    await eventually(
      () => filesIn('tmp'),
      (files) => files.length > 0,
    );
    socket.destroy();
    await expectNothingLeft();
  });

  it('refuses a body that ends before its parts do', async () => {
    const body = openFilePart('half.csv') + CUSTOMERS;
    const answer = await ada.client.fetch<Problem>('/api/v1/data-sources/upload', {
      method: 'POST',
      body,
      headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    });
    expect([answer.status, answer.body.code]).toEqual([400, 'upload_incomplete']);
    expect(answer.body.detail).toBe('The upload ended before it was complete. Send it again.');
    await expectNothingLeft();
  });

  it('keeps all or nothing when the caller goes away just after the last byte', async () => {
    const body = openFilePart('complete.csv') + numbers(100_000) + CLOSE_PARTS;
    const socket = await beginUpload(server.url, ada.client.token, Buffer.byteLength(body));
    socket.end(body);
    await once(socket, 'finish');
    socket.destroy();
    await eventually(
      () => filesIn('tmp'),
      (files) => files.length === 0,
    );
    expect(await filesIn('sources')).toHaveLength(await sources());
  });

  it('takes the place of what a crash has left under an id that is given out again', async () => {
    const taken = await filesIn('sources');
    const free = Array.from({ length: 30 }, (_, index) => String(index + 1)).filter((id) => !taken.includes(id));
    for (const id of free) {
      const folder = join(server.dataDir, 'sources', id, 'v1');
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'left.parquet'), 'x');
    }
    const { status, body } = await ada.client.upload({ 'customers.csv': CUSTOMERS }, { name: 'After a crash' });
    expect([status, free.includes(String(body.id))]).toEqual([201, true]);
    expect(await filesIn(`sources/${body.id}/v1`)).toEqual(['customers.parquet']);
  });

  it('goes on serving', async () => {
    expect((await ada.client.upload({ 'good.csv': CUSTOMERS })).status).toBe(201);
    expect(server.output()).not.toMatch(/"level":(50|60)/);
  });
});
