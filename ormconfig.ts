/**
 * The data source of TypeORM's own command line (`npm run migration:generate|run|revert|show`), over the built output.
 * With the embedded database it connects to the running server, or opens the data directory itself.
 */
import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { migrations } from './migrations/index.js';
import { ConfigurationError, loadConfiguration, readEnvironment } from './src/platform/config/index.js';
import { dataSourceOptions } from './src/platform/database/data-source-options.js';
import {
  embeddedConnection,
  EmbeddedPostgres,
  type EmbeddedConnection,
} from './src/platform/database/embedded-postgres.js';

const configuration = loadConfiguration(readEnvironment());

/** A data source that closes the embedded database behind it, or the process would wait for its thread. */
class EmbeddedDataSource extends DataSource {
  constructor(
    private readonly embedded: EmbeddedPostgres | undefined,
    options: DataSourceOptions,
  ) {
    super(options);
  }

  override async destroy(): Promise<void> {
    await super.destroy();
    await this.embedded?.stop();
  }
}

async function openEmbedded(dataDir: string): Promise<EmbeddedPostgres | undefined> {
  try {
    return await EmbeddedPostgres.start(dataDir, (error) => {
      throw error;
    });
  } catch (error) {
    // The directory is in use: the server that uses it answers on its socket.
    if (error instanceof ConfigurationError) return undefined;
    throw error;
  }
}

function options(connection: EmbeddedConnection | undefined): DataSourceOptions {
  return {
    ...dataSourceOptions(configuration.database, connection),
    entities: [fileURLToPath(new URL('./src/modules/**/entities/*.entity.js', import.meta.url))],
    migrations: [...migrations],
  };
}

async function makeDataSource(): Promise<DataSource> {
  if (configuration.database.url !== undefined) return new DataSource(options(undefined));
  const { dataDir } = configuration.runtime;
  const embedded = await openEmbedded(dataDir);
  return new EmbeddedDataSource(embedded, options(embedded?.connection ?? embeddedConnection(dataDir)));
}

export default await makeDataSource();
