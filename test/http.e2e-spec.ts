import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, newAccount, type Problem, serverUrl } from './support/client.js';
import { eventually } from './support/patience.js';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';

describe('HTTP', () => {
  const visitor = new Client(serverUrl());

  it('says that the process is up and that it can work', async () => {
    const up = await visitor.fetch('/health', {});
    expect([up.status, up.body]).toEqual([200, { status: 'ok' }]);
    const ready = await visitor.fetch('/health/ready', {});
    expect(ready.body).toEqual({
      status: 'ok',
      checks: { database: expect.any(Number), storage: expect.any(Number), queue: expect.any(Number) },
    });
  });

  it('gives every answer a request id', async () => {
    const ids = await Promise.all(
      ['/health', '/api/v1/auth/me', '/nothing'].map(async (path) =>
        (await visitor.raw(path)).headers.get('x-request-id'),
      ),
    );
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
  });

  it('keeps the request id of the caller when it is harmless, in the answer and in the problem', async () => {
    const given = await visitor.get<Problem>('/auth/me', { 'x-request-id': 'order-4711.a' });
    expect([given.headers.get('x-request-id'), given.body.request_id]).toEqual(['order-4711.a', 'order-4711.a']);
    for (const harmful of ['short', 'two words of it', '{"level":60}', 'x'.repeat(101)]) {
      const { headers } = await visitor.get('/auth/me', { 'x-request-id': harmful });
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/);
    }
  });

  it('sends security headers, and does not say what it is made with', async () => {
    const { headers } = await visitor.raw('/health');
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN',
      'referrer-policy': 'no-referrer',
      'strict-transport-security': expect.stringContaining('max-age='),
    });
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('server')).toBeNull();
  });

  it('describes every error in the same shape', async () => {
    for (const path of ['/api/v1/auth/me', '/api/v1/nothing', '/nothing', '/api/v1/data-sources/%E0%A4%A']) {
      const { status, headers, body } = await visitor.fetch<Problem>(path, {});
      expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      expect(body).toEqual({
        type: `urn:lumiere:problem:${body.code.replaceAll('_', '-')}`,
        title: expect.any(String),
        status,
        detail: expect.stringMatching(/\.$/),
        code: expect.stringMatching(/^[a-z_]+$/),
        instance: path,
        request_id: headers.get('x-request-id'),
      });
    }
  });
});

describe('the log', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer({ LOG_LEVEL: 'trace' });
  });

  afterAll(async () => {
    await server.stop();
    await removeDataDir(server);
  });

  it('tells of each request, and never a password, a token or what was asked', async () => {
    const { client, username, password } = await newAccount(server.url);
    const visitor = new Client(server.url);
    const wrong = 'wrong-password-of-somebody';
    await visitor.post('/auth/login', { username, password: wrong });
    await visitor.post('/auth/register', { username: 'x', email: 'x', password: wrong, secret: wrong });
    const signedIn = await visitor.post<{ access_token: string; refresh_token: string }>('/auth/login', {
      username,
      password,
    });
    await visitor.post('/auth/refresh', { refresh_token: signedIn.body.refresh_token });
    await client.get('/queries?cursor=secret-words', { 'x-request-id': 'known-request-id' });
    const output = await eventually(
      async () => server.output(),
      (text) => text.includes('"request_id":"known-request-id"'),
    );
    expect(output).toMatch(/"method":"GET","path":"\/api\/v1\/queries"/);
    const { access_token: access, refresh_token: refresh } = signedIn.body;
    for (const secret of [password, wrong, access, refresh, client.token ?? '', 'secret-words']) {
      expect(output).not.toContain(secret);
    }
  });
});
