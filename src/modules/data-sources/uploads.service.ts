import { mkdir, rm } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import type { Catalog } from '../../engine/catalog/catalog.js';
import { importFile, type ImportedTable } from '../../engine/connectors/duckdb/index.js';
import { pick, UnitOfWork } from '../../platform/audit/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import { CatalogService } from './catalog.service.js';
import { ConnectorsService } from './connectors.service.js';
import { TOLD } from './data-sources.service.js';
import { parseUploadForm, type UploadForm } from './dto/upload.dto.js';
import { DataSourceEntity } from './entities/data-source.entity.js';
import { isTakenName, nameTaken } from './source-name.js';
import { type ReceivedFile, UploadReceiver } from './upload-receiver.js';

/** Makes a data source of uploaded files: received, converted to Parquet, described, and only then made known. */
@Injectable()
export class UploadsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly receiver: UploadReceiver,
    private readonly connectors: ConnectorsService,
    private readonly catalogs: CatalogService,
    private readonly storage: LocalStorage,
  ) {}

  /**
   * @param signal aborts when the client goes away; nothing half-made remains then
   * @throws DomainError `forbidden` for a key that is for certain sources; as `UploadReceiver.receive`, `validation_failed`, `conflict` when the name is in use
   * @throws EngineError `file_*` when a file cannot be read, `query_cancelled` when the client went away
   */
  async create(request: FastifyRequest, caller: Principal, signal: AbortSignal): Promise<DataSourceEntity> {
    if (caller.dataSourceIds !== null) {
      throw new DomainError('forbidden', 'This API key is for certain data sources and may not add another one.');
    }
    const workspace = await this.storage.createWorkspace();
    try {
      const { files, fields } = await this.receiver.receive(request, workspace);
      const form = parseUploadForm(fields);
      const name = form.name ?? nameFrom(files);
      await this.refuseTakenName(name, caller);
      const directory = join(workspace, 'tables');
      const tables = await this.importFiles(files, form, directory, signal);
      const catalog = await this.connectors.ofFiles(tables).introspect(signal);
      return await this.store({
        name,
        description: form.description ?? null,
        owner: caller,
        tables,
        catalog,
        directory,
      });
    } finally {
      await rm(workspace, { recursive: true, force: true });
    }
  }

  private async importFiles(
    files: readonly ReceivedFile[],
    form: UploadForm,
    directory: string,
    signal: AbortSignal,
  ): Promise<ImportedTable[]> {
    await mkdir(directory, { mode: 0o700 });
    const tables: ImportedTable[] = [];
    for (const { path, fileName } of files) {
      const imported = await importFile({
        ...this.connectors.bounds,
        maxUnpackedBytes: 1e9,
        file: path,
        fileName,
        directory,
        signal,
        options: form.options ?? {},
        takenNames: tables.map((table) => table.name),
      });
      tables.push(...imported);
      await rm(path);
    }
    return tables;
  }

  private async store(made: {
    name: string;
    description: string | null;
    owner: Principal;
    tables: ImportedTable[];
    catalog: Catalog;
    directory: string;
  }): Promise<DataSourceEntity> {
    const { name, description, owner, tables, catalog, directory } = made;
    let location: string | undefined;
    try {
      return await this.unitOfWork.run(async ({ manager, record }) => {
        const source = await manager.save(
          manager.create(DataSourceEntity, {
            name,
            description,
            type: 'file',
            status: 'ready',
            ownerId: owner.userId,
            rowCount: sum(tables.map((table) => table.rowCount)),
            sizeBytes: sum(tables.map((table) => table.bytes)),
          }),
        );
        location = `sources/${source.id}`;
        const folder = `${location}/v${source.version}`;
        const stored = tables.map(
          (table) => [table.name, { location: `${folder}/${basename(table.file)}`, bytes: table.bytes }] as const,
        );
        await this.catalogs.insert(manager, source.id, catalog, new Map(stored));
        await this.storage.keep(directory, folder);
        record({
          action: 'data_source.created',
          objectId: source.id,
          after: { ...pick(source, TOLD), tables: tables.map((table) => table.name), row_count: source.rowCount },
        });
        return manager.findOneByOrFail(DataSourceEntity, { id: source.id });
      });
    } catch (error) {
      if (location !== undefined) await this.storage.remove(location);
      throw isTakenName(error) ? nameTaken() : error;
    }
  }

  private async refuseTakenName(name: string, owner: Principal): Promise<void> {
    const taken = await this.dataSource
      .getRepository(DataSourceEntity)
      .createQueryBuilder('source')
      .where('source.ownerId = :ownerId AND lower(source.name) = lower(:name)', { ownerId: owner.userId, name })
      .getExists();
    if (taken) throw nameTaken();
  }
}

/** The first file's name without its ending; with several files, how many more there are. */
function nameFrom(files: readonly ReceivedFile[]): string {
  const first = files[0]?.fileName ?? 'Upload';
  const stem = basename(first, extname(first)).trim().slice(0, 150) || 'Upload';
  return files.length > 1 ? `${stem} and ${files.length - 1} more` : stem;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
