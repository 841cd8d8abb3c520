import {
  Check,
  Column,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
  Unique,
} from 'typeorm';
import type { RelationshipOrigin } from '../../../engine/catalog/catalog.js';
import { DataSourceEntity } from './data-source.entity.js';

/** The values of one column are found in another: what tables are joined along. */
@Entity('source_relationships')
@Unique(['dataSourceId', 'fromTable', 'fromColumn', 'toTable', 'toColumn'])
@Check('ck_source_relationships_origin', `origin IN ('declared', 'inferred', 'user')`)
@Check('ck_source_relationships_confidence', 'confidence BETWEEN 0 AND 1')
export class SourceRelationship {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  @Index()
  dataSourceId!: number;

  @Column({ type: 'varchar', length: 255 })
  fromTable!: string;

  @Column({ type: 'varchar', length: 255 })
  fromColumn!: string;

  @Column({ type: 'varchar', length: 255 })
  toTable!: string;

  @Column({ type: 'varchar', length: 255 })
  toColumn!: string;

  @Column({ type: 'varchar', length: 20 })
  origin!: RelationshipOrigin;

  @Column({ type: 'real' })
  confidence!: number;

  @ManyToOne(() => DataSourceEntity, { onDelete: 'CASCADE' })
  @JoinColumn()
  dataSource!: Relation<DataSourceEntity>;
}
