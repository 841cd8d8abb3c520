/** The tour of docs/tour.md on a PostgreSQL server, in two processes: one that answers, and one that does what takes long. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import { openMailboxProgram } from './support/mailbox-program.js';
import { freePort, startPostgres } from './support/postgres.mjs';
import { startServer } from './support/server.mjs';
import { tour } from './support/tour.js';

describe('the tour of a new user, with a process for requests and one for jobs', () => {
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
      SMTP_URL: mailbox.url,
      MAIL_FROM: 'Lumiere <lumiere@example.com>',
    };
    const api = await startServer({ ...environment, PORT: String(port), LUMIERE_ROLE: 'api' }, dataDir);
    const worker = await startServer({ ...environment, LUMIERE_ROLE: 'worker' }, dataDir);
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
});
