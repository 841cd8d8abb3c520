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

/** One link of a chain of refresh tokens; each is used once. Tokens of one sign-in share a family. */
@Entity('refresh_tokens')
@Unique(['tokenHash'])
export class RefreshToken {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  @Index()
  userId!: number;

  /** SHA-256 of the token, hexadecimal; the token itself is kept by the client only. */
  @Column({ type: 'char', length: 64 })
  tokenHash!: string;

  @Column({ type: 'uuid' })
  @Index()
  family!: string;

  @Column({ type: 'timestamptz' })
  expiresAt!: Date;

  /** When it was exchanged for the next one. */
  @Column({ type: 'timestamptz', nullable: true })
  usedAt!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  revokedAt!: Date | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn()
  user!: Relation<User>;
}
