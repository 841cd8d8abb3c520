import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { pick, UnitOfWork } from '../../platform/audit/index.js';
import { DomainError, type FieldError } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { CatalogService } from './catalog.service.js';
import { CombinedMembers, type MemberRef } from './combined-members.js';
import { namesOfParts } from './combined-names.js';
import { DataSourcesService, TOLD } from './data-sources.service.js';
import type { CombinedPartDto, CreateCombinedSourceDto } from './dto/combined-source.dto.js';
import { CombinedTable } from './entities/combined-table.entity.js';
import { DataSourceEntity } from './entities/data-source.entity.js';
import { SourceTable } from './entities/source-table.entity.js';
import { isTakenName, nameTaken, refuseTakenName } from './source-name.js';

/** Sources that are combined from tables of others: making them, and changing which tables they have. */
@Injectable()
export class CombinedSourcesService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly sources: DataSourcesService,
    private readonly members: CombinedMembers,
    private readonly catalogs: CatalogService,
  ) {}

  /**
   * @throws DomainError `forbidden` for a key that is for certain sources, `conflict` when the name is in use; `validation_failed` naming
   *   each table that cannot be a part
   */
  async create(request: CreateCombinedSourceDto, caller: Principal): Promise<DataSourceEntity> {
    if (caller.dataSourceIds !== null) {
      throw new DomainError('forbidden', 'This API key is for certain data sources and may not add another one.');
    }
    const name = request.name.trim();
    await refuseTakenName(this.dataSource, name, caller.userId);
    const refs = await this.refsOf(request.tables, caller);
    return this.unitOfWork
      .run(async ({ manager, record }) => {
        await holdMembers(manager, refs);
        const { catalog, files, facts } = await this.members.compose(manager, refs);
        const description = request.description ?? null;
        const { id } = await manager.save(
          manager.create(DataSourceEntity, {
            ...facts,
            name,
            description,
            type: 'combined',
            status: 'ready',
            ownerId: caller.userId,
          }),
        );
        await keepRefs(manager, id, refs);
        await this.catalogs.insert(manager, id, catalog, files);
        const source = await manager.findOneByOrFail(DataSourceEntity, { id });
        record({
          action: 'data_source.created',
          objectId: id,
          after: { ...pick(source, TOLD), tables: refs.map(told) },
        });
        return source;
      })
      .catch((error: unknown) => {
        throw isTakenName(error) ? nameTaken() : error;
      });
  }

  /**
   * Puts these tables in the place of all that there were. What people have said of tables that stay, and of their columns, is
   * kept.
   *
   * @throws DomainError `not_found`; `conflict` when it is no combined source, or when its access rules speak of what would not be
   *   there any more; `validation_failed` as `create`
   */
  async replaceTables(id: number, parts: readonly CombinedPartDto[], caller: Principal): Promise<DataSourceEntity> {
    const source = await this.sources.get(id, caller);
    if (source.type !== 'combined') {
      throw new DomainError('conflict', 'Only the tables of combined data sources are chosen. Upload files instead.');
    }
    const refs = await this.refsOf(parts, caller);
    await this.unitOfWork.run(async ({ manager, record }) => {
      await holdMembers(manager, refs);
      await manager.query('SELECT FROM data_sources WHERE id = $1 FOR UPDATE', [id]);
      const before = await manager.find(CombinedTable, { where: { dataSourceId: id }, order: { position: 'ASC' } });
      for (const { name } of before.filter((ref) => !refs.some((other) => isSame(ref, other)))) {
        // What was said of it was not said of another table that takes its name.
        await manager.delete(SourceTable, { dataSourceId: id, name });
      }
      await manager.delete(CombinedTable, { dataSourceId: id });
      await keepRefs(manager, id, refs);
      await this.members.rewrite(manager, id, await this.members.compose(manager, refs));
      record({
        action: 'data_source.tables_changed',
        objectId: id,
        before: { tables: before.map(told) },
        after: { tables: refs.map(told) },
      });
    });
    return this.sources.get(id, caller);
  }

  /** @throws DomainError `validation_failed` */
  private async refsOf(parts: readonly CombinedPartDto[], caller: Principal): Promise<MemberRef[]> {
    const errors: FieldError[] = [];
    const sources = new Map<number, DataSourceEntity | null>();
    for (const id of new Set(parts.map((part) => part.data_source_id))) {
      sources.set(id, await this.sources.find(id, caller));
    }
    const known: (Set<string> | undefined)[] = [];
    for (const [index, { data_source_id: id, table }] of parts.entries()) {
      const source = sources.get(id) ?? null;
      const refuse = (field: string, message: string): unknown =>
        errors.push({ field: `tables[${index}].${field}`, message });
      if (source === null) refuse('data_source_id', 'is not one of your data sources');
      else if (source.type === 'combined')
        refuse('data_source_id', 'is a combined data source: name the sources behind it');
      else {
        const { catalog } = await this.catalogs.load(source);
        known[index] = new Set(catalog.tables.map(({ name }) => name));
        if (known[index].has(table) !== true) refuse('table', 'is not a table of this data source');
      }
    }
    const names = namesOfParts(
      parts.map(({ data_source_id: id, table, name }) => ({ table, name, sourceName: sources.get(id)?.name ?? '' })),
    );
    const refs = parts.map(({ data_source_id: memberId, table: memberTable }, index) => ({
      name: names[index] ?? memberTable,
      memberId,
      memberTable,
    }));
    for (const [index, ref] of refs.entries()) {
      const isTwin = (other: MemberRef): boolean =>
        other.memberId === ref.memberId && other.memberTable === ref.memberTable;
      const isUnnamed = parts[index]?.name === undefined && refs.filter(isTwin).length > 1;
      const hasTakenName = refs.slice(0, index).some(({ name }) => name.toLowerCase() === ref.name.toLowerCase());
      const message = isUnnamed ? 'must be given: the table is there more than once' : 'is the name of another table';
      if (isUnnamed || hasTakenName) errors.push({ field: `tables[${index}].name`, message });
    }
    if (errors.length === 0) return refs;
    throw new DomainError('validation_failed', 'Correct these tables and send them all again.', { errors });
  }
}

function isSame(ref: MemberRef, other: MemberRef): boolean {
  return ref.name === other.name && ref.memberId === other.memberId && ref.memberTable === other.memberTable;
}

function told({ name, memberId, memberTable }: MemberRef): Record<string, unknown> {
  return { name, data_source_id: memberId, table: memberTable };
}

/** Members neither change nor go away until the end of the transaction. */
async function holdMembers(manager: EntityManager, refs: readonly MemberRef[]): Promise<void> {
  const ids = [...new Set(refs.map(({ memberId }) => memberId))];
  const rows: unknown[] = await manager.query('SELECT id FROM data_sources WHERE id = ANY ($1) ORDER BY id FOR SHARE', [
    ids,
  ]);
  if (rows.length === ids.length) return;
  throw new DomainError(
    'conflict',
    'One of the data sources has been removed in the meantime. Look and send this again.',
  );
}

async function keepRefs(manager: EntityManager, dataSourceId: number, refs: readonly MemberRef[]): Promise<void> {
  const rows = refs.map(({ name, memberId, memberTable }, position) => ({
    name,
    memberId,
    memberTable,
    position,
    dataSourceId,
  }));
  await manager.insert(CombinedTable, rows);
}
