import { CreateDateColumn, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation, Column } from 'typeorm';
import { Role } from './role.entity.js';
import { User } from './user.entity.js';

/** A role that a person has. */
@Entity('user_roles')
export class UserRole {
  @PrimaryColumn({ type: 'integer' })
  userId!: number;

  @PrimaryColumn({ type: 'integer' })
  @Index()
  roleId!: number;

  /** Who gave the role; null when the system did, or when that person is gone. */
  @Column({ type: 'integer', nullable: true })
  @Index()
  assignedBy!: number | null;

  @CreateDateColumn({ type: 'timestamptz' })
  assignedAt!: Date;

  @ManyToOne(() => User, (user) => user.userRoles, { onDelete: 'CASCADE' })
  @JoinColumn()
  user!: Relation<User>;

  @ManyToOne(() => Role, { onDelete: 'RESTRICT' })
  @JoinColumn()
  role!: Relation<Role>;

  @ManyToOne(() => User, { onDelete: 'SET NULL' })
  @JoinColumn({ name: 'assigned_by' })
  assigner!: Relation<User> | null;
}
