import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn, type Relation, Unique } from 'typeorm';
import { DataSourceEntity } from './data-source.entity.js';

/**
 * Where a table of a combined source comes from. What the table looks like is copied into the catalogue of the combined
 * source, where it is not found while its member does not have it. A member cannot be deleted before it is taken out of
 * the sources that are combined from it.
 */
@Entity('combined_tables')
@Unique(['dataSourceId', 'name'])
export class CombinedTable {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  /** The combined source. */
  @Column({ type: 'integer' })
  dataSourceId!: number;

  /** What the table is called in the combined source. */
  @Column({ type: 'varchar', length: 255 })
  name!: string;

  /** Place of the table in the combined source, from 0. */
  @Column({ type: 'integer' })
  position!: number;

  /** The source that the table is in. */
  @Column({ type: 'integer' })
  @Index()
  memberId!: number;

  /** What it is called there. By name, so that it may go away and come back. */
  @Column({ type: 'varchar', length: 255 })
  memberTable!: string;

  @ManyToOne(() => DataSourceEntity, { onDelete: 'CASCADE' })
  @JoinColumn()
  dataSource!: Relation<DataSourceEntity>;

  @ManyToOne(() => DataSourceEntity, { onDelete: 'RESTRICT' })
  @JoinColumn()
  member!: Relation<DataSourceEntity>;
}
