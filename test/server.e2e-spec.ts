import { chmod, mkdtemp, readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, newAccount, serverUrl } from './support/client.js';
import { ENDLESS_SQL, newSource, numbers } from './support/data.js';
import { eventually } from './support/patience.js';
import { beginUpload, openFilePart } from './support/raw-http.js';
import { removeDataDir, runToExit, startServer, type TestServer } from './support/server.mjs';
import type { Page, Query } from './support/shapes.js';

const ASK_COUNT = 'How many numbers?';

/** One installation from its first start on: the tests are steps of its life, in this order. */
describe('a server', () => {
  let server: TestServer;
  let ada: Awaited<ReturnType<typeof newAccount>>;
  let source: number;
  let answered: number;
  let interrupted: number[];

  beforeAll(async () => {
    server = await startServer();
    ada = await newAccount(server.url);
    ({ id: source } = await newSource(ada.client, { 'numbers.csv': numbers(1000) }));
    answered = (await ada.client.post<Query>('/queries', { data_source_id: source, question: ASK_COUNT })).body.id;
  });

  afterAll(async () => {
    await server.stop();
    await removeDataDir(server);
  });

  /** Starts it again on the same data; the token from before goes on to be used. */
  const startAgain = async (environment: Record<string, string> = {}): Promise<void> => {
    server = await startServer(environment, server.dataDir);
    ada = { ...ada, client: new Client(server.url, ada.client.token) };
  };
  const runEndlessly = async (): Promise<number> => {
    const asked = await ada.client.post<Query>('/queries?wait=0', { data_source_id: source, sql: ENDLESS_SQL });
    if (asked.status !== 202) throw new Error(`It does not run: ${JSON.stringify(asked.body)}\n${server.output()}`);
    return asked.body.id;
  };
  const query = async (id: number): Promise<Query> => (await ada.client.get<Query>(`/queries/${id}`)).body;

  it('makes its keys on the first start, for its owner’s eyes only', async () => {
    const folder = join(server.dataDir, 'keys');
    expect((await readdir(folder)).sort()).toEqual(['encryption.key', 'secret.key']);
    for (const name of await readdir(folder)) {
      const { mode, size } = await stat(join(folder, name));
      expect([mode & 0o777, size]).toEqual([0o600, 65]);
    }
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('keeps its database from other users of the machine, in a folder that they may look into', async () => {
    const open = await mkdtemp(join(tmpdir(), 'lumiere-open-'));
    await chmod(open, 0o755);
    const other = await startServer({}, open);
    try {
      expect((await stat(join(open, 'postgres'))).mode & 0o777).toBe(0o700);
    } finally {
      await other.stop();
      await removeDataDir(other);
    }
  });

  it('refuses a second server on the same data directory, naming it', async () => {
    const { code, output } = await runToExit({ LUMIERE_DATA_DIR: server.dataDir });
    expect(code).toBe(1);
    expect(output).toBe(
      `Lumiere cannot start. Another Lumiere server is using the data directory ${server.dataDir}. ` +
        'Stop it first, or give this one its own with LUMIERE_DATA_DIR.\n',
    );
    expect((await ada.client.get('/auth/me')).status).toBe(200);
  });

  it('finds everything again after it was asked to stop', async () => {
    expect(await server.stop()).toBe(0);
    await startAgain({ CORS_ORIGINS: 'https://app.example.com' });
    expect((await ada.client.get('/auth/me')).body).toMatchObject({ id: ada.id });
    expect((await ada.client.get(`/data-sources/${source}`)).body).toMatchObject({ name: 'numbers', row_count: 1000 });
    expect(await query(answered)).toMatchObject({ question: ASK_COUNT, status: 'succeeded', rows: [[1000]] });
  });

  it('answers other origins only when it is configured to', async () => {
    const headers = { origin: 'https://app.example.com', 'access-control-request-method': 'POST' };
    const allowed = await ada.client.raw('/api/v1/queries', { method: 'OPTIONS', headers });
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    const deleting = { ...headers, 'access-control-request-method': 'DELETE' };
    const removal = await ada.client.raw('/api/v1/data-sources/1', { method: 'OPTIONS', headers: deleting });
    expect(removal.headers.get('access-control-allow-methods')?.split(/, ?/).sort()).toEqual([
      'DELETE',
      'GET',
      'HEAD',
      'PATCH',
      'POST',
      'PUT',
    ]);
    const other = { ...headers, origin: 'https://evil.example' };
    const refused = await ada.client.raw('/api/v1/queries', { method: 'OPTIONS', headers: other });
    expect(refused.headers.get('access-control-allow-origin')).not.toBe('https://evil.example');
    const unconfigured = await fetch(`${serverUrl()}/api/v1/queries`, { method: 'OPTIONS', headers });
    expect(unconfigured.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('answers lists right after each start', async () => {
    for (let start = 0; start < 5; start += 1) {
      await server.stop();
      await startAgain();
      expect((await ada.client.get('/data-sources?limit=2')).status).toBe(200);
    }
  });

  it('finds everything again after it was killed, and says which queries it was in the middle of', async () => {
    interrupted = [await runEndlessly(), await runEndlessly()];
    await eventually(
      () => query(interrupted[0] ?? 0),
      ({ status }) => status === 'running',
    );
    await server.kill();
    await startAgain();
    for (const id of interrupted) {
      const { status, error, finished_at: finished } = await query(id);
      expect([status, error?.code]).toEqual(['failed', 'query_interrupted']);
      expect(error?.detail).toBe('The server stopped before this query had finished. Run it again.');
      expect(finished).not.toBeNull();
    }
    expect(await query(answered)).toMatchObject({ status: 'succeeded', rows: [[1000]] });
    const rerun = await ada.client.post<Query>(`/queries/${answered}/rerun`);
    expect(rerun.body).toMatchObject({ status: 'succeeded', rows: [[1000]] });
    expect(await readdir(join(server.dataDir, 'tmp'))).toEqual([]);
  });

  it('stops in order while a query runs and an upload hangs', async () => {
    const running = await runEndlessly();
    await eventually(
      () => query(running),
      ({ status }) => status === 'running',
    );
    const upload = await beginUpload(server.url, ada.client.token, 1_000_000);
    upload.on('error', () => upload.destroy());
    upload.write(openFilePart('half.csv') + numbers(1000));
    await eventually(
      () => readdir(join(server.dataDir, 'tmp')),
      (files) => files.length > 0,
    );
    expect(await server.stop()).toBe(0);
    await startAgain();
    expect(await query(running)).toMatchObject({ status: 'cancelled' });
    expect((await ada.client.get<Page<unknown>>('/data-sources')).body.items).toHaveLength(1);
    expect(await readdir(join(server.dataDir, 'tmp'))).toEqual([]);
  });

  it('removes files that were superseded, once no query can still read them', async () => {
    const { id } = await newSource(ada.client, { 'kept.csv': numbers(3), 'changed.csv': numbers(3) });
    const files = async (): Promise<string[]> => {
      const found = await readdir(join(server.dataDir, 'sources', String(id)), { recursive: true });
      return found.filter((name) => name.endsWith('.parquet')).sort();
    };
    await ada.client.addFiles(id, { 'changed.csv': numbers(4) });
    expect(await files()).toEqual(['v1/changed.parquet', 'v1/kept.parquet', 'v2/changed.parquet']);
    await ada.client.delete(`/data-sources/${id}/tables/kept`);
    await server.stop();
    await startAgain();
    expect(await files()).toEqual(['v2/changed.parquet']);
    const count = await ada.client.post<Query>('/queries', { data_source_id: id, sql: 'SELECT count(*) FROM changed' });
    expect(count.body.rows).toEqual([[4]]);
  });
});

describe('the configuration', () => {
  const KEY = 'q1w2E3r4T5y6u7I8o9P0a1S2d3F4g5H6';
  const OTHER_KEY = 'Zx9Cv8Bn7Ml6Kj5Hg4Fd3Sa2Qw1Er0Ty';
  const keys = { LUMIERE_SECRET_KEY: KEY, LUMIERE_ENCRYPTION_KEY: OTHER_KEY };

  it.each<[string, Record<string, string>, RegExp]>([
    ['no keys in production', { NODE_ENV: 'production' }, /LUMIERE_SECRET_KEY must be set when NODE_ENV is production/],
    [
      'one key in production',
      { NODE_ENV: 'production', LUMIERE_SECRET_KEY: KEY },
      /LUMIERE_ENCRYPTION_KEY must be set when NODE_ENV is production/,
    ],
    [
      'a short key',
      { ...keys, LUMIERE_SECRET_KEY: 'tiny-key' },
      /LUMIERE_SECRET_KEY is too short: it needs at least 32/,
    ],
    [
      'a placeholder',
      { ...keys, LUMIERE_SECRET_KEY: `changeme-${KEY}` },
      /LUMIERE_SECRET_KEY looks like a placeholder/,
    ],
    ['a repeated letter', { ...keys, LUMIERE_ENCRYPTION_KEY: 'a'.repeat(40) }, /LUMIERE_ENCRYPTION_KEY looks like a/],
    ['the same key twice', { ...keys, LUMIERE_ENCRYPTION_KEY: KEY }, /LUMIERE_ENCRYPTION_KEY must differ from/],
    ['a port that is no number', { PORT: 'abc' }, /PORT must be a whole number from 0 to 65535/],
    [
      'a database that is no address',
      { DATABASE_URL: 'localhost' },
      /DATABASE_URL must be an address that starts with/,
    ],
    ['a pool of one', { DATABASE_POOL_SIZE: '1' }, /DATABASE_POOL_SIZE must be a whole number from 2 to 500/],
    ['a proxy that is no address', { TRUSTED_PROXIES: '10.0.0.1, foo' }, /TRUSTED_PROXIES must be IP addresses/],
    ['a network that is too narrow', { TRUSTED_PROXIES: '10.0.0.0/33' }, /TRUSTED_PROXIES must be IP addresses/],
    ['an origin with a path', { CORS_ORIGINS: 'https://a.example/app' }, /CORS_ORIGINS must be origins such as/],
    ['an unknown log level', { LOG_LEVEL: 'loud' }, /LOG_LEVEL must be one of: fatal/],
    [
      'several at once, by all their names',
      {
        PORT: 'abc',
        BCRYPT_COST: 'high',
        ADMIN_USERNAME: 'ada',
        OIDC_ISSUER: 'http://id.example.com',
        LOG_LEVEL: 'loud',
      },
      /^Lumiere cannot start\. PORT must .*\nBCRYPT_COST must .*\nADMIN_EMAIL must .*\nADMIN_PASSWORD must .*\nOIDC_ISSUER must .*\n[^]*LOG_LEVEL must /,
    ],
  ])('refuses %s, naming the variable and not its value', async (_, environment, sentence) => {
    const { code, output } = await runToExit({ LUMIERE_DATA_DIR: '/dev/null/nowhere', ...environment });
    expect(code).toBe(1);
    expect(output).toMatch(/^Lumiere cannot start\. /);
    expect(output).toMatch(sentence);
    expect(output).not.toMatch(/\n\s+at /);
    for (const name of ['LUMIERE_SECRET_KEY', 'LUMIERE_ENCRYPTION_KEY']) {
      expect(output).not.toContain(environment[name] ?? 'no such text');
    }
  });
});
