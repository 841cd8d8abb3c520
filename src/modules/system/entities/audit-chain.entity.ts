import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * Where the audit trail ends, in one row that every writer locks: without it, rows could be taken off the end of the chain
 * and nobody would notice.
 */
@Entity('audit_chain')
@Check('ck_audit_chain_one_row', 'id = 1')
export class AuditChain {
  @PrimaryColumn({ type: 'integer' })
  id!: number;

  /** How many rows the trail has. */
  @Column({ type: 'integer' })
  length!: number;

  /** The hash of its last row; 64 zeros while there is none. */
  @Column({ type: 'char', length: 64 })
  hash!: string;
}
