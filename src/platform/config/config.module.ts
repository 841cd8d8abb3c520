import { type DynamicModule, Module } from '@nestjs/common';
import {
  AuthConfig,
  type Configuration,
  DatabaseConfig,
  FirstAdministratorConfig,
  HttpConfig,
  KeyConfig,
  LogConfig,
  MailConfig,
  QueryConfig,
  SourceConfig,
  RuntimeConfig,
} from './config.js';
import { DocumentsConfig } from './documents.config.js';
import { ExportsConfig } from './exports.config.js';
import { JobsConfig } from './jobs.config.js';
import { AgentsConfig } from './agents.config.js';
import { LlmConfig } from './llm.config.js';
import { MetricsConfig } from './metrics.config.js';
import { OidcConfig } from './oidc.config.js';
import { WebhookConfig } from './webhook.config.js';
import { ResultStreamsConfig } from './results.config.js';

/** Makes each configuration class injectable everywhere. */
@Module({})
export class ConfigModule {
  static for(configuration: Configuration): DynamicModule {
    const providers = [
      { provide: RuntimeConfig, useValue: configuration.runtime },
      { provide: HttpConfig, useValue: configuration.http },
      { provide: DatabaseConfig, useValue: configuration.database },
      { provide: JobsConfig, useValue: configuration.jobs },
      { provide: AuthConfig, useValue: configuration.auth },
      { provide: FirstAdministratorConfig, useValue: configuration.firstAdministrator },
      { provide: OidcConfig, useValue: configuration.oidc },
      { provide: AgentsConfig, useValue: configuration.agents },
      { provide: LlmConfig, useValue: configuration.llm },
      { provide: MailConfig, useValue: configuration.mail },
      { provide: QueryConfig, useValue: configuration.query },
      { provide: DocumentsConfig, useValue: configuration.documents },
      { provide: ExportsConfig, useValue: configuration.exports },
      { provide: ResultStreamsConfig, useValue: configuration.resultStreams },
      { provide: SourceConfig, useValue: configuration.sources },
      { provide: WebhookConfig, useValue: configuration.webhooks },
      { provide: MetricsConfig, useValue: configuration.metrics },
      { provide: LogConfig, useValue: configuration.log },
      { provide: KeyConfig, useValue: configuration.keys },
    ];
    return { module: ConfigModule, global: true, providers, exports: providers };
  }
}
