/** The tour of docs/tour.md on a PostgreSQL server, in two processes: one that answers, and one that does what takes long. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openMailboxProgram } from './support/mailbox-program.js';
import { freePort, startPostgres } from './support/postgres.mjs';
import { scrape } from './support/scraper.js';
import { METRICS_TOKEN, startServer, type TestServer } from './support/server.mjs';
import { tour } from './support/tour.js';

describe('the tour of a new user, with a process for requests and one for jobs', () => {
  let api: TestServer;
  let worker: TestServer;

  tour(async () => {
    const postgres = await startPostgres();
    const mailbox = await openMailboxProgram();
    const dataDir = await mkdtemp(join(tmpdir(), 'lumiere-tour-data-'));
    const port = await freePort();
    const environment = {
      DATABASE_URL: await postgres.createDatabase('lumiere'),
      LUMIERE_PUBLIC_URL: `http://127.0.0.1:${port}`,
      LUMIERE_SECRET_KEY: 'one and the same key for both processes: 4711',
      LUMIERE_ENCRYPTION_KEY: 'another one and the same for both: 0815',
      METRICS_TOKEN,
      SMTP_URL: mailbox.url,
      MAIL_FROM: 'Lumiere <lumiere@example.com>',
    };
    api = await startServer({ ...environment, PORT: String(port), LUMIERE_ROLE: 'api' }, dataDir);
    worker = await startServer({ ...environment, LUMIERE_ROLE: 'worker' }, dataDir);
    return {
      url: api.url,
      mailbox,
      stop: async () => {
        await api.stop();
        await worker.stop();
        await postgres.stop();
        await mailbox.close();
        await rm(dataDir, { recursive: true, force: true });
      },
    };
  });

  it('is counted where it was done: requests and queries in one process, jobs in the other', async () => {
    const counted = async ({ url }: TestServer, name: string, label: string): Promise<string[]> => {
      const samples = (await scrape(url)).filter((sample) => sample.name === name);
      return [...new Set(samples.map(({ labels }) => labels[label] ?? ''))];
    };
    expect(await counted(api, 'lumiere_http_requests_total', 'route')).toContain('/api/v1/dashboards/:id/charts');
    expect(await counted(api, 'lumiere_queries_total', 'outcome')).toEqual(
      expect.arrayContaining(['succeeded', 'needs_clarification']),
    );
    expect(await counted(api, 'lumiere_job_tries_total', 'kind')).toEqual([]);
    expect(await counted(worker, 'lumiere_job_tries_total', 'kind')).toEqual(
      expect.arrayContaining(['exports.make', 'reports.deliver', 'documents.ingest']),
    );
    expect(await counted(worker, 'lumiere_jobs_waiting', 'kind')).toContain('exports.make');
    expect((await fetch(`${worker.url}/metrics`)).status).toBe(401);
    expect((await fetch(`${worker.url}/api/v1/queries`)).status).toBe(404);
  });
});
