import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DuckDbFileConnector, type EngineBounds, type FileTable } from '../../engine/connectors/duckdb/index.js';
import { QueryConfig } from '../../platform/config/index.js';
import { SigningKey } from '../../platform/security/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import type { OpenedTable } from './access-rules.js';

/** Opens the connector of a source, with the bounds this installation sets. */
@Injectable()
export class ConnectorsService {
  readonly bounds: EngineBounds;
  /** For fingerprints of masked values. */
  private readonly salt: string;

  constructor(
    private readonly storage: LocalStorage,
    config: QueryConfig,
    key: SigningKey,
  ) {
    this.salt = createHmac('sha256', key.value).update('masked columns').digest('hex');
    this.bounds = {
      maxMemoryBytes: config.maxMemoryBytes,
      maxSpillBytes: config.maxSpillBytes,
      threads: config.threads,
      scratchDirectory: storage.scratchDirectory,
    };
  }

  /** A connector over the stored tables of a source of files, in which only that can be seen which rules leave. */
  ofTables(tables: readonly OpenedTable[]): DuckDbFileConnector {
    const files = tables.flatMap((table) => {
      const { name, location, columns, rowRules = [], masks = {} } = table;
      if (location === null) return [];
      const file = this.storage.pathOf(location);
      if (rowRules.length === 0 && Object.keys(masks).length === 0) return [{ name, file }];
      return [{ name, file, restriction: { columns, rowRules, masks, salt: this.salt } }];
    });
    return this.ofFiles(files);
  }

  ofFiles(tables: readonly FileTable[]): DuckDbFileConnector {
    return new DuckDbFileConnector({ ...this.bounds, tables });
  }
}
