/** Uploads files the way a client with little memory does: straight from the disk. */
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { request } from 'node:http';
import { pipeline } from 'node:stream/promises';

/**
 * Uploads one CSV file as a data source.
 *
 * @param {{ url: string, token: string, path: string, name: string }} upload
 * @returns {Promise<{ id: number, row_count: number }>}
 */
export async function uploadCsv({ url, token, path, name }) {
  const boundary = `bench-${randomBytes(12).toString('hex')}`;
  const field = (head) => `--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n`;
  const before = `${field('name="name"')}\r\n${name}\r\n${field(`name="file"; filename="${name}.csv"`)}Content-Type: text/csv\r\n\r\n`;
  const after = `\r\n--${boundary}--\r\n`;
  const { size } = await stat(path);
  const outgoing = request(`${url}/api/v1/data-sources/upload`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': Buffer.byteLength(before) + size + Buffer.byteLength(after),
    },
  });
  const answered = new Promise((resolve, reject) => outgoing.once('response', resolve).once('error', reject));
  await pipeline(async function* () {
    yield before;
    yield* createReadStream(path, { highWaterMark: 1 << 20 });
    yield after;
  }, outgoing);
  const response = await answered;
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  if (response.statusCode !== 201) throw new Error(`the upload answered ${response.statusCode}: ${text}`);
  return JSON.parse(text);
}
