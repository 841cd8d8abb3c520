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
import { Encrypted } from '../../../platform/database/encrypted-columns.js';
import { User } from '../../users/index.js';

/**
 * The answer to a request that carried an `Idempotency-Key`, kept so that a repetition gets the same answer and does
 * nothing.
 */
@Entity('idempotency_keys')
@Unique(['userId', 'scope', 'key'])
export class IdempotencyKey {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  userId!: number;

  /** SHA-256 of the route and of the API key that came with the request: a key means something only there. */
  @Column({ type: 'char', length: 64 })
  scope!: string;

  @Column({ type: 'varchar', length: 255 })
  key!: string;

  /** SHA-256 of the address with its query and of the body, hexadecimal: the same key with another request is refused. */
  @Column({ type: 'char', length: 64 })
  requestHash!: string;

  /** Names the attempt that is at work: one that was given up must not answer for the one that follows. */
  @Column({ type: 'uuid' })
  attempt!: string;

  /** The attempt says again and again that it is still at work; past this moment it has died. Null when it has ended. */
  @Column({ type: 'timestamptz', nullable: true })
  busyUntil!: Date | null;

  /** The answer as JSON, encrypted: it may hold a secret that is shown once, or rows of a source. */
  @Encrypted()
  @Column({ type: 'text', nullable: true })
  answerEncrypted!: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @Column({ type: 'timestamptz' })
  @Index()
  expiresAt!: Date;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn()
  user!: Relation<User>;
}
