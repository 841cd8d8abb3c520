import { METRICS_TOKEN, startServer } from './server.mjs';

/** One server for all end-to-end tests; each test works with accounts and sources of its own. */
export default async function globalSetup() {
  const database = process.env.TEST_DATABASE_URL;
  const server = await startServer({
    // All tests come from the same address, and some of them mistype on purpose.
    LOGIN_FREE_ATTEMPTS_PER_ADDRESS: '1000',
    METRICS_TOKEN: METRICS_TOKEN,
    ...(database === undefined ? {} : { DATABASE_URL: database }),
  });
  Object.assign(globalThis, { lumiereTestServer: server });
  process.env.LUMIERE_TEST_URL = server.url;
  process.env.LUMIERE_TEST_DATA_DIR = server.dataDir;
}
