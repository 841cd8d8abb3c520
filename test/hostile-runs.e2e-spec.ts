import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount, type Problem } from './support/client.js';
import { ENDLESS_SQL, newSource, numbers } from './support/data.js';
import { eventually } from './support/patience.js';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';
import type { Query } from './support/shapes.js';

const MOST_MORE_MEMORY = 512 * 1024 * 1024;
const MEMORY_MB = 256;
const TIMEOUT_MS = 2_000;

/** Reacts to nothing: one function of one row. */
const DEAF_SQL = `SELECT list_aggregate(list_transform(range(n + 20000000), x -> md5(x::VARCHAR)), 'max') AS m FROM numbers WHERE n = 1`;

/** On a server of their own: its memory, its processes and its data directory are looked at. */
describe('runs over files that are made to do harm', () => {
  let server: TestServer;
  let ada: Account;
  let id: number;
  let before: number;

  beforeAll(async () => {
    server = await startServer({ QUERY_MAX_MEMORY_MB: String(MEMORY_MB), QUERY_CONCURRENCY: '2' });
    ada = await newAccount(server.url);
    id = (await newSource(ada.client, { 'numbers.csv': numbers(2_000) })).id;
    expect((await run('SELECT 1 AS one')).status).toBe('succeeded');
    await writeFile(`/proc/${server.pid}/clear_refs`, '5');
    before = await memoryOf(server.pid, 'VmHWM');
  });

  afterAll(async () => {
    await server.stop();
    await removeDataDir(server);
  });

  async function run(sql: string, timeoutMs = 30_000): Promise<Query> {
    const asked = { data_source_id: id, sql, timeout_ms: timeoutMs };
    return (await ada.client.post<Query>('/queries?wait=30', asked)).body;
  }

  async function begin(sql: string): Promise<number> {
    const { body } = await ada.client.post<Query>('/queries?wait=0', { data_source_id: id, sql, timeout_ms: 30_000 });
    await eventually(
      async () => (await ada.client.get<Query>(`/queries/${body.id}`)).body.status,
      (status) => status === 'running',
    );
    return body.id;
  }

  async function ended(queryId: number): Promise<Query> {
    return eventually(
      async () => (await ada.client.get<Query>(`/queries/${queryId}`)).body,
      ({ status }) => !['pending', 'running'].includes(status),
    );
  }

  /** What there is in the data directory but for the tables and results of queries that have succeeded. */
  async function leftovers(): Promise<string[]> {
    return readdir(join(server.dataDir, 'tmp'));
  }

  it.each([
    ['a cell of 1 GB', `SELECT repeat('x', 1000000000) AS cell`],
    ['a cell of 1 GB that nobody sees', `SELECT sum(length(repeat('x', 1000000000 + n))) FROM numbers`],
    ['a list without end', `SELECT list(a.n || repeat('y', 1000)) AS list FROM numbers a, numbers b, numbers c`],
    ['10,000 columns', `SELECT ${'n,'.repeat(9_999)} n FROM numbers`],
  ])('end with their memory, and nobody else does: %s', async (_what, sql) => {
    const [harmful, harmless] = await Promise.all([run(sql), run('SELECT count(*) AS n FROM numbers')]);
    expect([harmful.status, harmless.status]).toEqual(['failed', 'succeeded']);
    expect(['query_out_of_memory', 'query_result_too_large']).toContain(harmful.error?.code);
    expect(await leftovers()).toEqual([]);
  });

  it('are stopped when they do not react, and their slot is free', async () => {
    const started = performance.now();
    const query = await run(DEAF_SQL, TIMEOUT_MS);
    expect(['query_timeout', 'query_out_of_memory']).toContain(query.error?.code);
    expect(performance.now() - started).toBeLessThan(TIMEOUT_MS + 8_000);
    expect((await run('SELECT 1 AS one')).status).toBe('succeeded');
    expect(await leftovers()).toEqual([]);
  });

  it('can be cancelled twice', async () => {
    const queryId = await begin(ENDLESS_SQL.replaceAll('d.n', 'd.n * 1.5'));
    const cancel = () => ada.client.post<Query>(`/queries/${queryId}/cancel`);
    const answers = await Promise.all([cancel(), cancel()]);
    expect(answers.map(({ body }) => body.status)).toEqual(['cancelled', 'cancelled']);
    expect((await cancel()).body.status).toBe('cancelled');
    expect(await leftovers()).toEqual([]);
  });

  it('fail alone when their process is killed', async () => {
    const queryId = await begin(ENDLESS_SQL);
    for (const pid of await children(server.pid)) process.kill(pid, 'SIGKILL');
    expect((await ended(queryId)).error?.code).toBe('query_failed');
    expect((await run('SELECT 2 AS two')).status).toBe('succeeded');
    expect(await leftovers()).toEqual([]);
  });

  it('see no text that is not UTF-8: it is refused, or read in its encoding', async () => {
    const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
    const text = await ada.client.upload<Problem>({ 'bad.parquet': bytes('PAR1 a \xff\xfe PAR1') });
    expect([text.status, text.body.code]).toEqual([422, 'file_malformed']);
    const blob = await run(`SELECT decode('\\xff\\xfe'::BLOB) AS text FROM numbers`);
    expect(blob.error?.code).toBe('query_failed');
    expect(await leftovers()).toEqual([]);
  });

  it('leave the server as it was, and no process behind', async () => {
    expect((await memoryOf(server.pid, 'VmHWM')) - before).toBeLessThan(MOST_MORE_MEMORY);
    const processes = await children(server.pid);
    expect(processes.length).toBeGreaterThan(0);
    await begin(ENDLESS_SQL.replaceAll('c.n', 'c.n * 2'));
    await server.kill();
    const alive = await eventually(
      () => Promise.resolve(processes.filter(isAlive)),
      (left) => left.length === 0,
    );
    expect(alive).toEqual([]);
  });
});

async function memoryOf(pid: number, field: 'VmHWM' | 'VmRSS'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
}

async function children(pid: number): Promise<number[]> {
  return (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).split(' ').filter(Boolean).map(Number);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
