import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { currentActor } from './actor.js';

/** What was done to what. Who did it, how, from where and when is added. */
export interface AuditEntry {
  /** The object's type and what happened to it, such as `data_source.deleted`. */
  action: `${string}.${string}`;
  /** Null where there is no one object, such as a sign-in to an account that does not exist. */
  objectId: number | null;
  /** The fields that have changed, as they were. Never a secret. */
  before?: Readonly<Record<string, unknown>>;
  /** The fields that have changed, as they are now. Never a secret. */
  after?: Readonly<Record<string, unknown>>;
  /** What else is to be known: the statement that ran, the rows that were read. */
  details?: Readonly<Record<string, unknown>>;
}

/** The audit trail, as those write it who have something to record. The database chains the rows and keeps them as they are. */
@Injectable()
export class AuditLog {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Records something that is no part of a change, such as the reading of data. Await it before the data is given out.
   * What is part of a change is recorded by its `UnitOfWork`.
   */
  async record(entry: AuditEntry): Promise<void> {
    await this.write([entry], this.dataSource.manager);
  }

  /**
   * Records entries as part of a transaction, of which this must be the last statement: from here to its end nobody else
   * can write to the trail.
   */
  async write(entries: readonly AuditEntry[], manager: EntityManager): Promise<void> {
    if (entries.length > 0) await manager.query(insertAudit('$1'), [auditRows(entries)]);
  }
}

/** The entries as the one parameter of `insertAudit`, in the name of whoever is acting. */
export function auditRows(entries: readonly AuditEntry[]): string {
  const { kind, userId, apiKeyId, address, requestId } = currentActor();
  const by = { user_id: userId, actor: kind, api_key_id: apiKeyId, ip_address: address, request_id: requestId };
  return JSON.stringify(
    entries.map(({ action, objectId, ...diff }) => ({
      ...by,
      action,
      object_type: action.slice(0, action.indexOf('.')),
      object_id: objectId,
      diff,
    })),
    (_, value: unknown) => (typeof value === 'string' ? storable(value) : value),
  );
}

/**
 * The statement that writes `auditRows`, to be run by itself or as a part of another.
 *
 * @param parameter that holds the rows
 * @param made a table of that other statement with one `id`, which becomes the object of entries that name none
 */
export function insertAudit(parameter: string, made?: string): string {
  return `
  INSERT INTO audit_trails (user_id, actor, api_key_id, ip_address, request_id, action, object_type, object_id, diff)
  SELECT entry.user_id, entry.actor, entry.api_key_id, entry.ip_address, entry.request_id, entry.action, entry.object_type,
         ${made === undefined ? 'entry.object_id' : `coalesce(entry.object_id, ${made}.id)`}, entry.diff
  FROM jsonb_to_recordset(${parameter}::jsonb) AS entry (user_id integer, actor varchar, api_key_id integer, ip_address inet,
       request_id varchar, action varchar, object_type varchar, object_id integer, diff jsonb)
       ${made === undefined ? '' : `CROSS JOIN ${made}`}`;
}

const LONGEST_TEXT = 10_000;

/** PostgreSQL keeps neither U+0000 nor halves of surrogate pairs in JSON; and nobody needs the tail of a very long text. */
function storable(text: string): string {
  const short = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
  return short.replaceAll('\0', '\uFFFD').toWellFormed();
}
