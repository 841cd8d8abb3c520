import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { type Configuration, ConfigurationError, loadConfiguration, readEnvironment } from './platform/config/index.js';
import { EmbeddedPostgres } from './platform/database/embedded-postgres.js';
import { ServerPresence } from './platform/database/server-presence.js';
import { settleRestores } from './platform/database/settle-restores.js';
import { createLogger } from './platform/observability/logger.js';
import { openSwaps } from './platform/storage/folder-swap.js';
import { readVersion } from './platform/version.js';

/** Starts the server, prints its address when it is ready, and stops it in order on SIGTERM or SIGINT. */
async function main(): Promise<void> {
  // Whatever is written from here on is for the eyes of this user only.
  process.umask(0o077);
  const configuration = loadConfiguration(readEnvironment());
  const logger = createLogger(configuration.log);

  const crash = (error: unknown): never => {
    logger.fatal({ err: error }, 'stopping: something failed that the server cannot go on without');
    process.exit(1);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);

  // The database starts in its own thread while this one loads the application's modules: one after the other, because
  // Node 20 evaluates a CommonJS package twice (Fastify, here) when two imports reach it at the same moment.
  const starting =
    configuration.database.url === undefined ? EmbeddedPostgres.start(configuration.runtime.dataDir, crash) : undefined;
  const loading = loadApplication();
  const [embedded, { AppModule, createApp, serveApiDocs, createOpenApiDocument }] = await Promise.all([
    starting,
    loading,
  ]);
  const presence = await takePlace(configuration, embedded, (error) =>
    logger.warn({ err: error }, 'the connection that shows others this server was lost; making it again'),
  );
  const app = await createApp(AppModule.for(configuration, embedded), configuration, logger);
  await serveApiDocs(app, () => createOpenApiDocument(app, readVersion()));
  await app.listen(configuration.http.port, configuration.http.host);

  const { port } = app.getHttpServer().address() as AddressInfo;
  const host = configuration.http.host.includes(':') ? `[${configuration.http.host}]` : configuration.http.host;
  process.stdout.write(`Lumiere is ready at http://${host}:${port} (API documents: http://${host}:${port}/api/docs)\n`);

  const stop = (signal: string): void => {
    logger.info({ signal }, 'stopping');
    setTimeout(() => app.getHttpServer().closeAllConnections(), STOP_PATIENCE_MS).unref();
    void app
      .close()
      .then(() => presence?.end())
      .then(() => embedded?.stop())
      .then(() => process.exit(0), crash);
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

/** Ends a restore that was cut short, before anything looks at the data directory, and keeps others from beginning one. */
async function takePlace(
  { database, runtime: { dataDir } }: Configuration,
  embedded: EmbeddedPostgres | undefined,
  onLoss: (error: Error) => void,
): Promise<ServerPresence | undefined> {
  const isNeeded = async (): Promise<boolean> => (await openSwaps(dataDir)).length > 0;
  if (embedded === undefined) {
    return ServerPresence.announce(database, { isNeeded, work: (ask) => settleRestores(dataDir, ask) }, onLoss);
  }
  if (!(await isNeeded())) return undefined;
  const client = new pg.Client(embedded.connection);
  await client.connect();
  try {
    await settleRestores(dataDir, async (sql, values) => (await client.query<pg.QueryResultRow>(sql, values)).rows);
  } finally {
    await client.end();
  }
  return undefined;
}

async function loadApplication() {
  const { AppModule } = await import('./app.module.js');
  const { createApp } = await import('./platform/http/create-app.js');
  const { serveApiDocs } = await import('./platform/http/api-docs.js');
  const { createOpenApiDocument } = await import('./platform/http/openapi.js');
  return { AppModule, createApp, serveApiDocs, createOpenApiDocument };
}

/** How long requests that are being answered may hold up the stop. */
const STOP_PATIENCE_MS = 5000;

main().catch((error: unknown) => {
  process.stderr.write(`Lumiere cannot start. ${explain(error)}\n`);
  process.exit(1);
});

function explain(error: unknown): string {
  if (error instanceof ConfigurationError) return error.message;
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'EADDRINUSE') {
    return 'Something else listens on this port. Stop it, or choose another one with PORT.';
  }
  return error.stack ?? error.message;
}
