/** The tour of docs/tour.md on the embedded database, in one process. */
import { describe } from '@jest/globals';
import { openMailboxProgram } from './support/mailbox-program.js';
import { freePort } from './support/postgres.mjs';
import { removeDataDir, startServer } from './support/server.mjs';
import { tour } from './support/tour.js';

describe('the tour of a new user', () => {
  tour(async () => {
    const mailbox = await openMailboxProgram();
    const port = await freePort();
    const server = await startServer({
      PORT: String(port),
      LUMIERE_PUBLIC_URL: `http://127.0.0.1:${port}`,
      SMTP_URL: mailbox.url,
      MAIL_FROM: 'Lumiere <lumiere@example.com>',
    });
    return {
      url: server.url,
      mailbox,
      stop: async () => {
        await server.stop();
        await mailbox.close();
        await removeDataDir(server);
      },
    };
  });
});
