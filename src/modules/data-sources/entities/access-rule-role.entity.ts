import { Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Role } from '../../users/index.js';
import { AccessRule } from './access-rule.entity.js';

/**
 * A role that an access rule is for. A role that a rule names cannot be deleted: nobody's view of the data may widen
 * that way.
 */
@Entity('access_rule_roles')
export class AccessRuleRole {
  @PrimaryColumn({ type: 'integer' })
  accessRuleId!: number;

  @PrimaryColumn({ type: 'integer' })
  @Index()
  roleId!: number;

  @ManyToOne(() => AccessRule, { onDelete: 'CASCADE' })
  @JoinColumn()
  accessRule!: Relation<AccessRule>;

  @ManyToOne(() => Role, { onDelete: 'RESTRICT' })
  @JoinColumn()
  role!: Relation<Role>;
}
