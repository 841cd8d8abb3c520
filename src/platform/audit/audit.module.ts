import { Global, Module } from '@nestjs/common';
import { AuditLog } from './audit-log.js';
import { UnitOfWork } from './unit-of-work.js';

/** What every module changes and reads data through. */
@Global()
@Module({ providers: [AuditLog, UnitOfWork], exports: [AuditLog, UnitOfWork] })
export class AuditModule {}
