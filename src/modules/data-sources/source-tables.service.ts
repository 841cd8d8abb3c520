import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { EntityManager } from 'typeorm';
import type { Catalog } from '../../engine/catalog/catalog.js';
import { UnitOfWork } from '../../platform/audit/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import { CatalogService, type LoadedCatalog } from './catalog.service.js';
import { replaceTables } from './catalog-changes.js';
import { CombinedMembers } from './combined-members.js';
import { ConnectorsService } from './connectors.service.js';
import { DataSourcesService } from './data-sources.service.js';
import { DataSourceEntity } from './entities/data-source.entity.js';
import { FileImports, type ImportedUpload, type Untouched } from './file-imports.js';
import { RuledNames } from './ruled-names.js';
import { storedFiles, type StoredFile } from './stored-files.js';
import type { UploadedSource } from './uploads.service.js';

interface OpenedSource extends LoadedCatalog {
  source: DataSourceEntity;
}

/**
 * Adds, replaces and removes tables of a source of files. Every change makes a new version, whose files lie in a folder of
 * their own; those of tables that stay are left where they are, and superseded ones until no query can still read them.
 */
@Injectable()
export class SourceTablesService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly sources: DataSourcesService,
    private readonly imports: FileImports,
    private readonly catalogs: CatalogService,
    private readonly connectors: ConnectorsService,
    private readonly storage: LocalStorage,
    private readonly ruled: RuledNames,
    private readonly members: CombinedMembers,
  ) {}

  /**
   * Adds the tables of uploaded files; a table of the same name is replaced. Either all of it happens or nothing.
   *
   * @throws DomainError `not_found`, `conflict` when it is no source of files or was changed in the meantime; and as
   *   `FileImports.run`
   */
  async upload(id: number, request: FastifyRequest, caller: Principal, signal: AbortSignal): Promise<UploadedSource> {
    const opened = await this.open(id, caller);
    return this.imports.run(request, signal, {
      isKept: true,
      check: (form) => {
        if (form.name === undefined && form.description === undefined) return Promise.resolve();
        throw new DomainError('validation_failed', 'Name and description are changed by PATCH of the data source.', {
          errors: [{ field: 'name', message: 'is not a part of this request' }],
        });
      },
      beside: (names) => this.except(opened, names),
      use: async (upload) => ({ source: await this.store(opened, upload), files: upload.files }),
    });
  }

  /**
   * Removes one table, but never the last.
   *
   * @throws DomainError `not_found` for the source or the table, `conflict` as `upload`, for the last table, and for a table
   *   that sources are combined from
   */
  async remove(id: number, table: string, caller: Principal): Promise<void> {
    const opened = await this.open(id, caller);
    const { tables, described } = this.except(opened, new Set([table]));
    if (tables.length === opened.tables.length) throw notFound('table');
    if (tables.length === 0) {
      throw new DomainError('conflict', 'This is the last table of the data source. Remove the data source instead.');
    }
    const catalog = await this.connectors.ofFiles(tables).introspect(undefined, described);
    await this.change(opened, catalog, new Map(), undefined, (manager) =>
      this.members.refuseUse(manager, id, caller.dataSourceIds === null, table),
    );
  }

  private async open(id: number, caller: Principal): Promise<OpenedSource> {
    const source = await this.sources.get(id, caller);
    if (source.type !== 'file') {
      throw new DomainError('conflict', 'Only data sources that were made of files have tables to add or remove.');
    }
    return { source, ...(await this.catalogs.load(source)) };
  }

  private except({ tables, catalog }: OpenedSource, names: ReadonlySet<string>): Untouched {
    const others = tables.filter(({ name }) => !names.has(name));
    return {
      tables: others.flatMap(({ name, location }) =>
        location === null ? [] : [{ name, file: this.storage.pathOf(location) }],
      ),
      described: catalog.tables.filter(({ name }) => !names.has(name)),
    };
  }

  private async store(opened: OpenedSource, upload: ImportedUpload): Promise<DataSourceEntity> {
    const folder = `sources/${opened.source.id}/v${opened.source.version + 1}`;
    return this.change(opened, upload.catalog, storedFiles(upload.tables, folder), async () => {
      // The row is locked and its version is the one before: what lies here is what a crash has left.
      await this.storage.remove(folder);
      await this.storage.keep(upload.directory, folder);
      return folder;
    });
  }

  private async change(
    { source: { id, version }, tables }: OpenedSource,
    catalog: Catalog,
    files: ReadonlyMap<string, StoredFile>,
    moveFiles: (() => Promise<string>) | undefined,
    check?: (manager: EntityManager) => Promise<void>,
  ): Promise<DataSourceEntity> {
    const before = new Map(tables.map(({ name, location }) => [name, location]));
    const after = new Set(catalog.tables.map(({ name }) => name));
    const superseded = tables.filter(({ name }) => files.has(name) || !after.has(name));
    let moved: string | undefined;
    try {
      return await this.unitOfWork.runOnce(async ({ manager, record }) => {
        await lockVersion(manager, id, version);
        await check?.(manager);
        await this.ruled.refuseLoss(manager, id, 'duckdb', catalog);
        await replaceTables(manager, id, catalog, files);
        const [{ rows, bytes } = { rows: 0, bytes: 0 }]: { rows: number; bytes: number }[] = await manager.query(
          `SELECT sum(row_count)::float8 AS rows, sum(size_bytes)::float8 AS bytes
           FROM source_tables WHERE data_source_id = $1`,
          [id],
        );
        const next = { version: version + 1, rowCount: rows, sizeBytes: bytes, loadedAt: new Date() };
        await manager.update(DataSourceEntity, { id }, next);
        await this.members.follow(manager, id);
        // Before the end of the transaction: a file that is not marked yet is at worst kept too long.
        for (const { location } of superseded) if (location !== null) await this.storage.touch(location);
        moved = await moveFiles?.();
        const names = [...files.keys()];
        record({
          action: 'data_source.tables_changed',
          objectId: id,
          before: { version, tables: [...before.keys()] },
          after: { version: next.version, tables: inOrder([...before.keys()], [...after]) },
          details: {
            added: names.filter((name) => !before.has(name)),
            replaced: names.filter((name) => before.has(name)),
            removed: [...before.keys()].filter((name) => !after.has(name)),
          },
        });
        return manager.findOneByOrFail(DataSourceEntity, { id });
      });
    } catch (error) {
      if (moved !== undefined) await this.storage.remove(moved);
      throw error;
    }
  }
}

/** Tables that stay come first, in the order that they had. */
function inOrder(before: readonly string[], after: readonly string[]): string[] {
  return [...before.filter((name) => after.includes(name)), ...after.filter((name) => !before.includes(name))];
}

/** Makes other changes of the source wait, and makes sure that none has come in between. */
async function lockVersion(manager: EntityManager, id: number, version: number): Promise<void> {
  const [row]: { version: number }[] = await manager.query(
    'SELECT version FROM data_sources WHERE id = $1 FOR UPDATE',
    [id],
  );
  if (row === undefined) throw notFound('data source');
  if (row.version !== version) {
    throw new DomainError('conflict', 'The data source was changed in the meantime. Look at it and send this again.');
  }
}
