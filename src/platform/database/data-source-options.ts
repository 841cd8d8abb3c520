import type { DataSourceOptions } from 'typeorm';
import type { DatabaseConfig } from '../config/index.js';
import type { EmbeddedConnection } from './embedded-postgres.js';
import { SnakeNamingStrategy } from './snake-naming.strategy.js';

/**
 * One set of TypeORM options for the server, the command line and `ormconfig.ts`: a PostgreSQL server when `DATABASE_URL`
 * names one, otherwise the embedded database. The schema changes through migrations only.
 */
export function dataSourceOptions(
  config: DatabaseConfig,
  embedded: EmbeddedConnection | undefined,
): Extract<DataSourceOptions, { type: 'postgres' }> {
  const address = embedded
    ? { host: embedded.host, port: embedded.port, username: embedded.user, database: embedded.database, ssl: false }
    : { url: config.url ?? '' };
  return {
    type: 'postgres',
    ...address,
    synchronize: false,
    migrationsRun: false,
    migrationsTableName: 'migrations',
    namingStrategy: new SnakeNamingStrategy(),
    poolSize: config.poolSize,
    connectTimeoutMS: config.connectionTimeoutMs,
    applicationName: 'lumiere',
    installExtensions: false,
    extra: { connectionTimeoutMillis: config.connectionTimeoutMs },
  };
}
