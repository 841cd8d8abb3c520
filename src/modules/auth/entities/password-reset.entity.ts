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

/** One way back into an account, sent by mail or handed over by an administrator, and used once. */
@Entity('password_resets')
@Unique(['resetTokenHash'])
export class PasswordReset {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  @Index()
  userId!: number;

  /** SHA-256 of the token in the link, hexadecimal. */
  @Column({ type: 'char', length: 64 })
  resetTokenHash!: string;

  @Column({ type: 'timestamptz' })
  @Index()
  expiresAt!: Date;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  /** When it was used, or a newer one or a new password took its place. */
  @Column({ type: 'timestamptz', nullable: true })
  usedAt!: Date | null;

  /** Made from the command line: it also sets a password where the account has none, as when the provider is away. */
  @Column({ type: 'boolean', default: false })
  issuedByAdministrator!: boolean;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn()
  user!: Relation<User>;
}
