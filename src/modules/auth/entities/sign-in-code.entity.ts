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

/** What a front end gets in the place of tokens, so that none stands in an address. Exchanged once, within a minute. */
@Entity('sign_in_codes')
@Unique(['codeHash'])
export class SignInCode {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  @Index()
  userId!: number;

  /** SHA-256 of the code, hexadecimal. */
  @Column({ type: 'char', length: 64 })
  codeHash!: string;

  /** Of the account when it was proven: a code is worth nothing once the account's sessions are ended. */
  @Column({ type: 'integer' })
  tokenVersion!: number;

  /** Who has proven the person. */
  @Column({ type: 'varchar', length: 500 })
  issuer!: string;

  /** SHA-256 of what must be shown with the code, base64url; null when nothing must. */
  @Column({ type: 'char', length: 43, nullable: true })
  codeChallenge!: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @Column({ type: 'timestamptz' })
  @Index()
  expiresAt!: Date;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn()
  user!: Relation<User>;
}
