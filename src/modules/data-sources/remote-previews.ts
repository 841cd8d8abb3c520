import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { FIRST_ROWS_BYTES, type Page } from '../../engine/connectors/duckdb/index.js';
import { dialectRules } from '../../engine/text-to-sql/index.js';
import { QueryConfig } from '../../platform/config/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import type { OpenedTable } from './access-rules.js';
import { ConnectorsService } from './connectors.service.js';
import { dialectOf } from './dialect-of.js';
import type { DataSourceEntity } from './entities/data-source.entity.js';
import { SourceAvailability } from './source-availability.js';
import { SqlGuards } from './sql-guards.js';

const TIMEOUT_MS = 15_000;

export interface WantedRows {
  table: string;
  columns: readonly string[];
  /** Rows to leave out, from 0. */
  offset: number;
  limit: number;
  signal: AbortSignal;
}

/** Rows of tables in databases, read on the same guarded path as every statement. */
@Injectable()
export class RemotePreviews {
  constructor(
    private readonly connectors: ConnectorsService,
    private readonly guards: SqlGuards,
    private readonly storage: LocalStorage,
    private readonly availability: SourceAvailability,
    private readonly config: QueryConfig,
  ) {}

  /** Rows from `offset` on, in the order of the primary key where there is one, except in a combined source. */
  async read(source: DataSourceEntity, tables: OpenedTable[], wanted: WantedRows): Promise<Page> {
    const { table, columns, offset, limit, signal } = wanted;
    const dialect = dialectOf(source.type);
    const rules = dialectRules(dialect);
    // Sorted, a table of a combined source would have to be fetched as a whole.
    const keys = source.type === 'combined' ? [] : (tables.find(({ name }) => name === table)?.primaryKey ?? []);
    const order = keys.length === 0 ? '' : ` ORDER BY ${keys.map(rules.identifier).join(', ')}`;
    const text = `SELECT ${columns.map(rules.identifier).join(', ')} FROM ${rules.table(table)}${order} ${rules.window(limit, offset)}`;
    const { sql } = await this.guards.check(text, dialect, tables);
    const workspace = await this.storage.createWorkspace();
    const connector = await this.connectors.open(source, tables);
    try {
      const { maxMemoryBytes } = this.config;
      const request = {
        sql,
        resultFile: join(workspace, 'preview.parquet'),
        firstRows: limit,
        limits: { maxRows: limit, maxResultBytes: FIRST_ROWS_BYTES, maxMemoryBytes, timeoutMs: TIMEOUT_MS },
        signal,
      };
      const { columns: described, rows } = await this.availability.reach(source, connector, signal, () =>
        connector.run(request),
      );
      return { columns: described, rows };
    } finally {
      await connector.close();
      await rm(workspace, { recursive: true, force: true });
    }
  }
}
