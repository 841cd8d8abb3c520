import { fileURLToPath } from 'node:url';
import { type DynamicModule, Module } from '@nestjs/common';
import { AdminUsersService } from '../modules/administration/index.js';
import { AuthModule } from '../modules/auth/index.js';
import { AuditVerification } from '../modules/system/index.js';
import { UsersModule } from '../modules/users/index.js';
import { AuditModule } from '../platform/audit/index.js';
import { type Configuration, ConfigModule } from '../platform/config/index.js';
import { DatabaseModule, type EmbeddedConnection, refuseOtherSchema } from '../platform/database/index.js';
import { MailModule } from '../platform/mail/index.js';
import { SecurityModule } from '../platform/security/index.js';
import { CredentialRotation } from './credential-rotation.js';

const ENTITIES = fileURLToPath(new URL('../modules/*/entities/*.entity.js', import.meta.url));

/**
 * What commands need of the server, and nothing that works of its own accord: a sweep of queries, or the clearing of the
 * storage, would take away what a running server is at work on.
 */
@Module({})
export class InstallationModule {
  static for(configuration: Configuration, connection: EmbeddedConnection | undefined): DynamicModule {
    return {
      module: InstallationModule,
      imports: [
        ConfigModule.for(configuration),
        DatabaseModule.for(connection, { prepare: refuseOtherSchema, retries: 0, entities: [ENTITIES] }),
        AuditModule,
        SecurityModule.forRoot(),
        MailModule,
        UsersModule,
        AuthModule,
      ],
      providers: [AdminUsersService, AuditVerification, CredentialRotation],
    };
  }
}
