import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { ClickHouseConnector } from '../../engine/connectors/clickhouse/index.js';
import { CombinedConnector, type FetchLimits } from '../../engine/connectors/combined/index.js';
import type { Connector } from '../../engine/connectors/connector.js';
import {
  DuckDbFileConnector,
  type EngineBounds,
  EngineProcesses,
  type FileTable,
} from '../../engine/connectors/duckdb/index.js';
import { MySqlConnector } from '../../engine/connectors/mysql/index.js';
import { PostgresConnector } from '../../engine/connectors/postgres/index.js';
import { TrinoConnector } from '../../engine/connectors/trino/index.js';
import { QueryConfig, SourceConfig } from '../../platform/config/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { CredentialCipher, UnreadableCredentialError } from '../../platform/security/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import type { OpenedTable } from './access-rules.js';
import { dialectOf } from './dialect-of.js';
import { DataSourceConfig } from './entities/data-source-config.entity.js';
import type { DataSourceEntity, SslMode } from './entities/data-source.entity.js';
import { MaskKey } from './mask-key.js';
import { fileTables, remoteTables } from './opened-tables.js';
import { SourceAvailability } from './source-availability.js';
import { SqlGuards } from './sql-guards.js';
import { WatchedConnector } from './watched-connector.js';

/** Where a database is, and how to sign in there. */
export interface Connection {
  type: DataSourceEntity['type'];
  host: string;
  port: number;
  database: string;
  username: string;
  password: string;
  sslMode: SslMode;
  options: Readonly<Record<string, unknown>>;
}

/** The key under which the driver's options are kept. */
export const OPTIONS = 'connection_options';

/** Opens the connector of a source, with the bounds this installation sets. */
@Injectable()
export class ConnectorsService implements OnApplicationShutdown {
  readonly bounds: EngineBounds;
  private readonly processes: EngineProcesses;
  private readonly fetchLimits: FetchLimits;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly storage: LocalStorage,
    private readonly cipher: CredentialCipher,
    private readonly maskKey: MaskKey,
    private readonly sources: SourceConfig,
    private readonly guards: SqlGuards,
    private readonly availability: SourceAvailability,
    config: QueryConfig,
  ) {
    this.fetchLimits = { maxRows: config.maxFetchRows, maxBytes: config.maxFetchBytes };
    this.processes = new EngineProcesses({ most: config.processes });
    this.bounds = {
      processes: this.processes,
      maxMemoryBytes: config.maxMemoryBytes,
      maxSpillBytes: config.maxSpillBytes,
      threads: config.threads,
      scratchDirectory: storage.scratchDirectory,
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.processes.close();
  }

  /**
   * A connector to the source, over the tables that the caller may see. The caller closes it.
   *
   * @throws DomainError `credential_unreadable`
   */
  async open(source: DataSourceEntity, tables: readonly OpenedTable[]): Promise<Connector> {
    if (source.type === 'combined') return this.combined([...tables]);
    return source.type === 'file' ? this.ofTables(tables) : this.connect(await this.connectionOf(source));
  }

  /** A connector over the stored tables of a source of files, in which only that can be seen which rules leave. */
  ofTables(tables: readonly OpenedTable[]): DuckDbFileConnector {
    return this.ofFiles(this.fileTables(tables));
  }

  ofFiles(tables: readonly FileTable[]): DuckDbFileConnector {
    return new DuckDbFileConnector({ ...this.bounds, tables });
  }

  private fileTables(tables: readonly OpenedTable[]): FileTable[] {
    return fileTables(tables, (location) => this.storage.pathOf(location), this.maskKey.value);
  }

  private combined(tables: OpenedTable[]): CombinedConnector {
    return new CombinedConnector({
      bounds: this.bounds,
      fetchLimits: this.fetchLimits,
      files: this.fileTables(tables),
      remotes: remoteTables(tables, {
        salt: this.maskKey.value,
        check: (sql, table) => this.guards.check(sql, dialectOf(table.source.type), [table]),
        connect: async ({ source }) =>
          new WatchedConnector(source, this.connect(await this.connectionOf(source)), this.availability),
      }),
      needsOf: (sql) => this.guards.needsOf(sql, tables),
    });
  }

  /** @throws DomainError `validation_failed` for a type that there is no connector for */
  connect({ type, ...address }: Connection): Connector {
    const { bounds } = this;
    const policy = { allowLoopback: this.sources.allowLoopback, allowPrivate: this.sources.allowPrivate };
    if (type === 'postgres') return new PostgresConnector({ address, policy, bounds });
    if (type === 'mysql' || type === 'mariadb') return new MySqlConnector({ address, policy, bounds });
    if (type === 'clickhouse') return new ClickHouseConnector({ address, policy, bounds });
    if (type === 'trino') return new TrinoConnector({ address, policy, bounds });
    throw new DomainError('validation_failed', `Sources of the type ${type} cannot be connected to.`, {
      errors: [{ field: 'type', message: 'is not a type that can be connected to' }],
    });
  }

  /**
   * With the password in plain text: not to be kept, logged or given out.
   *
   * @throws DomainError `credential_unreadable`
   */
  async connectionOf(source: DataSourceEntity): Promise<Connection> {
    return { ...(await this.addressOf(source)), password: await this.passwordOf(source) };
  }

  /** @throws DomainError `credential_unreadable` when its key is gone, or it is not as it was written */
  async passwordOf({ id, passwordEncrypted }: DataSourceEntity): Promise<string> {
    if (passwordEncrypted === null) return '';
    try {
      return await this.cipher.decrypt(passwordEncrypted, placeOf(id));
    } catch (cause) {
      if (!(cause instanceof UnreadableCredentialError)) throw cause;
      throw new DomainError(
        'credential_unreadable',
        'The stored password of this data source cannot be read with the keys of this installation. Give it again, or bring the key back.',
        { cause },
      );
    }
  }

  async addressOf(source: DataSourceEntity): Promise<Omit<Connection, 'password'>> {
    const { id, type, host, port, databaseName, username, sslMode } = source;
    const options = await this.dataSource.manager.findOneBy(DataSourceConfig, { dataSourceId: id, key: OPTIONS });
    return {
      type,
      host: host ?? '',
      port: port ?? 0,
      database: databaseName ?? '',
      username: username ?? '',
      sslMode: sslMode ?? 'prefer',
      options: (options?.value ?? {}) as Record<string, unknown>,
    };
  }
}

/** Where the password of a source is kept. */
export function placeOf(dataSourceId: number): { table: string; column: string; id: number } {
  return { table: 'data_sources', column: 'password_encrypted', id: dataSourceId };
}
