/** What Prometheus gets to see of a server, and nobody else. */
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, Client, newAccount, type Problem, serverUrl } from './support/client.js';
import { newSource, SHOP } from './support/data.js';
import { readOperations } from './support/operations.js';
import { eventually } from './support/patience.js';
import { type Sample, scrape } from './support/scraper.js';
import { METRICS_TOKEN } from './support/server.mjs';
import type { Query } from './support/shapes.js';

describe('metrics', () => {
  let ada: Account;
  let source: number;

  beforeAll(async () => {
    ada = await newAccount();
    ({ id: source } = await newSource(ada.client, SHOP));
  });

  const samples = () => scrape(serverUrl());
  const ask = (body: object) => ada.client.post<Query>('/queries?wait=30', { data_source_id: source, ...body });
  /** How much a sample has grown by some work, once it has. */
  const growth = async (
    name: string,
    labels: Record<string, string>,
    work: () => Promise<unknown>,
  ): Promise<number> => {
    const before = valueOf(await samples(), name, labels);
    await work();
    const after = await eventually(
      async () => valueOf(await samples(), name, labels),
      (value) => value > before,
    );
    return after - before;
  };

  it('are given to nobody but who sends the token of the configuration, in its place', async () => {
    const { body: key } = await ada.client.post<{ key: string }>('/api-keys', { name: 'Scraper', scopes: ['*'] });
    for (const headers of [
      {},
      { authorization: `Bearer ${ada.client.token ?? ''}` },
      { authorization: `Bearer ${key.key}` },
      { 'x-api-key': key.key },
      { 'x-api-key': METRICS_TOKEN },
      { authorization: METRICS_TOKEN },
      { authorization: `Basic ${Buffer.from(`x:${METRICS_TOKEN}`).toString('base64')}` },
      { authorization: `Bearer ${METRICS_TOKEN}0` },
      { authorization: `Bearer ${METRICS_TOKEN.slice(0, -1)}` },
      { authorization: `Bearer ${METRICS_TOKEN.toUpperCase()}` },
      { authorization: `Bearer x ${METRICS_TOKEN}` },
      { authorization: 'Bearer ' },
      { cookie: `token=${METRICS_TOKEN}` },
    ] as Record<string, string>[]) {
      for (const path of ['/metrics', `/metrics?token=${METRICS_TOKEN}`, '/metrics/']) {
        const { status, headers: told, body } = await new Client(serverUrl()).fetch<Problem>(path, { headers });
        if (path === '/metrics/' && status === 404) continue;
        expect([status, told.get('www-authenticate'), body.code]).toEqual([401, 'Bearer', 'unauthenticated']);
      }
    }
    const given = await new Client(serverUrl(), METRICS_TOKEN).raw('/metrics');
    expect([given.status, given.headers.get('content-type'), given.headers.get('cache-control')]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
      'no-store',
    ]);
    // The token opens nothing else.
    expect((await new Client(serverUrl(), METRICS_TOKEN).get('/auth/me')).status).toBe(401);
  });

  it('count requests by the template of their route, their method and their status, with their durations', async () => {
    const labels = { method: 'GET', route: '/api/v1/queries/:id', status: '404' };
    expect(await growth('lumiere_http_requests_total', labels, () => ada.client.get('/queries/2147480001'))).toBe(1);
    const timed = { method: 'GET', route: '/api/v1/queries/:id' };
    expect(
      await growth('lumiere_http_request_duration_seconds_count', timed, () => ada.client.get('/queries/2147480001')),
    ).toBe(1);
  });

  it('count queries by their engine, their origin and how they ended', async () => {
    const by = (origin: string, outcome: string) => ({ engine: 'duckdb', origin, outcome });
    const count = async (labels: Record<string, string>, body: object): Promise<void> => {
      expect(await growth('lumiere_queries_total', labels, () => ask(body))).toBeGreaterThanOrEqual(1);
    };
    await count(by('user_sql', 'succeeded'), { sql: 'SELECT count(*) AS metrics_orders FROM orders' });
    await count(by('user_sql', 'failed'), { sql: "SELECT CAST('x' AS integer) AS metrics_broken FROM orders" });
    await count(by('rule_based', 'unanswerable'), { question: 'What is the airspeed of an unladen swallow?' });
    expect(valueOf(await samples(), 'lumiere_query_duration_seconds_count', { engine: 'duckdb' })).toBeGreaterThan(0);
  });

  it('count tries of jobs by kind and outcome, and tell how many wait', async () => {
    const { body: query } = await ask({ sql: 'SELECT 1 AS metrics_one' });
    const labels = { kind: 'exports.make', outcome: 'completed' };
    const work = () => ada.client.post('/exports?wait=30', { query_id: query.id, format: 'csv' });
    expect(await growth('lumiere_job_tries_total', labels, work)).toBeGreaterThanOrEqual(1);
    expect(find(await samples(), 'lumiere_jobs_waiting', { kind: 'exports.make' })).toBeDefined();
  });

  it('tell of streams that are open, of the pool of connections, and of the process', async () => {
    const stop = new AbortController();
    const open = () => ada.client.raw('/api/v1/notifications/stream', { signal: stop.signal });
    expect(await growth('lumiere_event_streams', {}, open)).toBeGreaterThanOrEqual(1);
    stop.abort();
    const now = await samples();
    for (const name of [
      'process_resident_memory_bytes',
      'process_cpu_seconds_total',
      'nodejs_eventloop_lag_p99_seconds',
      'nodejs_heap_size_used_bytes',
    ]) {
      expect(valueOf(now, name, {})).toBeGreaterThan(0);
    }
    const connections = ['idle', 'busy'].map((state) => valueOf(now, 'lumiere_database_connections', { state }));
    expect(connections.reduce((sum, one) => sum + one)).toBeGreaterThan(0);
    expect(find(now, 'lumiere_database_waiting', {})).toBeDefined();
    for (const state of ['running', 'waiting']) expect(find(now, 'lumiere_queries_under_way', { state })).toBeDefined();
    expect(valueOf(now, 'lumiere_info', {})).toBe(1);
  });

  it('hold nothing that somebody has sent: no names, no ids, no paths, no SQL', async () => {
    const sent = `x${randomUUID().replaceAll('-', '')}`;
    await ask({ sql: `SELECT 1 AS ${sent}` });
    await ask({ question: `How many ${sent}?` });
    await ada.client.get(`/${sent}`);
    await ada.client.get(`/queries/${sent}`);
    await ada.client.get(`/public/dashboards/${sent}`);
    await ada.client.get(`/queries?cursor=${sent}`);
    await new Client(serverUrl()).post('/auth/login', { username: sent, password: sent });
    await fetch(`${serverUrl()}/health`, { method: 'PROPFIND', headers: { 'user-agent': sent } });
    const text = await samplesText();
    expect(text).not.toContain(sent);
    expect(text).not.toContain(ada.username);
  });

  it('have no more series than routes, kinds and outcomes make', async () => {
    const templates = new Set((await readOperations()).map(({ path }) => path.replaceAll(/\{(\w+)\}/g, ':$1')));
    const all = await samples();
    const routes = new Set(all.map(({ labels }) => labels['route']).filter((route) => route !== undefined));
    const known = (route: string): boolean =>
      templates.has(route) ||
      /^(none|\/mcp|\/reset-password|\/signed-in|\/api\/(docs|redoc|openapi)[\w./*-]*)$/.test(route);
    expect([...routes].filter((route) => !known(route))).toEqual([]);
    const names = new Set(all.flatMap(({ labels }) => Object.keys(labels)));
    for (const name of ['user', 'user_id', 'username', 'sql', 'data_source', 'data_source_id', 'path']) {
      expect(names).not.toContain(name);
    }
  });

  const samplesText = async (): Promise<string> =>
    (await new Client(serverUrl(), METRICS_TOKEN).raw('/metrics')).text();
});

function find(all: readonly Sample[], name: string, labels: Record<string, string>): Sample | undefined {
  return all.find(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
}

/** 0 where there is none yet. */
function valueOf(all: readonly Sample[], name: string, labels: Record<string, string>): number {
  return find(all, name, labels)?.value ?? 0;
}
