import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { isCollision } from '../database/index.js';
import { type AuditEntry, AuditLog } from './audit-log.js';

/** A change that is being made. */
export interface Change {
  /** Inside the transaction; with the embedded database any other connection would wait for its end. */
  manager: EntityManager;
  /** Adds to the audit trail, if the change is made. */
  record: (entry: AuditEntry) => void;
}

const MOST_ATTEMPTS = 4;
const PAUSE_MS = 50;

/** The one way to change what is stored: all of it together with its audit trail, or nothing. */
@Injectable()
export class UnitOfWork {
  private readonly logger = new Logger(UnitOfWork.name);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Makes the change in a transaction; when it throws, nothing has changed and nothing is recorded.
   *
   * @param work done anew when another transaction was in its way: it must change nothing but what is stored, and nothing
   *   that it was given. What moves files, or uses something up, is for `runOnce`.
   */
  async run<T>(work: (change: Change) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.runOnce(work);
      } catch (error) {
        if (attempt === MOST_ATTEMPTS || !isCollision(error)) throw error;
        this.logger.warn(`A change collided with another and is made again: ${String(error)}`);
        // Not at the same moment as the other one.
        await pause(Math.random() * attempt * PAUSE_MS);
      }
    }
  }

  /** As `run`, for work that cannot be done a second time. */
  async runOnce<T>(work: (change: Change) => Promise<T>): Promise<T> {
    return this.dataSource.transaction(async (manager) => {
      const entries: AuditEntry[] = [];
      const outcome = await work({ manager, record: (entry) => entries.push(entry) });
      await this.audit.write(entries, manager);
      return outcome;
    });
  }
}
