import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { type Page, paginate } from '../../../platform/database/index.js';
import type { SystemLogQuery } from '../dto/system-log.dto.js';
import { type LogLevel, SystemLog } from '../entities/system-log.entity.js';

/** Something that administrators may want to know of the server. */
export interface LogEntry {
  level: LogLevel;
  /** The part of the server: `webhooks`, `jobs`. */
  component: string;
  /** What it did, or what went wrong: `delivery_failed`. */
  action: string;
  /** Never a secret, nor rows of a source. */
  details?: Readonly<Record<string, unknown>>;
  userId?: number | null;
  ipAddress?: string | null;
}

/** What administrators can look up of what the server did by itself. What people did is in the audit trail. */
@Injectable()
export class SystemLogs {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** @param manager of a transaction that the entry is a part of */
  async write(entry: LogEntry, manager: EntityManager = this.dataSource.manager): Promise<void> {
    const { level, component, action, details = {}, userId = null, ipAddress = null } = entry;
    const values = [userId, level, component, action, JSON.stringify(details), ipAddress];
    await manager.query(INSERT, values);
  }

  /** Newest first. */
  async list({ level, component, user_id: userId, ...page }: SystemLogQuery): Promise<Page<SystemLog>> {
    const found = this.dataSource.getRepository(SystemLog).createQueryBuilder('log');
    for (const [field, value] of Object.entries({ level, component, userId })) {
      if (value !== undefined) found.andWhere(`log.${field} = :${field}`, { [field]: value });
    }
    return paginate(found, page);
  }
}

const INSERT = `
  INSERT INTO system_logs (user_id, level, component, action, details, ip_address)
  VALUES ((SELECT id FROM users WHERE id = $1), $2, $3, $4, $5, $6)`;
