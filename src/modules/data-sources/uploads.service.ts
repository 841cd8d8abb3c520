import { basename, extname } from 'node:path';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { pick, UnitOfWork } from '../../platform/audit/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import { CatalogService } from './catalog.service.js';
import { TOLD } from './data-sources.service.js';
import { DataSourceEntity } from './entities/data-source.entity.js';
import { FileImports, type ImportedFile, type ImportedUpload, type ImportTask } from './file-imports.js';
import { isTakenName, nameTaken, refuseTakenName } from './source-name.js';
import { storedFiles } from './stored-files.js';

/** A source that was made or changed by an upload, and what was read of the files. */
export interface UploadedSource {
  source: DataSourceEntity;
  files: ImportedFile[];
}

const NOTHING_BESIDE: ImportTask<unknown>['beside'] = () => ({ tables: [], described: [] });

/** Makes a data source of uploaded files: received, converted to Parquet, described, and only then made known. */
@Injectable()
export class UploadsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly imports: FileImports,
    private readonly catalogs: CatalogService,
    private readonly storage: LocalStorage,
  ) {}

  /**
   * @param signal aborts when the client goes away; nothing half-made remains then
   * @throws DomainError `forbidden` for a key that is for certain sources, `conflict` when the name is in use; and as
   *   `FileImports.run`
   */
  async create(request: FastifyRequest, caller: Principal, signal: AbortSignal): Promise<UploadedSource> {
    if (caller.dataSourceIds !== null) {
      throw new DomainError('forbidden', 'This API key is for certain data sources and may not add another one.');
    }
    return this.imports.run(request, signal, {
      isKept: true,
      check: (form, fileNames) => refuseTakenName(this.dataSource, form.name ?? nameFrom(fileNames), caller.userId),
      beside: NOTHING_BESIDE,
      use: async (upload) => ({ source: await this.store(upload, caller), files: upload.files }),
    });
  }

  private async store(upload: ImportedUpload, owner: Principal): Promise<DataSourceEntity> {
    const { form, files, tables, catalog, directory } = upload;
    let location: string | undefined;
    try {
      return await this.unitOfWork.runOnce(async ({ manager, record }) => {
        const source = await manager.save(
          manager.create(DataSourceEntity, {
            name: form.name ?? nameFrom(files.map(({ fileName }) => fileName)),
            description: form.description ?? null,
            type: 'file',
            status: 'ready',
            ownerId: owner.userId,
            rowCount: sum(tables.map((table) => table.rowCount)),
            sizeBytes: sum(tables.map((table) => table.bytes)),
          }),
        );
        location = `sources/${source.id}`;
        const folder = `${location}/v${source.version}`;
        await this.catalogs.insert(manager, source.id, catalog, storedFiles(tables, folder));
        // A crash between this move and the commit leaves files behind, and the database may give their id out again.
        await this.storage.remove(location);
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
}

/** The first file's name without its ending; with several files, how many more there are. */
function nameFrom(fileNames: readonly string[]): string {
  const first = (fileNames[0] ?? 'Upload').replace(/\.(gz|gzip|zst|zstd)$/i, '');
  const stem = basename(first, extname(first)).trim().slice(0, 150) || 'Upload';
  return fileNames.length > 1 ? `${stem} and ${fileNames.length - 1} more` : stem;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
