import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** How often signing in has failed of late, for one account, one unknown name, or one address. */
@Entity('login_attempts')
@Check('ck_login_attempts_failures', 'failures >= 0')
export class LoginAttempts {
  /**
   * SHA-256 of what is counted, hexadecimal. What people type for a name may be a password, and addresses are personal:
   * neither is kept.
   */
  @PrimaryColumn({ type: 'char', length: 64 })
  subjectHash!: string;

  /** Attempts that failed, and those whose outcome is still open. */
  @Column({ type: 'integer' })
  failures!: number;

  /** When the next attempt may be made; a day after it, all is forgotten. */
  @Column({ type: 'timestamptz' })
  @Index()
  lockedUntil!: Date;
}
