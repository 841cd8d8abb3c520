import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, In } from 'typeorm';
import type { Catalog } from '../../engine/catalog/catalog.js';
import { EngineError } from '../../engine/errors.js';
import { UnitOfWork } from '../../platform/audit/index.js';
import { DomainError, type FieldError } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { Role } from '../users/index.js';
import { readRules, type StoredRule } from './access-rules.js';
import { CatalogService } from './catalog.service.js';
import { DataSourcesService } from './data-sources.service.js';
import type { AccessRuleDto } from './dto/access-rules.dto.js';
import { AccessRuleRole } from './entities/access-rule-role.entity.js';
import { AccessRule } from './entities/access-rule.entity.js';
import { DataSourceEntity } from './entities/data-source.entity.js';
import { SqlGuards } from './sql-guards.js';

/** The rules that say which rows and values of a source people of certain roles may see. */
@Injectable()
export class AccessRulesService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly sources: DataSourcesService,
    private readonly catalogs: CatalogService,
    private readonly guards: SqlGuards,
  ) {}

  /** @throws DomainError `not_found` */
  async list(id: number, caller: Principal): Promise<AccessRuleDto[]> {
    await this.sources.get(id, caller);
    return this.describe(await readRules(this.dataSource.manager, id), this.dataSource.manager);
  }

  /**
   * Puts these rules in the place of all that there were. They hold from the next statement on.
   *
   * @throws DomainError `not_found`; `validation_failed` naming each rule that is wrong, and why
   */
  async replace(id: number, rules: readonly AccessRuleDto[], caller: Principal): Promise<AccessRuleDto[]> {
    const source = await this.sources.get(id, caller);
    const { catalog } = await this.catalogs.load(source);
    const roles = await this.dataSource.manager.findBy(Role, {
      name: In([...new Set(rules.flatMap((rule) => rule.roles))]),
    });
    const roleIds = new Map(roles.map((role) => [role.name, role.id]));
    const predicates = await this.check(rules, catalog, roleIds);
    return this.unitOfWork.run(async ({ manager, record }) => {
      const before = await this.describe(await readRules(manager, id), manager);
      await manager.delete(AccessRule, { dataSourceId: id });
      for (const [index, rule] of rules.entries()) {
        const { id: ruleId } = await manager.save(
          manager.create(AccessRule, {
            dataSourceId: id,
            kind: rule.predicate === undefined ? 'mask' : 'row',
            tableName: rule.table,
            columnName: rule.column ?? null,
            mask: rule.mask ?? null,
            predicate: predicates[index] ?? null,
            createdBy: caller.userId,
          }),
        );
        const given = [...new Set(rule.roles)].map((name) => ({
          accessRuleId: ruleId,
          roleId: roleIds.get(name) ?? 0,
        }));
        await manager.insert(AccessRuleRole, given);
      }
      await manager.increment(DataSourceEntity, { id }, 'schemaVersion', 1);
      const after = await this.describe(await readRules(manager, id), manager);
      record({ action: 'data_source.rules_changed', objectId: id, before: { rules: before }, after: { rules: after } });
      return after;
    });
  }

  /** @returns for each row rule its condition as it was checked, null for each mask */
  private async check(
    rules: readonly AccessRuleDto[],
    catalog: Catalog,
    roleIds: ReadonlyMap<string, number>,
  ): Promise<(string | null)[]> {
    const errors: FieldError[] = [];
    const predicates: (string | null)[] = [];
    const guard = await this.guards.get();
    for (const [index, rule] of rules.entries()) {
      const refuse = (field: string, message: string): unknown =>
        errors.push({ field: `rules[${index}].${field}`, message });
      const { table: name, predicate, column, roles } = rule;
      const unknownRoles = roles.filter((role) => !roleIds.has(role));
      if (unknownRoles.length > 0) refuse('roles', `there is no role ${unknownRoles.join(', ')}`);
      if (predicate !== undefined && column !== undefined) refuse('predicate', 'cannot be combined with a mask');
      const table = catalog.tables.find((one) => one.name === name);
      if (table === undefined) {
        refuse('table', 'is not a table of this source');
        continue;
      }
      const columns = table.columns.map((one) => one.name);
      if (column !== undefined && !columns.includes(column)) refuse('column', 'is not a column of this table');
      predicates[index] = null;
      if (predicate === undefined) continue;
      try {
        predicates[index] = await guard.checkPredicate(predicate, { name, columns });
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        refuse('predicate', error.message);
      }
    }
    if (errors.length === 0) return predicates;
    throw new DomainError('validation_failed', 'Correct these rules and send them all again.', { errors });
  }

  /** With the names of roles, as people know them. */
  private async describe(rules: readonly StoredRule[], manager: EntityManager): Promise<AccessRuleDto[]> {
    const roles = await manager.findBy(Role, { id: In(rules.flatMap((rule) => rule.roleIds)) });
    const names = new Map(roles.map((role) => [role.id, role.name]));
    return rules.map(({ table, predicate, column, mask, roleIds }) => ({
      table,
      ...(predicate === null ? {} : { predicate }),
      ...(column === null || mask === null ? {} : { column, mask }),
      roles: roleIds.flatMap((id) => names.get(id) ?? []),
    }));
  }
}
