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
import { DataSourceEntity } from '../../data-sources/index.js';
import { User } from '../../users/index.js';

/** Questions with known answers, by which the quality over a data source is measured. */
@Entity('evaluation_suites')
@Index(['dataSourceId', 'id'])
export class EvaluationSuite {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  dataSourceId!: number;

  @Column({ type: 'varchar', length: 200 })
  name!: string;

  @Column({ type: 'varchar', length: 2000, nullable: true })
  description!: string | null;

  /** When it runs by itself; null for never. */
  @Column({ type: 'varchar', length: 100, nullable: true })
  cronExpr!: string | null;

  /** A name of the IANA time zone database, by which `cronExpr` is read. */
  @Column({ type: 'varchar', length: 64, default: 'UTC' })
  timezone!: string;

  /** A run passes with right replies to this share of the questions, 0 to 1; null for no such bound. */
  @Column({ type: 'real', nullable: true })
  minCorrect!: number | null;

  /** A run passes when this share of its answers is right, 0 to 1; null for no such bound. */
  @Column({ type: 'real', nullable: true })
  minPrecision!: number | null;

  @Column({ type: 'boolean', default: true })
  isActive!: boolean;

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
