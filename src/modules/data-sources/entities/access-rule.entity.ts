import {
  Check,
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
import { COLUMN_MASKS, type ColumnMask } from '../../../engine/sql/index.js';
import { isOneOf } from '../../../platform/database/closed-set.js';
import { User } from '../../users/index.js';
import { DataSourceEntity } from './data-source.entity.js';

export const ACCESS_RULE_KINDS = ['row', 'mask'] as const;
export type AccessRuleKind = (typeof ACCESS_RULE_KINDS)[number];

/**
 * What people of some roles may not see: rows of a table, or the values of a column. Tables and columns are meant by
 * name, so that a rule outlives a fresh reading of the schema.
 */
@Entity('access_rules')
@Index(['dataSourceId', 'id'])
@Check(
  'ck_access_rules_content',
  `num_nonnulls(column_name, mask) = CASE kind WHEN 'row' THEN 0 ELSE 2 END AND (predicate IS NOT NULL) = (kind = 'row')`,
)
@Check('ck_access_rules_kind', isOneOf('kind', ACCESS_RULE_KINDS))
@Check('ck_access_rules_mask', isOneOf('mask', COLUMN_MASKS))
export class AccessRule {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  dataSourceId!: number;

  @Column({ type: 'varchar', length: 30 })
  kind!: AccessRuleKind;

  @Column({ type: 'varchar', length: 255 })
  tableName!: string;

  /** The column that is masked; null in a row rule. */
  @Column({ type: 'varchar', length: 255, nullable: true })
  columnName!: string | null;

  /** What must hold for a row to be seen; null in a mask. */
  @Column({ type: 'text', nullable: true })
  predicate!: string | null;

  @Column({ type: 'varchar', length: 30, nullable: true })
  mask!: ColumnMask | null;

  @Column({ type: 'integer', nullable: true })
  @Index()
  createdBy!: number | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt!: Date;

  @ManyToOne(() => DataSourceEntity, { onDelete: 'CASCADE' })
  @JoinColumn()
  dataSource!: Relation<DataSourceEntity>;

  @ManyToOne(() => User, { onDelete: 'SET NULL' })
  @JoinColumn({ name: 'created_by' })
  creator!: Relation<User> | null;
}
