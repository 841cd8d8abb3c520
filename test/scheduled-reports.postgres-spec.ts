/** Two servers on one system of record: who sends a report that is due, and who looks at an alert. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { type Account, newAccount } from './support/client.js';
import { newSource, SHOP } from './support/data.js';
import { Mailbox } from './support/mailbox.js';
import { type PostgresServer, startPostgres } from './support/postgres.mjs';
import { startServer, type TestServer } from './support/server.mjs';
import type { Query } from './support/shapes.js';

const REPORTS = 6;
/** Until the next full minute, and then for a busy machine to make and send them. */
const TICK_MS = 150_000;
const PATIENCE_MS = 400_000;

let postgres: PostgresServer;
let mailbox: Mailbox;
let servers: TestServer[];
let dataDir: string;
let database: pg.Client;
let ada: Account;

beforeAll(async () => {
  postgres = await startPostgres();
  mailbox = await Mailbox.open();
  const url = await postgres.createDatabase('lumiere');
  dataDir = await mkdtemp(join(tmpdir(), 'lumiere-reports-'));
  const environment = {
    DATABASE_URL: url,
    SMTP_URL: mailbox.url,
    MAIL_FROM: 'lumiere@example.com',
    LUMIERE_SECRET_KEY: 'one and the same key for both servers: 4711',
    LUMIERE_ENCRYPTION_KEY: 'another one and the same for both: 0815',
  };
  servers = [await startServer(environment, dataDir)];
  servers.push(await startServer(environment, dataDir));
  database = new pg.Client(url);
  await database.connect();
  ada = await newAccount(servers[0]?.url);
}, PATIENCE_MS);

afterAll(async () => {
  await database.end();
  for (const server of servers) await server.stop();
  await postgres.stop();
  await mailbox.close();
  await rm(dataDir, { recursive: true, force: true });
});

it(
  'each report is sent once for its time, whichever of the servers sees it first',
  async () => {
    const { id: source } = await newSource(ada.client, SHOP);
    const { body: query } = await ada.client.post<Query>('/queries', {
      data_source_id: source,
      sql: 'SELECT 1 AS one',
    });
    // One of its own: reports ask theirs anew, which alerts on it would look at as well.
    const { body: watched } = await ada.client.post<Query>('/queries', {
      data_source_id: source,
      sql: 'SELECT 2 AS two',
    });
    const condition = { query_id: watched.id, type: 'change', value: 1, schedule: '* * * * *' };
    const begun = Date.now();
    const { body: alert } = await ada.client.post<{ id: number }>('/alerts', { name: 'Minutely', condition });
    const payload = { query_id: query.id, format: 'csv', recipients: [ada.username] };
    for (let nth = 0; nth < REPORTS; nth += 1) {
      const { status } = await ada.client.post('/scheduled-reports', {
        name: `Nth ${nth}`,
        cron_expr: '0 0 1 1 *',
        payload,
      });
      expect(status).toBe(201);
    }
    // Two times: what one of them has begun must not be begun again by the other at the next look.
    for (const count of [REPORTS, 2 * REPORTS]) {
      await database.query('UPDATE scheduled_reports SET next_run_at = now()');
      const deadline = Date.now() + TICK_MS;
      while (mailbox.mails.length < count && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
      await new Promise((resolve) => setTimeout(resolve, 3000));
      expect(mailbox.mails).toHaveLength(count);
      const { rows } = await database.query('SELECT status, attempts FROM report_deliveries');
      expect(rows).toEqual(Array.from({ length: count }, () => ({ status: 'sent', attempts: 1 })));
    }
    // Were both of them to look at the alert, it would be looked at twice a minute.
    const minutes = 3;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, begun + minutes * 60_000 - Date.now())));
    const { rows: looked } = await database.query<{ count: number }>(
      'SELECT jsonb_array_length(observations) AS count FROM alerts WHERE id = $1',
      [alert.id],
    );
    const elapsed = Math.ceil((Date.now() - begun) / 60_000);
    expect(looked[0]?.count).toBeGreaterThanOrEqual(minutes - 1);
    expect(looked[0]?.count).toBeLessThanOrEqual(elapsed + 1);
  },
  PATIENCE_MS,
);
