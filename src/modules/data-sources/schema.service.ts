import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Catalog } from '../../engine/catalog/catalog.js';
import { AuditLog, UnitOfWork } from '../../platform/audit/index.js';
import { DomainError, type FieldError } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { DataSourcesService } from './data-sources.service.js';
import { CalendarDto } from './dto/calendar.dto.js';
import type { RelationshipChangeDto, TableChangeDto, UpdateSchemaDto } from './dto/schema.dto.js';
import { DataSourceEntity } from './entities/data-source.entity.js';
import { SourceRelationship } from './entities/source-relationship.entity.js';
import { keepCalendar } from './source-calendar.js';

/** What people say about a schema: descriptions, synonyms, what is hidden, how tables relate. */
@Injectable()
export class SchemaService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly sources: DataSourcesService,
  ) {}

  async get(id: number, caller: Principal): Promise<Catalog> {
    const { catalog } = await this.sources.open(id, caller, 'use');
    await this.audit.record({ action: 'data_source.schema_read', objectId: id });
    return catalog;
  }

  /** @throws DomainError `not_found`; `validation_failed` naming each table or column that the source does not have or that is given twice */
  async update(id: number, change: UpdateSchemaDto, caller: Principal): Promise<Catalog> {
    const { catalog } = await this.sources.open(id, caller);
    refuseWrongNames(catalog, change);
    await this.unitOfWork.run(async ({ manager, record }) => {
      if (change.tables !== undefined) {
        await describeTables(manager, id, change.tables);
        await describeColumns(manager, id, change.tables);
      }
      if (change.relationships !== undefined) await replaceRelationships(manager, id, change.relationships);
      if (change.calendar !== undefined) await keepCalendar(manager, id, change.calendar);
      await manager.increment(DataSourceEntity, { id }, 'schemaVersion', 1);
      record({
        action: 'data_source.schema_changed',
        objectId: id,
        before: asItWas(catalog, change),
        after: { ...change },
      });
    });
    return this.get(id, caller);
  }
}

/** What a change speaks of, as it was before. */
function asItWas(catalog: Catalog, { tables, relationships, calendar }: UpdateSchemaDto): Record<string, unknown> {
  const tablesBefore = tables?.map(({ name, columns, ...given }) => {
    const table = catalog.tables.find((one) => one.name === name);
    const columnsBefore = columns?.map((column) =>
      sameFields(
        column,
        table?.columns.find((one) => one.name === column.name),
      ),
    );
    return {
      ...sameFields({ name, ...given }, table),
      ...(columnsBefore === undefined ? {} : { columns: columnsBefore }),
    };
  });
  const byPeople = catalog.relationships.filter(({ origin }) => origin === 'user');
  return {
    ...(tablesBefore === undefined ? {} : { tables: tablesBefore }),
    ...(calendar === undefined ? {} : { calendar: CalendarDto.from(catalog.calendar) }),
    ...(relationships === undefined ? {} : { relationships: byPeople.map(({ from, to }) => ({ from, to })) }),
  };
}

/** The fields that were given, with the values of something else. */
function sameFields(given: object, of: object = {}): Record<string, unknown> {
  const values = new Map(Object.entries(of));
  return Object.fromEntries(Object.keys(given).map((field) => [field, values.get(field) ?? null]));
}

/** One statement for all tables. A field that a change does not have stays as it is. */
async function describeTables(
  manager: EntityManager,
  dataSourceId: number,
  changes: readonly TableChangeDto[],
): Promise<void> {
  const rows = changes.map(({ name, ...change }) => ({ name, change: { ...change, columns: undefined } }));
  await manager.query(
    `UPDATE source_tables AS target SET ${GIVEN_TEXTS}
     FROM jsonb_to_recordset($2::jsonb) AS given(name text, change jsonb)
     WHERE target.data_source_id = $1 AND target.name = given.name`,
    [dataSourceId, JSON.stringify(rows)],
  );
}

