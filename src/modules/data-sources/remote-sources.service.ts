import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import type { Catalog } from '../../engine/catalog/catalog.js';
import { pick, UnitOfWork } from '../../platform/audit/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import { CredentialCipher, type Principal } from '../../platform/security/index.js';
import { replaceTables } from './catalog-changes.js';
import { CatalogService } from './catalog.service.js';
import { CombinedMembers, type Follower } from './combined-members.js';
import { type Connection, ConnectorsService, OPTIONS, placeOf } from './connectors.service.js';
import { DEFAULT_SCHEMA } from './default-schema.js';
import { dialectOf } from './dialect-of.js';
import { DataSourcesService, TOLD } from './data-sources.service.js';
import type { CreateDataSourceDto, RemoteType, UpdateConnectionDto } from './dto/remote-source.dto.js';
import { DataSourceEntity, type SslMode } from './entities/data-source.entity.js';
import type { Claim } from './fair-queue.js';
import { RuledNames } from './ruled-names.js';
import { driftBetween } from './schema-drift.js';
import { lostNames, type RefreshReport, SchemaDependents } from './schema-dependents.js';
import { SourceAvailability } from './source-availability.js';
import { SourceTurns } from './source-turns.js';
import { isTakenName, nameTaken, refuseTakenName } from './source-name.js';

/** Without and with TLS. */
const USUAL_PORTS: Record<RemoteType, [plain: number, secure: number]> = {
  postgres: [5432, 5432],
  mysql: [3306, 3306],
  mariadb: [3306, 3306],
  clickhouse: [8123, 8443],
  trino: [8080, 8443],
};

/** What the audit trail tells of where a database is. */
const ADDRESS = ['host', 'port', 'databaseName', 'username', 'sslMode'] as const;

/** Databases as sources: connecting them, changing how, and reading their schema again. */
@Injectable()
export class RemoteSourcesService {
  /** Sources whose schema is being read in this process. */
  private readonly beingRead = new Set<number>();

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly sources: DataSourcesService,
    private readonly connectors: ConnectorsService,
    private readonly catalogs: CatalogService,
    private readonly cipher: CredentialCipher,
    private readonly dependents: SchemaDependents,
    private readonly ruled: RuledNames,
    private readonly turns: SourceTurns,
    private readonly availability: SourceAvailability,
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
    const catalog = await this.introspect(connection, { userId: caller.userId, sourceId: null }, signal);
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
        await keepDefaultSchema(manager, id, catalog);
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
   * @throws DomainError `not_found`, `overloaded`, `source_unavailable`, `conflict` while it is being read already; EngineError
   *   `source_*`
   */
  async refresh(id: number, caller: Principal, signal: AbortSignal): Promise<RefreshReport> {
    const source = await this.sources.get(id, caller);
    const { catalog: before } = await this.catalogs.load(source);
    // What is in files changes only when files are uploaded, and a combined source follows its members by itself.
    if (source.type === 'file' || source.type === 'combined') {
      return { drift: driftBetween(before, before), broken: [] };
    }
    const { after, followers } = await this.alone(id, async () => {
      const connection = await this.connectors.connectionOf(source);
      const claim = { userId: caller.userId, sourceId: id };
      this.availability.check(source);
      const after = await this.introspect(connection, claim, signal, source);
      return { after, followers: await this.store(source, before, after) };
    });
    const lost = [{ id, lost: lostNames(before, after) }, ...followers];
    const broken = await Promise.all(lost.map((one) => this.dependents.brokenBy(one.id, one.lost)));
    return { drift: driftBetween(before, after), broken: broken.flat() };
  }

  /**
   * Changes where a database is or how to sign in there. It is tried, and its schema is read, before anything is stored.
   *
   * @throws DomainError `not_found`, `overloaded`, `conflict` for a source that is no database and while its schema is being read; EngineError `source_*`
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
    await this.alone(id, async () => {
      const after = await this.introspect(connection, { userId: caller.userId, sourceId: id }, signal);
      await this.store(source, before, after, connection);
    });
    this.availability.forget(id);
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

  /** @param known the source, when the connection is the one that it has */
  private introspect(
    connection: Connection,
    claim: Claim,
    signal: AbortSignal,
    known?: DataSourceEntity,
  ): Promise<Catalog> {
    return this.turns.take(claim, signal, async (stopped) => {
      const connector = this.connectors.connect(connection);
      try {
        const read = (): Promise<Catalog> => connector.introspect(stopped);
        return await (known === undefined ? read() : this.availability.reach(known, connector, stopped, read));
      } finally {
        await connector.close();
      }
    });
  }

