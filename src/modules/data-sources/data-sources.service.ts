import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, type SelectQueryBuilder } from 'typeorm';
import type { ConnectionReport, Connector } from '../../engine/connectors/connector.js';
import type { Page as TablePage } from '../../engine/connectors/duckdb/index.js';
import { AuditLog, difference, pick, UnitOfWork } from '../../platform/audit/index.js';
import { type Page, type PageQuery, paginate } from '../../platform/database/index.js';
import { notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import type { User } from '../users/index.js';
import type { CatalogView, OpenedTable } from './access-rules.js';
import { CombinedMembers } from './combined-members.js';
import { ConnectorsService } from './connectors.service.js';
import { DataSourcePolicy } from './data-source.policy.js';
import { DataSourceDto, type UpdateDataSourceDto } from './dto/data-source.dto.js';
import { DataSourceEntity } from './entities/data-source.entity.js';
import { RemotePreviews, type WantedRows } from './remote-previews.js';
import { SourceTable } from './entities/source-table.entity.js';
import { SourceViews } from './source-views.js';
import { isTakenName, nameTaken } from './source-name.js';

/** Finding, naming, looking into and removing data sources that the caller may see. */
@Injectable()
export class DataSourcesService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly policy: DataSourcePolicy,
    private readonly views: SourceViews,
    private readonly members: CombinedMembers,
    private readonly connectors: ConnectorsService,
    private readonly previews: RemotePreviews,
    private readonly storage: LocalStorage,
  ) {}

  /** @throws DomainError `not_found`, also when it is somebody else's */
  async get(id: number, caller: Principal): Promise<DataSourceEntity> {
    const source = await this.find(id, caller);
    if (source === null) throw notFound('data source');
    return source;
  }

  async find(id: number, caller: Principal): Promise<DataSourceEntity | null> {
    return this.visible(caller).andWhere('source.id = :id', { id }).getOne();
  }

  async list(caller: Principal, page: PageQuery): Promise<Page<DataSourceEntity>> {
    return paginate(this.visible(caller), page);
  }

  /** The source as it is told to people. */
  async describe(source: DataSourceEntity): Promise<DataSourceDto> {
    const [described] = await this.describeAll([source]);
    if (described === undefined) throw new Error('A source was not described.');
    return described;
  }

  async describeAll(sources: readonly DataSourceEntity[]): Promise<DataSourceDto[]> {
    const counts = await this.countTables(sources);
    const combined = sources.filter(({ type }) => type === 'combined');
    const members = await this.members.describe(combined.map(({ id }) => id));
    return sources.map((source) => DataSourceDto.from(source, counts.get(source.id) ?? 0, members.get(source.id)));
  }

  /** Tables per source. */
  async countTables(sources: readonly DataSourceEntity[]): Promise<Map<number, number>> {
    if (sources.length === 0) return new Map();
    const rows = await this.dataSource
      .getRepository(SourceTable)
      .createQueryBuilder('table')
      .select('table.dataSourceId', 'id')
      .addSelect('count(*)::integer', 'count')
      .where('table.dataSourceId IN (:...ids)', { ids: sources.map((source) => source.id) })
      .groupBy('table.dataSourceId')
      .getRawMany<{ id: number; count: number }>();
    return new Map(rows.map((row) => [row.id, row.count]));
  }

  /** @throws DomainError `not_found`, `conflict` when the new name is in use */
  async update(id: number, change: UpdateDataSourceDto, caller: Principal): Promise<DataSourceEntity> {
    const source = await this.get(id, caller);
    const { name, description } = change;
    const given = {
      ...(name === undefined ? {} : { name: name.trim() }),
      ...(description === undefined ? {} : { description }),
    };
    if (Object.keys(given).length === 0) return source;
    // By id, not by saving what was read: that would bring back a source that was removed in between.
    await this.unitOfWork.run(async ({ manager, record }) => {
      const { affected } = await manager.update(DataSourceEntity, { id }, given).catch((error: unknown) => {
        throw isTakenName(error) ? nameTaken() : error;
      });
      const changed = difference(source, { ...source, ...given }, ['name', 'description']);
      if (affected === 1 && changed !== null) record({ action: 'data_source.updated', objectId: id, ...changed });
    });
    return this.get(id, caller);
  }

  /**
   * Removes the source, its files and everything that was asked of it.
   *
   * @throws DomainError `not_found`, `conflict` while other sources are combined from it
   */
  async remove(id: number, caller: Principal): Promise<void> {
    const source = await this.get(id, caller);
    await this.unitOfWork.run(async ({ manager, record }) => {
      await this.members.refuseUse(manager, id, caller.dataSourceIds === null);
      await manager.delete(DataSourceEntity, { id });
      record({ action: 'data_source.deleted', objectId: id, before: pick(source, TOLD) });
    });
    await this.storage.remove(`sources/${source.id}`);
    await this.storage.remove(`results/${source.id}`);
  }

  async test(id: number, caller: Principal): Promise<ConnectionReport> {
    const { source, tables } = await this.open(id, caller);
    return this.using(source, tables, (connector) => connector.test());
  }

  /**
   * Rows of one table in their stored order, from row `offset` on, without its hidden columns.
   *
   * @throws DomainError `not_found` when there is no such source or table, or the table is hidden
   */
  async preview(
    id: number,
    table: string,
    window: { offset: number; limit: number; signal: AbortSignal },
    caller: Principal,
  ): Promise<{ page: TablePage; rowCount: number }> {
    const { source, catalog, tables } = await this.open(id, caller);
    const known = catalog.tables.find(({ name }) => name === table);
    if (known === undefined || known.hidden) throw notFound('table');
    const columns = known.columns.filter(({ hidden }) => !hidden).map(({ name }) => name);
    if (columns.length === 0) return { page: { columns: [], rows: [] }, rowCount: known.rowCount };
    await this.audit.record({
      action: 'data_source.rows_read',
      objectId: id,
      details: { table, columns, offset: window.offset, limit: window.limit },
    });
    const page = await this.readRows(source, tables, { table, columns, ...window });
    return { page, rowCount: known.rowCount };
  }

  private readRows(source: DataSourceEntity, tables: OpenedTable[], wanted: WantedRows): Promise<TablePage> {
    const opened = tables.find(({ name }) => name === wanted.table);
    if (opened?.behind !== undefined && !hasRules(opened)) {
      // In the order that they have there.
      const { behind } = opened;
      return this.readRows(behind.source, [behind], { ...wanted, table: behind.name });
    }
    return source.type === 'file'
      ? this.connectors.ofTables(tables).previewTable(wanted)
      : this.previews.read(source, tables, wanted);
  }

  /** The source as the caller may see it. */
  async open(id: number, caller: Principal): Promise<CatalogView & { source: DataSourceEntity }> {
    const source = await this.get(id, caller);
    return { source, ...(await this.views.of(source, caller.roleIds)) };
  }

  /**
   * Makes everything that somebody owns somebody else's, as part of the change that calls for it. A source whose name the
   * new owner already uses gets the former owner's user name behind it.
   */
  async handOver(from: User, to: number, manager: EntityManager): Promise<void> {
    await manager.query(HAND_OVER, [from.id, to, from.username]);
  }

  private async using<T>(
    source: DataSourceEntity,
    tables: readonly OpenedTable[],
    work: (connector: Connector) => Promise<T>,
  ): Promise<T> {
    const connector = await this.connectors.open(source, tables);
    try {
      return await work(connector);
    } finally {
      await connector.close();
    }
  }

  private visible(caller: Principal): SelectQueryBuilder<DataSourceEntity> {
    return this.policy.restrict(this.dataSource.getRepository(DataSourceEntity).createQueryBuilder('source'), caller);
  }
}

function hasRules({ rowRules = [], masks = {} }: OpenedTable): boolean {
  return rowRules.length + Object.keys(masks).length > 0;
}

/** What the audit trail tells of a source. */
export const TOLD = ['name', 'description', 'type', 'ownerId'] as const;

const HAND_OVER = `
  UPDATE data_sources source
  SET owner_id = $2, updated_at = now(),
      name = CASE
        WHEN EXISTS (SELECT FROM data_sources other WHERE other.owner_id = $2 AND lower(other.name) = lower(source.name))
        THEN left(source.name, 147) || ' (' || $3::text || ')'
        ELSE source.name
      END
  WHERE owner_id = $1`;
