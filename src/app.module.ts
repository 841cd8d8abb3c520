import { type DynamicModule, Module } from '@nestjs/common';
import { AdministrationModule } from './modules/administration/index.js';
import { AgentsModule } from './modules/agents/index.js';
import { AuthModule } from './modules/auth/index.js';
import { ConversationsModule } from './modules/conversations/index.js';
import { DashboardsModule } from './modules/dashboards/index.js';
import { DataSourcesModule } from './modules/data-sources/index.js';
import { ExportsModule } from './modules/exports/index.js';
import { InsightsModule } from './modules/insights/index.js';
import { McpModule } from './modules/mcp/index.js';
import { QueriesModule } from './modules/queries/index.js';
import { RagModule } from './modules/rag/index.js';
import { ModelUsageModule, SystemModule } from './modules/system/index.js';
import { UsersModule } from './modules/users/index.js';
import { WorkspacesModule } from './modules/workspaces/index.js';
import { AuditModule } from './platform/audit/index.js';
import { type Configuration, ConfigModule } from './platform/config/index.js';
import { DatabaseModule, type EmbeddedPostgres } from './platform/database/index.js';
import { EventsModule } from './platform/events/index.js';
import { HttpModule } from './platform/http/index.js';
import { JobsModule } from './platform/jobs/index.js';
import { LlmModule } from './platform/llm/index.js';
import { MailModule } from './platform/mail/index.js';
import { MetricsModule } from './platform/observability/metrics.module.js';
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
        AuditModule,
        MetricsModule,
        EventsModule,
        HttpModule,
        JobsModule,
        SecurityModule.forRoot(),
        StorageModule,
        MailModule,
        LlmModule,
        UsersModule,
        AuthModule,
        WorkspacesModule,
        SystemModule,
        ModelUsageModule,
        DataSourcesModule,
        QueriesModule,
        RagModule,
        InsightsModule,
        DashboardsModule,
        AgentsModule,
        ConversationsModule,
        ExportsModule,
        AdministrationModule,
        McpModule,
      ],
    };
  }
}
