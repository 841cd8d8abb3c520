import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Catalog, Dialect } from '../../engine/catalog/catalog.js';
import { EngineError } from '../../engine/errors.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { readRules, type StoredRule } from './access-rules.js';
import { SqlGuards } from './sql-guards.js';

/** Sees to it that a new schema has everything that access rules speak of. */
@Injectable()
export class RuledNames {
  constructor(private readonly guards: SqlGuards) {}

  /**
   * A table or column that has got another name would be seen without the rules that were made for it, so a schema that
   * lacks what a rule names is not taken over before somebody has looked at the rules.
   *
   * @param sourceName said when it is another source than the one that is being changed
   * @throws DomainError `conflict` that names what is missing
   */
  async refuseLoss(
    manager: EntityManager,
    dataSourceId: number,
    dialect: Dialect,
    after: Catalog,
    sourceName?: string,
  ): Promise<void> {
    const lost: string[] = [];
    for (const rule of await readRules(manager, dataSourceId)) {
      if (!(await this.fits(rule, dialect, after))) lost.push(nameOf(rule));
    }
    if (lost.length === 0) return;
    throw new DomainError(
      'conflict',
      `Access rules${sourceName === undefined ? '' : ` of the combined data source “${sourceName}”`} speak of what would not be there any more: ${[...new Set(lost)].join(', ')}. Change the rules first.`,
    );
  }

  private async fits(rule: StoredRule, dialect: Dialect, { tables }: Catalog): Promise<boolean> {
    const table = tables.find(({ name }) => name === rule.table);
    if (table === undefined) return false;
    const columns = table.columns.map(({ name }) => name);
    if (rule.column !== null) return columns.includes(rule.column);
    try {
      await this.guards.checkPredicate(rule.predicate ?? '', dialect, { name: table.name, columns });
      return true;
    } catch (error) {
      if (error instanceof EngineError) return false;
      throw error;
    }
  }
}

function nameOf({ table, column, predicate }: StoredRule): string {
  return column === null ? `${table} (${predicate ?? ''})` : `${table}.${column}`;
}
