import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import type { Catalog } from '../../engine/catalog/catalog.js';
import { DomainError, type FieldError } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { DataSourcesService } from './data-sources.service.js';
import type { ColumnRefDto, RelationshipChangeDto, TableChangeDto, UpdateSchemaDto } from './dto/schema.dto.js';
import { DataSourceEntity } from './entities/data-source.entity.js';
import { SourceColumn } from './entities/source-column.entity.js';
import { SourceRelationship } from './entities/source-relationship.entity.js';
import { SourceTable } from './entities/source-table.entity.js';

/** What people say about a schema: descriptions, synonyms, what is hidden, how tables relate. */
@Injectable()
export class SchemaService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly sources: DataSourcesService,
  ) {}

  async get(id: number, caller: Principal): Promise<Catalog> {
    return (await this.sources.open(id, caller)).catalog;
  }

  /** @throws DomainError `not_found`; `validation_failed` naming the table or column that the source does not have */
  async update(id: number, change: UpdateSchemaDto, caller: Principal): Promise<Catalog> {
    const { catalog } = await this.sources.open(id, caller);
    refuseUnknown(catalog, change);
    await this.dataSource.transaction(async (manager) => {
      for (const table of change.tables ?? []) await describeTable(manager, id, table);
      if (change.relationships !== undefined) await replaceRelationships(manager, id, change.relationships);
      await manager.increment(DataSourceEntity, { id }, 'schemaVersion', 1);
    });
    return this.get(id, caller);
  }
}

async function describeTable(manager: EntityManager, dataSourceId: number, change: TableChangeDto): Promise<void> {
  const { name, columns = [], ...values } = change;
  const table = await manager.findOneByOrFail(SourceTable, { dataSourceId, name });
  await updateGiven(manager, SourceTable, table.id, values);
  for (const { name: columnName, ...columnValues } of columns) {
    const column = await manager.findOneByOrFail(SourceColumn, { tableId: table.id, name: columnName });
    await updateGiven(manager, SourceColumn, column.id, columnValues);
  }
}

async function updateGiven(
  manager: EntityManager,
  entity: typeof SourceTable | typeof SourceColumn,
  id: number,
  values: object,
): Promise<void> {
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  if (Object.keys(given).length > 0) await manager.update(entity, { id }, given);
}

/** People's relationships replace the ones they made earlier, and take the place of an inferred one between the same columns. */
async function replaceRelationships(
  manager: EntityManager,
  dataSourceId: number,
  relationships: readonly RelationshipChangeDto[],
): Promise<void> {
  await manager.delete(SourceRelationship, { dataSourceId, origin: 'user' });
  for (const { from, to } of relationships) {
    const pair = { fromTable: from.table, fromColumn: from.column, toTable: to.table, toColumn: to.column };
    await manager.delete(SourceRelationship, { dataSourceId, ...pair });
    await manager.insert(SourceRelationship, { dataSourceId, ...pair, origin: 'user', confidence: 1 });
  }
}

function refuseUnknown(catalog: Catalog, change: UpdateSchemaDto): void {
  const has = (table: string, column?: string): boolean => {
    const found = catalog.tables.find(({ name }) => name === table);
    return found !== undefined && (column === undefined || found.columns.some(({ name }) => name === column));
  };
  const errors: FieldError[] = [];
  for (const [index, table] of (change.tables ?? []).entries()) {
    if (!has(table.name)) errors.push({ field: `tables[${index}].name`, message: 'is not a table of this source' });
    for (const [place, column] of (table.columns ?? []).entries()) {
      if (has(table.name, column.name)) continue;
      errors.push({ field: `tables[${index}].columns[${place}].name`, message: 'is not a column of this table' });
    }
  }
  for (const [index, { from, to }] of (change.relationships ?? []).entries()) {
    const check = (side: string, ref: ColumnRefDto): void => {
      if (!has(ref.table, ref.column)) {
        errors.push({ field: `relationships[${index}].${side}`, message: 'is not a column of this source' });
      }
    };
    check('from', from);
    check('to', to);
  }
  if (errors.length > 0) {
    throw new DomainError('validation_failed', 'The schema has no such table or column. GET it to see the names.', {
      errors,
    });
  }
}
