import { Column, CreateDateColumn, Entity, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';

/** A sign-in that is under way at the provider. It ends when the person comes back, or after ten minutes. */
@Entity('oidc_requests')
@Unique(['stateHash'])
export class OidcRequest {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  /** SHA-256 of the state that the provider hands back, hexadecimal. */
  @Column({ type: 'char', length: 64 })
  stateHash!: string;

  /** SHA-256 of the secret in the cookie of the browser that it began in, hexadecimal. */
  @Column({ type: 'char', length: 64 })
  browserHash!: string;

  /** Where the person goes in the end. */
  @Column({ type: 'varchar', length: 2000 })
  returnTo!: string;

  /** SHA-256 of what the front end must show to get the tokens, base64url; null when it has not asked for that. */
  @Column({ type: 'char', length: 43, nullable: true })
  codeChallenge!: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @Column({ type: 'timestamptz' })
  @Index()
  expiresAt!: Date;
}
