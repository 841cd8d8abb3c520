import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { migrations } from '../../../migrations/index.js';
import { DatabaseConfig } from '../config/index.js';
import { dataSourceOptions } from './data-source-options.js';
import type { EmbeddedConnection } from './embedded-postgres.js';
import { runMigrations } from './migrate.js';

/** The embedded database, for whoever needs connections of its own; null with a PostgreSQL server. */
export const EMBEDDED_CONNECTION = Symbol('EMBEDDED_CONNECTION');

export interface DatabaseSettings {
  prepare?: (dataSource: DataSource) => Promise<void>;
  retries?: number;
  entities?: string[];
}

/** The one TypeORM data source, connected, with its schema as it must be, before anything else is built. */
@Module({})
export class DatabaseModule {
  /**
   * @param prepare sees to it that the schema is the one that the program expects
   * @param retries how often a PostgreSQL server that does not answer is asked again
   * @param entities files of entities beside those of the modules that are imported: entities refer to each other
   */
  static for(
    embedded: EmbeddedConnection | undefined,
    { prepare = runMigrations, retries = 5, entities = [] }: DatabaseSettings = {},
  ): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      providers: [{ provide: EMBEDDED_CONNECTION, useValue: embedded ?? null }],
      exports: [EMBEDDED_CONNECTION],
      imports: [
        TypeOrmModule.forRootAsync({
          inject: [DatabaseConfig],
          useFactory: (config: DatabaseConfig) => ({
            ...dataSourceOptions(config, embedded),
            migrations: [...migrations],
            entities,
            autoLoadEntities: true,
            retryAttempts: embedded ? 0 : retries,
          }),
          dataSourceFactory: async (options?: DataSourceOptions) => {
            if (options === undefined) throw new Error('TypeORM was given no options.');
            const dataSource = await new DataSource(options).initialize();
            try {
              await prepare(dataSource);
            } catch (error) {
              await dataSource.destroy();
              throw error;
            }
            return dataSource;
          },
        }),
      ],
    };
  }
}
