import { type DynamicModule, Module } from '@nestjs/common';
import { AuthModule } from './modules/auth/index.js';
import { DataSourcesModule } from './modules/data-sources/index.js';
import { QueriesModule } from './modules/queries/index.js';
import { SystemModule } from './modules/system/index.js';
import { UsersModule } from './modules/users/index.js';
import { type Configuration, ConfigModule } from './platform/config/index.js';
import { DatabaseModule, type EmbeddedPostgres } from './platform/database/index.js';
import { SecurityModule } from './platform/security/index.js';
import { StorageModule } from './platform/storage/index.js';

/** The platform, then the domains, each importing only those before it. */
@Module({})
export class AppModule {
  static for(configuration: Configuration, embedded: EmbeddedPostgres | undefined): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.for(configuration),
        DatabaseModule.for(embedded?.connection),
        SecurityModule.forRoot(),
        StorageModule,
        UsersModule,
        AuthModule,
        SystemModule,
        DataSourcesModule,
        QueriesModule,
      ],
    };
  }
}
