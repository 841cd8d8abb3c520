/**
 * The data source of TypeORM's own command line (`npm run migration:generate|run|revert|show`), over the built output.
 * With the embedded database it connects to the running server, or opens the data directory itself.
 */
import 'reflect-metadata';
import { DataSource } from 'typeorm';
import { migrations } from './migrations/index.js';
import { ConfigurationError, loadConfiguration, readEnvironment } from './src/platform/config/index.js';
import { dataSourceOptions } from './src/platform/database/data-source-options.js';
import {
  embeddedConnection,
  EmbeddedPostgres,
  type EmbeddedConnection,
} from './src/platform/database/embedded-postgres.js';

const configuration = loadConfiguration(readEnvironment());

async function openEmbedded(): Promise<EmbeddedConnection> {
  try {
    const embedded = await EmbeddedPostgres.start(configuration.runtime.dataDir, (error) => {
      throw error;
    });
    process.once('beforeExit', () => void embedded.stop());
    return embedded.connection;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return embeddedConnection(configuration.runtime.dataDir);
  }
}

const embedded = configuration.database.url === undefined ? await openEmbedded() : undefined;

export default new DataSource({
  ...dataSourceOptions(configuration.database, embedded),
  entities: ['dist/src/modules/**/entities/*.entity.js'],
  migrations: [...migrations],
});
