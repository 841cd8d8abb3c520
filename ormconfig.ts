/**
 * The data source of TypeORM's own command line (`npm run migration:generate|run|revert|show`), over the built output.
 * With the embedded database it connects to the running server, or opens the data directory itself.
 */
import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { migrations } from './migrations/index.js';
import { loadConfiguration, readEnvironment } from './src/platform/config/index.js';
import { dataSourceOptions } from './src/platform/database/data-source-options.js';
import { openDatabase, type OpenedDatabase } from './src/platform/database/open-database.js';

const configuration = loadConfiguration(readEnvironment());

/** A data source that closes the embedded database behind it, or the process would wait for its thread. */
class ClosingDataSource extends DataSource {
  constructor(
    private readonly opened: OpenedDatabase,
    options: DataSourceOptions,
  ) {
    super(options);
  }

  override async destroy(): Promise<void> {
    await super.destroy();
    await this.opened.close();
  }
}

async function makeDataSource(): Promise<DataSource> {
  const opened = await openDatabase(configuration);
  return new ClosingDataSource(opened, {
    ...dataSourceOptions(configuration.database, opened.connection),
    entities: [fileURLToPath(new URL('./src/modules/**/entities/*.entity.js', import.meta.url))],
    migrations: [...migrations],
  });
}

export default await makeDataSource();
