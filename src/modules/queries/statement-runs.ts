import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import type { RunSummary } from '../../engine/connectors/connector.js';
import type { GuardedStatement } from '../../engine/sql/index.js';
import { QueryConfig } from '../../platform/config/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import {
  ConnectorsService,
  type DataSourceEntity,
  type OpenedTable,
  SourceAvailability,
} from '../data-sources/index.js';
import { FIRST_ROWS } from './first-rows.js';
import type { RunContext } from './running-queries.js';

export interface Opened {
  source: DataSourceEntity;
  tables: readonly OpenedTable[];
}

/** Runs guarded statements at their source, whatever becomes of the rows. */
@Injectable()
export class StatementRuns {
  constructor(
    private readonly connectors: ConnectorsService,
    private readonly storage: LocalStorage,
    private readonly availability: SourceAvailability,
    private readonly config: QueryConfig,
  ) {}

  /**
   * Writes the result in a workspace, which does not outlive a crash, and hands it over when it is whole.
   *
   * @param limits rows to keep and milliseconds to run, at most
   * @param keep gets the file, which is gone afterwards unless it is moved
   * @throws EngineError as the connector does; DomainError `source_unavailable`
   */
  async run(
    statement: GuardedStatement,
    { source, tables }: Opened,
    limits: { maxRows: number; timeoutMs: number },
    { signal, progress }: RunContext,
    keep: (resultFile: string) => Promise<void>,
  ): Promise<RunSummary> {
    const workspace = await this.storage.createWorkspace();
    // No more of the source than the statement reads: every table of a source of files costs its view.
    const read = new Set(statement.tables);
    const connector = await this.connectors.open(
      source,
      tables.filter(({ name }) => read.has(name)),
    );
    try {
      const resultFile = join(workspace, 'result.parquet');
      const { maxMemoryBytes, maxResultBytes } = this.config;
      const request = {
        sql: statement.sql,
        resultFile,
        signal,
        progress,
        firstRows: FIRST_ROWS,
        limits: { ...limits, maxMemoryBytes, maxResultBytes },
      };
      const summary = await this.availability.reach(source, connector, signal, () => connector.run(request));
      await keep(resultFile);
      return summary;
    } finally {
      await connector.close();
      await rm(workspace, { recursive: true, force: true });
    }
  }
}