async function describeColumns(
  manager: EntityManager,
  dataSourceId: number,
  changes: readonly TableChangeDto[],
): Promise<void> {
  const rows = changes.flatMap(({ name: table, columns = [] }) =>
    columns.map(({ name, ...change }) => ({ table_name: table, name, change })),
  );
  await manager.query(
    `UPDATE source_columns AS target
     SET ${GIVEN_TEXTS}, sensitivity = coalesce(given.change->>'sensitivity', target.sensitivity)
     FROM source_tables AS parent, jsonb_to_recordset($2::jsonb) AS given(table_name text, name text, change jsonb)
     WHERE parent.data_source_id = $1 AND parent.name = given.table_name
       AND target.table_id = parent.id AND target.name = given.name`,
    [dataSourceId, JSON.stringify(rows)],
  );
}

/** What people say of tables and columns alike. A description may be emptied, so null is not the same as not given. */
const GIVEN_TEXTS = `
  description = CASE WHEN given.change ? 'description' THEN given.change->>'description' ELSE target.description END,
  synonyms = CASE WHEN given.change ? 'synonyms'
    THEN ARRAY(SELECT jsonb_array_elements_text(given.change->'synonyms')) ELSE target.synonyms END,
  hidden = coalesce((given.change->>'hidden')::boolean, target.hidden)`;

/** People's relationships replace the ones they made earlier, and take the place of an inferred one between the same columns. */
async function replaceRelationships(
  manager: EntityManager,
  dataSourceId: number,
  relationships: readonly RelationshipChangeDto[],
): Promise<void> {
  await manager.delete(SourceRelationship, { dataSourceId, origin: 'user' });
  const rows = relationships.map(({ from, to }) => ({
    from_table: from.table,
    from_column: from.column,
    to_table: to.table,
    to_column: to.column,
  }));
  await manager.query(
    `INSERT INTO source_relationships (data_source_id, from_table, from_column, to_table, to_column, origin, confidence)
     SELECT $1::integer, from_table, from_column, to_table, to_column, 'user', 1
     FROM jsonb_to_recordset($2::jsonb) AS given(from_table text, from_column text, to_table text, to_column text)
     ON CONFLICT (data_source_id, from_table, from_column, to_table, to_column)
     DO UPDATE SET origin = excluded.origin, confidence = excluded.confidence`,
    [dataSourceId, JSON.stringify(rows)],
  );
}

/** Every name must be one of the source's, and be spoken of once: of two changes of one column, which one holds? */
function refuseWrongNames(catalog: Catalog, change: UpdateSchemaDto): void {
  const known = new Map(catalog.tables.map((table) => [table.name, new Set(table.columns.map(({ name }) => name))]));
  const errors: FieldError[] = [];
  const tables = new Set<string>();
  for (const [index, table] of (change.tables ?? []).entries()) {
    const field = `tables[${index}].name`;
    if (!known.has(table.name)) errors.push({ field, message: 'is not a table of this source' });
    else if (tables.has(table.name)) errors.push({ field, message: 'is named twice' });
    tables.add(table.name);
    const columns = new Set<string>();
    for (const [place, { name }] of (table.columns ?? []).entries()) {
      const columnField = `tables[${index}].columns[${place}].name`;
      const isKnown = known.get(table.name)?.has(name) === true;
      if (!isKnown) errors.push({ field: columnField, message: 'is not a column of this table' });
      else if (columns.has(name)) errors.push({ field: columnField, message: 'is named twice' });
      columns.add(name);
    }
  }
  const pairs = new Set<string>();
  for (const [index, { from, to }] of (change.relationships ?? []).entries()) {
    for (const [side, ref] of Object.entries({ from, to })) {
      if (known.get(ref.table)?.has(ref.column) === true) continue;
      errors.push({ field: `relationships[${index}].${side}`, message: 'is not a column of this source' });
    }
    const pair = JSON.stringify([from.table, from.column, to.table, to.column]);
    if (pairs.has(pair)) errors.push({ field: `relationships[${index}]`, message: 'is given twice' });
    pairs.add(pair);
  }
  if (errors.length > 0) {
    throw new DomainError(
      'validation_failed',
      'Name tables and columns of this source, each of them once. GET the schema to see their names.',
      { errors },
    );
  }
}
