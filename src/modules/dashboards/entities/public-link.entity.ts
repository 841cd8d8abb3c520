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
import { Dashboard } from './dashboard.entity.js';

/** A link that shows a dashboard to anybody who has it. */
@Entity('public_links')
@Index(['dashboardId', 'id'])
@Unique(['tokenHash'])
export class PublicLink {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  dashboardId!: number;

  /** SHA-256 of the token in the link, hexadecimal. */
  @Column({ type: 'char', length: 64 })
  tokenHash!: string;

  @Column({ type: 'varchar', length: 100, nullable: true })
  passwordHash!: string | null;

  /** Filters that the reader cannot change, as they are written in requests. */
  @Column({ type: 'jsonb', default: () => "'[]'" })
  filters!: string[];

  /** The roles of its maker when it was made: the rules for them hold as well as those for the roles of now. */
  @Column({ type: 'integer', array: true, default: () => "'{}'" })
  roleIds!: number[];

  /** Goes with its maker: nobody else has answered for showing the data to strangers. */
  @Column({ type: 'integer' })
  @Index()
  createdBy!: number;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  expiresAt!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  revokedAt!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  lastUsedAt!: Date | null;

  @ManyToOne(() => Dashboard, { onDelete: 'CASCADE' })
  @JoinColumn()
  dashboard!: Relation<Dashboard>;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'created_by' })
  creator!: Relation<User>;
}
