import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { type AuditEntry, AuditLog } from './audit-log.js';

/** A change that is being made. */
export interface Change {
  /** Inside the transaction; with the embedded database any other connection would wait for its end. */
  manager: EntityManager;
  /** Adds to the audit trail, if the change is made. */
  record: (entry: AuditEntry) => void;
}

/** The one way to change what is stored: all of it together with its audit trail, or nothing. */
@Injectable()
export class UnitOfWork {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly audit: AuditLog,
  ) {}

  /** Makes the change in a transaction; when it throws, nothing has changed and nothing is recorded. */
  async run<T>(work: (change: Change) => Promise<T>): Promise<T> {
    return this.dataSource.transaction(async (manager) => {
      const entries: AuditEntry[] = [];
      const outcome = await work({ manager, record: (entry) => entries.push(entry) });
      await this.audit.write(entries, manager);
      return outcome;
    });
  }
}
