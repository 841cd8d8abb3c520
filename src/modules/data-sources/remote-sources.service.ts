import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import type { Catalog } from '../../engine/catalog/catalog.js';
import { pick, UnitOfWork } from '../../platform/audit/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { CredentialCipher, type Principal } from '../../platform/security/index.js';
import { replaceTables } from './catalog-changes.js';
import { CatalogService } from './catalog.service.js';
import { CombinedMembers, type Follower } from './combined-members.js';
import { type Connection, ConnectorsService, OPTIONS, placeOf } from './connectors.service.js';
import { dialectOf } from './dialect-of.js';
import { DataSourcesService, TOLD } from './data-sources.service.js';
import type { CreateDataSourceDto, RemoteType, UpdateConnectionDto } from './dto/remote-source.dto.js';
import { DataSourceEntity } from './entities/data-source.entity.js';
import { RuledNames } from './ruled-names.js';
import { driftBetween } from './schema-drift.js';
import { lostNames, type RefreshReport, SchemaDependents } from './schema-dependents.js';
import { isTakenName, nameTaken, refuseTakenName } from './source-name.js';

const USUAL_PORTS: Record<RemoteType, number> = { postgres: 5432 };

/** What the audit trail tells of where a database is. */
const ADDRESS = ['host', 'port', 'databaseName', 'username', 'sslMode'] as const;

