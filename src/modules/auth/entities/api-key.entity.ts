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

/** A key that a program signs in with. It is shown once; what is kept cannot be turned back into it. */
@Entity('api_keys')
@Index(['userId', 'id'])
@Unique(['keyHash'])
export class ApiKey {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  userId!: number;

  /** SHA-256 of the key, hexadecimal. */
  @Column({ type: 'char', length: 64 })
  keyHash!: string;

  /** The first characters of the key, by which people tell their keys apart and the server finds them. */
  @Column({ type: 'varchar', length: 20 })
  @Index()
  prefix!: string;

  @Column({ type: 'varchar', length: 100 })
  name!: string;

  /** Addresses and networks (CIDR) that it may be used from; empty means all. */
  @Column({ type: 'text', array: true, default: () => "'{}'" })
  allowedIps!: string[];

  /** What it may do, of what its owner may do; `*` stands for all of it. */
  @Column({ type: 'text', array: true, default: () => "'{}'" })
  scopes!: string[];

  /**
   * The only data sources that it may be used on; null means all that its owner may see. A list without foreign
   * keys: what is gone grants nothing.
   */
  @Column({ type: 'integer', array: true, nullable: true })
  dataSourceIds!: number[] | null;

  @Column({ type: 'boolean', default: true })
  isActive!: boolean;

  @Column({ type: 'timestamptz', nullable: true })
  expiresAt!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  lastUsedAt!: Date | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  revokedAt!: Date | null;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn()
  user!: Relation<User>;
}