  /** @throws DomainError `conflict` while the schema of the source is being read for somebody else */
  private async alone<T>(id: number, work: () => Promise<T>): Promise<T> {
    if (this.beingRead.has(id)) throw beingRead();
    this.beingRead.add(id);
    try {
      return await work();
    } finally {
      this.beingRead.delete(id);
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
      const now = await manager.findOne(DataSourceEntity, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (now === null) throw notFound('data source');
      // Another replica has read it meanwhile.
      if (now.version !== source.version) throw beingRead();
      await this.ruled.refuseLoss(manager, id, dialectOf(source.type), after);
      await replaceTables(manager, id, after, new Map(after.tables.map(({ name }) => [name, IN_THE_DATABASE])));
      const read = { rowCount: rowsOf(after), loadedAt: new Date(), status: 'ready' as const };
      const address = connection === undefined ? {} : addressOf(connection);
      await keepDefaultSchema(manager, id, after);
      await manager.update(DataSourceEntity, { id }, { ...read, ...address, version: () => 'version + 1' });
      if (connection !== undefined) {
        await this.keepSecrets(manager, id, connection);
        const changed = await manager.findOneByOrFail(DataSourceEntity, { id });
        record({
          action: 'data_source.reconnected',
          objectId: id,
          before: pick(source, ADDRESS),
          after: pick(changed, ADDRESS),
        });
      }
      record({ action: 'data_source.refreshed', objectId: id, details: { ...driftBetween(before, after) } });
      return this.members.follow(manager, id);
    });
  }

  private async keepSecrets(manager: EntityManager, id: number, { password, options }: Connection): Promise<void> {
    const passwordEncrypted = await this.cipher.encrypt(password, placeOf(id));
    await manager.update(DataSourceEntity, { id }, { passwordEncrypted });
    await keepSetting(manager, id, OPTIONS, options);
  }
}

async function keepDefaultSchema(manager: EntityManager, id: number, { defaultSchema }: Catalog): Promise<void> {
  if (defaultSchema !== undefined) await keepSetting(manager, id, DEFAULT_SCHEMA, defaultSchema);
}

async function keepSetting(manager: EntityManager, id: number, key: string, value: unknown): Promise<void> {
  await manager.query(
    `INSERT INTO data_source_configs (data_source_id, key, value) VALUES ($1, $2, $3::jsonb)
     ON CONFLICT (data_source_id, key) DO UPDATE SET value = excluded.value, updated_at = now()`,
    [id, key, JSON.stringify(value)],
  );
}

function beingRead(): DomainError {
  return new DomainError(
    'conflict',
    'The schema of this data source is being read already. Look at it when that is done.',
  );
}

/** Where a table of a database lies for us: nowhere. */
const IN_THE_DATABASE = { location: null, bytes: 0 };

function connectionFrom(request: CreateDataSourceDto): Connection {
  const { type, host, port, database_name: database, username, password, ssl_mode: sslMode, options } = request;
  return {
    type,
    host: host.trim(),
    port: port ?? usualPort(type, sslMode),
    database,
    username,
    password,
    sslMode: sslMode ?? 'prefer',
    options: options ?? {},
  };
}

function usualPort(type: RemoteType, sslMode: SslMode = 'prefer'): number {
  const [plain, secure] = USUAL_PORTS[type];
  return sslMode === 'disable' || sslMode === 'prefer' ? plain : secure;
}

function addressOf({ host, port, database, username, sslMode }: Connection) {
  return { host, port, databaseName: database, username, sslMode };
}

function rowsOf(catalog: Catalog): number {
  return catalog.tables.reduce((sum, { rowCount }) => sum + rowCount, 0);
}
