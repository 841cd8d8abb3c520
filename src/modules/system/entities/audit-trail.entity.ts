import { Check, Column, Entity, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { ACTOR_KINDS, type ActorKind } from '../../../platform/audit/index.js';
import { isOneOf } from '../../../platform/database/closed-set.js';

/**
 * Who did what to which object. Rows form a chain of hashes and are never changed, so nothing in them is a foreign
 * key: a row outlives the person and the object that it names. A trigger gives each row its place in the chain, its time
 * and its hash, and refuses every change of a row.
 */
@Entity('audit_trails')
@Index(['userId', 'id'])
@Index(['objectType', 'objectId', 'id'])
@Unique(['hash'])
@Unique(['previousHash'])
@Check('ck_audit_trails_actor', isOneOf('actor', ACTOR_KINDS))
export class AuditTrail {
  /** The place in the chain: the first row is 1, and none is left out. */
  @PrimaryGeneratedColumn('identity')
  id!: number;

  /** Who did it; null for the system itself, and for who had not signed in. */
  @Column({ type: 'integer', nullable: true })
  userId!: number | null;

  /** How they were signed in, or on whose behalf it ran. */
  @Column({ type: 'varchar', length: 30 })
  actor!: ActorKind;

  /** The key that they came with. */
  @Column({ type: 'integer', nullable: true })
  apiKeyId!: number | null;

  @Column({ type: 'inet', nullable: true })
  ipAddress!: string | null;

  /** The request that it was part of, as logs and answers name it. */
  @Column({ type: 'varchar', length: 100, nullable: true })
  requestId!: string | null;

  /** Such as `data_source.deleted`. */
  @Column({ type: 'varchar', length: 100 })
  action!: string;

  @Column({ type: 'varchar', length: 50 })
  objectType!: string;

  @Column({ type: 'integer', nullable: true })
  objectId!: number | null;

  /** `before`, `after` and `details`, secrets left out. */
  @Column({ type: 'jsonb', default: () => "'{}'" })
  diff!: Record<string, unknown>;

  /** The hash of the row before; 64 zeros in the first row. Unique, so that the chain cannot fork. */
  @Column({ type: 'char', length: 64 })
  previousHash!: string;

  /** SHA-256 over the previous hash and this row's content, hexadecimal; see the function `audit_row_content`. */
  @Column({ type: 'char', length: 64 })
  hash!: string;

  /** In milliseconds, as JavaScript keeps time. */
  @Column({ type: 'timestamptz', precision: 3 })
  @Index()
  createdAt!: Date;
}
