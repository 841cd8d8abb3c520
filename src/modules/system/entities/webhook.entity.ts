import {
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
  UpdateDateColumn,
} from 'typeorm';
import { Encrypted } from '../../../platform/database/encrypted-columns.js';
import { User } from '../../users/index.js';

/** An address of another system that is told about events. */
@Entity('webhooks')
@Index(['userId', 'id'])
export class Webhook {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  userId!: number;

  @Column({ type: 'varchar', length: 200 })
  name!: string;

  @Column({ type: 'varchar', length: 2000 })
  url!: string;

  /** The key that deliveries are signed with, encrypted. */
  @Encrypted()
  @Column({ type: 'text' })
  secretEncrypted!: string;

  /** Names of the events that are delivered; `*` for all. */
  @Column({ type: 'text', array: true, default: () => "'{}'" })
  events!: string[];

  @Column({ type: 'boolean', default: true })
  isActive!: boolean;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt!: Date;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn()
  user!: Relation<User>;
}
