import { Injectable } from '@nestjs/common';
import { DuckDbFileConnector, type EngineBounds, type FileTable } from '../../engine/connectors/duckdb/index.js';
import { QueryConfig } from '../../platform/config/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import type { SourceTable } from './entities/source-table.entity.js';

/** Opens the connector of a source, with the bounds this installation sets. */
@Injectable()
export class ConnectorsService {
  readonly bounds: EngineBounds;

  constructor(
    private readonly storage: LocalStorage,
    config: QueryConfig,
  ) {
    this.bounds = {
      maxMemoryBytes: config.maxMemoryBytes,
      maxSpillBytes: config.maxSpillBytes,
      threads: config.threads,
      scratchDirectory: storage.scratchDirectory,
    };
  }

  /** A connector over the stored tables of a source of files. */
  ofTables(tables: readonly Pick<SourceTable, 'name' | 'location'>[]): DuckDbFileConnector {
    const files = tables.flatMap(({ name, location }) =>
      location === null ? [] : [{ name, file: this.storage.pathOf(location) }],
    );
    return this.ofFiles(files);
  }

  ofFiles(tables: readonly FileTable[]): DuckDbFileConnector {
    return new DuckDbFileConnector({ ...this.bounds, tables });
  }
}
