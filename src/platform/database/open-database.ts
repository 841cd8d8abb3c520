import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError, DataDirectoryInUseError } from '../config/environment.js';
import type { DatabaseConfig, RuntimeConfig } from '../config/index.js';
import { embeddedConnection, type EmbeddedConnection, EmbeddedPostgres } from './embedded-postgres.js';

/** The system of record as a command uses it. */
export interface OpenedDatabase {
  /** Where the embedded database listens; undefined with a PostgreSQL server. */
  connection: EmbeddedConnection | undefined;
  /** Whether another process holds the embedded database open. */
  besideServer: boolean;
  /** Stops the embedded database, if it was started here. */
  close: () => Promise<void>;
}

/**
 * Opens the system of record for a command: the PostgreSQL server, the embedded database of a running server through its
 * socket, or the embedded database itself when no server runs.
 *
 * @param create whether the embedded database may be made when there is none
 * @throws ConfigurationError when there is no embedded database and none may be made
 */
export async function openDatabase(
  configuration: { database: DatabaseConfig; runtime: RuntimeConfig },
  create = true,
): Promise<OpenedDatabase> {
  if (configuration.database.url !== undefined) {
    return { connection: undefined, besideServer: false, close: async () => undefined };
  }
  const { dataDir } = configuration.runtime;
  if (!create && !existsSync(join(dataDir, 'postgres', 'PG_VERSION'))) {
    throw new ConfigurationError(
      `There is no installation in ${dataDir}. Set LUMIERE_DATA_DIR to where it is, or start the server once.`,
    );
  }
  try {
    const embedded = await EmbeddedPostgres.start(dataDir, (error) => {
      throw error;
    });
    return { connection: embedded.connection, besideServer: false, close: () => embedded.stop() };
  } catch (error) {
    if (!(error instanceof DataDirectoryInUseError)) throw error;
    return { connection: embeddedConnection(dataDir), besideServer: true, close: async () => undefined };
  }
}
