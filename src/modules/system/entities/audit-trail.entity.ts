import { Check, Column, Entity, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { isOneOf } from '../../../platform/database/closed-set.js';

export const AUDIT_ACTORS = ['session', 'api_key', 'mcp', 'schedule', 'command_line', 'system'] as const;
export type AuditActor = (typeof AUDIT_ACTORS)[number];

/**
 * Who did what to which object. Rows form a chain of hashes and are never changed, so nothing in them is a foreign
 * key: a row outlives the person and the object that it names.
 */
@Entity('audit_trails')
@Index(['userId', 'id'])
@Index(['objectType', 'objectId', 'id'])
@Unique(['hash'])
@Unique(['previousHash'])
@Check('ck_audit_trails_actor', isOneOf('actor', AUDIT_ACTORS))
export class AuditTrail {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  /** Who did it; null for the system itself. */
  @Column({ type: 'integer', nullable: true })
  userId!: number | null;

  /** How they were signed in, or on whose behalf it ran. */
  @Column({ type: 'varchar', length: 30 })
  actor!: AuditActor;

  @Column({ type: 'inet', nullable: true })
  ipAddress!: string | null;

  /** Such as `data_source.deleted`. */
  @Column({ type: 'varchar', length: 100 })
  action!: string;

  @Column({ type: 'varchar', length: 50 })
  objectType!: string;

  @Column({ type: 'integer', nullable: true })
  objectId!: number | null;

  /** Values before and after, secrets left out. */
  @Column({ type: 'jsonb', default: () => "'{}'" })
  diff!: Record<string, unknown>;

  /** The hash of the row before; 64 zeros in the first row. Unique, so that the chain cannot fork. */
  @Column({ type: 'char', length: 64 })
  previousHash!: string;

  /** SHA-256 over the previous hash and this row's content, hexadecimal. */
  @Column({ type: 'char', length: 64 })
  hash!: string;

  /** In milliseconds, as JavaScript keeps time, because it is part of what is hashed. */
  @Column({ type: 'timestamptz', precision: 3 })
  createdAt!: Date;
}