/** Databases as sources: connecting them, changing how, and reading their schema again. */
@Injectable()
export class RemoteSourcesService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly sources: DataSourcesService,
    private readonly connectors: ConnectorsService,
    private readonly catalogs: CatalogService,
    private readonly cipher: CredentialCipher,
    private readonly dependents: SchemaDependents,
    private readonly ruled: RuledNames,
    private readonly members: CombinedMembers,
  ) {}

  /**
   * Connects a database: it is tried and its schema is read before anything is stored.
   *
   * @param signal aborts when the client goes away
   * @throws DomainError `forbidden` for a key that is for certain sources, `conflict` when the name is in use; EngineError `source_*` when
   *   the database cannot be reached, refuses, or is at an address that is not allowed
   */
  async create(request: CreateDataSourceDto, caller: Principal, signal: AbortSignal): Promise<DataSourceEntity> {
    if (caller.dataSourceIds !== null) {
      throw new DomainError('forbidden', 'This API key is for certain data sources and may not add another one.');
    }
    const name = request.name.trim();
    await refuseTakenName(this.dataSource, name, caller.userId);
    const connection = connectionFrom(request);
    const catalog = await this.introspect(connection, signal);
    return this.unitOfWork
      .run(async ({ manager, record }) => {
        const { id } = await manager.save(
          manager.create(DataSourceEntity, {
            name,
            description: request.description ?? null,
            type: connection.type,
            status: 'ready',
            ownerId: caller.userId,
            rowCount: rowsOf(catalog),
            sizeBytes: 0,
            ...addressOf(connection),
          }),
        );
        await this.keepSecrets(manager, id, connection);
        await this.catalogs.insert(manager, id, catalog, new Map());
        const source = await manager.findOneByOrFail(DataSourceEntity, { id });
        record({ action: 'data_source.created', objectId: id, after: pick(source, [...TOLD, ...ADDRESS]) });
        return source;
      })
      .catch((error: unknown) => {
        throw isTakenName(error) ? nameTaken() : error;
      });
  }

  /**
   * Reads the schema again, and says what has changed in it. What people have said of tables and columns that are still there
   * is kept.
   *
   * @throws DomainError `not_found`; EngineError `source_*`
   */
  async refresh(id: number, caller: Principal, signal: AbortSignal): Promise<RefreshReport> {
    const source = await this.sources.get(id, caller);
    const { catalog: before } = await this.catalogs.load(source);
    // What is in files changes only when files are uploaded, and a combined source follows its members by itself.
    if (source.type === 'file' || source.type === 'combined')
      return { drift: driftBetween(before, before), broken: [] };
    const after = await this.introspect(await this.connectors.connectionOf(source), signal);
    const followers = await this.store(source, before, after);
    const lost = [{ id, lost: lostNames(before, after) }, ...followers];
    const broken = await Promise.all(lost.map((one) => this.dependents.brokenBy(one.id, one.lost)));
    return { drift: driftBetween(before, after), broken: broken.flat() };
  }

  /**
   * Changes where a database is or how to sign in there. It is tried, and its schema is read, before anything is stored.
   *
   * @throws DomainError `not_found`, `conflict` for a source that is no database; EngineError `source_*`
   */
  async reconnect(
    id: number,
    change: UpdateConnectionDto,
    caller: Principal,
    signal: AbortSignal,
  ): Promise<DataSourceEntity> {
    const source = await this.sources.get(id, caller);
    if (source.type === 'file' || source.type === 'combined') {
      throw new DomainError(
        'conflict',
        'This data source is no database. Upload its files again, or choose its tables.',
      );
    }
    const known = await this.connectors.addressOf(source);
    const connection: Connection = {
      ...known,
      host: change.host ?? known.host,
      port: change.port ?? known.port,
      database: change.database_name ?? known.database,
      username: change.username ?? known.username,
      password: change.password ?? (await this.keptPassword(source, change, known)),
      sslMode: change.ssl_mode ?? known.sslMode,
      options: change.options ?? known.options,
    };
    const { catalog: before } = await this.catalogs.load(source);
    const after = await this.introspect(connection, signal);
    await this.store(source, before, after, connection);
    return this.sources.get(id, caller);
  }

  /**
   * The password that is kept goes only where it was given for: who could send it to a host of their own would learn it.
   *
   * @throws DomainError `validation_failed` when it would go elsewhere
   */
  private async keptPassword(
    source: DataSourceEntity,
    { host, port, ssl_mode: sslMode, options }: UpdateConnectionDto,
    known: Omit<Connection, 'password'>,
  ): Promise<string> {
    const isElsewhere =
      (host !== undefined && host !== known.host) ||
      (port !== undefined && port !== known.port) ||
      (sslMode !== undefined && sslMode !== known.sslMode) ||
      options !== undefined;
    if (!isElsewhere) return this.connectors.passwordOf(source);
    throw new DomainError('validation_failed', 'Give the password again: the connection changes.', {
      errors: [{ field: 'password', message: 'is needed when host, port, ssl_mode or options change' }],
    });
  }

  private async introspect(connection: Connection, signal: AbortSignal): Promise<Catalog> {
    const connector = this.connectors.connect(connection);
    try {
      return await connector.introspect(signal);
    } finally {
      await connector.close();
    }
  }

  /** @returns what has followed the source, because it is combined from it */
  private async store(
    source: DataSourceEntity,
    before: Catalog,
    after: Catalog,
    connection?: Connection,
  ): Promise<Follower[]> {
    const { id } = source;
    return this.unitOfWork.run(async ({ manager, record }) => {
      await this.ruled.refuseLoss(manager, id, dialectOf(source.type), after);
      await replaceTables(manager, id, after, new Map(after.tables.map(({ name }) => [name, IN_THE_DATABASE])));
      const read = { rowCount: rowsOf(after), loadedAt: new Date(), status: 'ready' as const };
      const address = connection === undefined ? {} : addressOf(connection);
      await manager.update(DataSourceEntity, { id }, { ...read, ...address, version: () => 'version + 1' });
      if (connection !== undefined) {
        await this.keepSecrets(manager, id, connection);
        const now = await manager.findOneByOrFail(DataSourceEntity, { id });
        record({
          action: 'data_source.reconnected',
          objectId: id,
          before: pick(source, ADDRESS),
          after: pick(now, ADDRESS),
        });
      }
      record({ action: 'data_source.refreshed', objectId: id, details: { ...driftBetween(before, after) } });
      return this.members.follow(manager, id);
    });
  }

  private async keepSecrets(manager: EntityManager, id: number, { password, options }: Connection): Promise<void> {
    const passwordEncrypted = await this.cipher.encrypt(password, placeOf(id));
    await manager.update(DataSourceEntity, { id }, { passwordEncrypted });
    const value = JSON.stringify(options);
    await manager.query(
      `INSERT INTO data_source_configs (data_source_id, key, value) VALUES ($1, $2, $3::jsonb)
       ON CONFLICT (data_source_id, key) DO UPDATE SET value = excluded.value, updated_at = now()`,
      [id, OPTIONS, value],
    );
  }
}

/** Where a table of a database lies for us: nowhere. */
const IN_THE_DATABASE = { location: null, bytes: 0 };

function connectionFrom(request: CreateDataSourceDto): Connection {
  const { type, host, port, database_name: database, username, password, ssl_mode: sslMode, options } = request;
  return {
    type,
    host: host.trim(),
    port: port ?? USUAL_PORTS[type],
    database,
    username,
    password,
    sslMode: sslMode ?? 'prefer',
    options: options ?? {},
  };
}

function addressOf({ host, port, database, username, sslMode }: Connection) {
  return { host, port, databaseName: database, username, sslMode };
}

function rowsOf(catalog: Catalog): number {
  return catalog.tables.reduce((sum, { rowCount }) => sum + rowCount, 0);
}
