import {
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
  Unique,
} from 'typeorm';
import { User } from '../../users/index.js';

/**
 * The answer to a request that carried an `Idempotency-Key`, kept so that a repetition gets the same answer and does
 * nothing.
 */
@Entity('idempotency_keys')
@Unique(['userId', 'key'])
export class IdempotencyKey {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  userId!: number;

  @Column({ type: 'varchar', length: 255 })
  key!: string;

  @Column({ type: 'varchar', length: 10 })
  method!: string;

  @Column({ type: 'varchar', length: 2000 })
  path!: string;

  /** SHA-256 of the body, hexadecimal: the same key with another body is refused. */
  @Column({ type: 'char', length: 64 })
  requestHash!: string;

  /** Null while the first request is still at work. */
  @Column({ type: 'smallint', nullable: true })
  responseStatus!: number | null;

  @Column({ type: 'jsonb', nullable: true })
  responseBody!: unknown;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @Column({ type: 'timestamptz' })
  @Index()
  expiresAt!: Date;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn()
  user!: Relation<User>;
}
