import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { migrations } from '../../../migrations/index.js';
import { DatabaseConfig } from '../config/index.js';
import { dataSourceOptions } from './data-source-options.js';
import type { EmbeddedConnection } from './embedded-postgres.js';
import { runMigrations } from './migrate.js';

/** The one TypeORM data source, connected and migrated before anything else is built. */
@Module({})
export class DatabaseModule {
  static for(embedded: EmbeddedConnection | undefined): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      imports: [
        TypeOrmModule.forRootAsync({
          inject: [DatabaseConfig],
          useFactory: (config: DatabaseConfig) => ({
            ...dataSourceOptions(config, embedded),
            migrations: [...migrations],
            autoLoadEntities: true,
            retryAttempts: embedded ? 0 : 5,
          }),
          dataSourceFactory: async (options?: DataSourceOptions) => {
            if (options === undefined) throw new Error('TypeORM was given no options.');
            const dataSource = await new DataSource(options).initialize();
            try {
              await runMigrations(dataSource);
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
