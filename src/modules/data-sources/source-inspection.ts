import { Injectable } from '@nestjs/common';
import type { ConnectionReport } from '../../engine/connectors/connector.js';
import type { Page } from '../../engine/connectors/duckdb/index.js';
import { AuditLog } from '../../platform/audit/index.js';
import { notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import type { OpenedTable } from './access-rules.js';
import { ConnectorsService } from './connectors.service.js';
import { DataSourcesService } from './data-sources.service.js';
import type { DataSourceEntity } from './entities/data-source.entity.js';
import { RemotePreviews, type WantedRows } from './remote-previews.js';
import { SourceAvailability } from './source-availability.js';
import { SourceTurns } from './source-turns.js';

/** Which rows of a table, and for how long they are waited for. */
export interface Window {
  offset: number;
  limit: number;
  signal: AbortSignal;
}

/** Looking into sources: whether they can be reached, and what is in their tables. Databases are looked into in turn. */
@Injectable()
export class SourceInspection {
  constructor(
    private readonly sources: DataSourcesService,
    private readonly connectors: ConnectorsService,
    private readonly previews: RemotePreviews,
    private readonly turns: SourceTurns,
    private readonly availability: SourceAvailability,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Opens the source, also when it could not be reached before.
   *
   * @throws DomainError `not_found`, `overloaded`; EngineError `source_*`
   */
  async test(id: number, caller: Principal, signal: AbortSignal): Promise<ConnectionReport> {
    const { source, tables } = await this.sources.open(id, caller);
    const test = async (stopped: AbortSignal): Promise<ConnectionReport> => {
      const connector = await this.connectors.open(source, tables);
      try {
        return await this.availability.attempt(source, () => connector.test(stopped));
      } finally {
        await connector.close();
      }
    };
    return source.type === 'file'
      ? test(signal)
      : this.turns.take({ userId: caller.userId, sourceId: id }, signal, test);
  }

  /**
   * Rows of one table in their stored order, from row `offset` on, without its hidden columns.
   *
   * @returns also how many rows there are; null when rules keep some of them from the caller
   * @throws DomainError `not_found` when there is no such source or table, or the table is hidden; `overloaded`,
   *   `source_unavailable`; EngineError `source_*`
   */
  async preview(
    id: number,
    table: string,
    window: Window,
    caller: Principal,
  ): Promise<{ page: Page; rowCount: number | null }> {
    const { source, catalog, tables } = await this.sources.open(id, caller, 'use');
    const known = catalog.tables.find(({ name }) => name === table);
    if (known === undefined || known.hidden) throw notFound('table');
    const rowCount = known.someRowsHidden === true ? null : known.rowCount;
    const columns = known.columns.filter(({ hidden }) => !hidden).map(({ name }) => name);
    if (columns.length === 0) return { page: { columns: [], rows: [] }, rowCount };
    await this.audit.record({
      action: 'data_source.rows_read',
      objectId: id,
      details: { table, columns, offset: window.offset, limit: window.limit },
    });
    const page = await this.readRows(source, tables, { table, columns, ...window }, caller);
    return { page, rowCount };
  }

  private readRows(
    source: DataSourceEntity,
    tables: OpenedTable[],
    wanted: WantedRows,
    caller: Principal,
  ): Promise<Page> {
    const opened = tables.find(({ name }) => name === wanted.table);
    if (opened?.behind !== undefined && !hasRules(opened)) {
      // In the order that they have there.
      const { behind } = opened;
      return this.readRows(behind.source, [behind], { ...wanted, table: behind.name }, caller);
    }
    if (source.type === 'file') return this.connectors.ofTables(tables).previewTable(wanted);
    this.availability.check(source);
    return this.turns.take({ userId: caller.userId, sourceId: source.id }, wanted.signal, (signal) =>
      this.previews.read(source, tables, { ...wanted, signal }),
    );
  }
}

function hasRules({ rowRules = [], masks = {} }: OpenedTable): boolean {
  return rowRules.length + Object.keys(masks).length > 0;
}
