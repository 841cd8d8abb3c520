import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn, Unique } from 'typeorm';

/** Those that exist from the start; they stay as they are. */
export const BUILT_IN_ROLES: readonly string[] = ['admin', 'analyst', 'viewer'];

/** A named set of permissions. `admin`, `analyst` and `viewer` exist from the start. */
@Entity('roles')
@Unique(['name'])
export class Role {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'varchar', length: 50 })
  name!: string;

  @Column({ type: 'varchar', length: 500, nullable: true })
  description!: string | null;

  /** Permission names; `*` stands for all of them. */
  @Column({ type: 'text', array: true, default: () => "'{}'" })
  permissions!: string[];

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;
}
