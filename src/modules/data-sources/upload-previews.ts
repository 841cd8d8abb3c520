import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../../platform/security/index.js';
import { CatalogService } from './catalog.service.js';
import { ConnectorsService } from './connectors.service.js';
import { DataSourcesService } from './data-sources.service.js';
import { TablePreviewDto, UploadPreviewDto } from './dto/upload-report.dto.js';
import { FileImports } from './file-imports.js';

const FIRST_ROWS = 20;

/** Reads uploaded files as if they were to be kept, shows what would come of them, and keeps nothing. */
@Injectable()
export class UploadPreviews {
  constructor(
    private readonly imports: FileImports,
    private readonly connectors: ConnectorsService,
    private readonly sources: DataSourcesService,
    private readonly catalogs: CatalogService,
  ) {}

  /**
   * @param id the source that the tables would be added to; undefined for a new one
   * @throws DomainError `not_found`; and as `FileImports.run`, but for lines that can be left out
   */
  async show(request: FastifyRequest, caller: Principal, signal: AbortSignal, id?: number): Promise<UploadPreviewDto> {
    const present = id === undefined ? [] : (await this.catalogs.load(await this.sources.get(id, caller))).tables;
    return this.imports.run(request, signal, {
      tolerant: true,
      beside: () => ({ tables: [], described: [] }),
      use: async ({ files, tables, form }) => {
        const connector = this.connectors.ofFiles(tables);
        const shown: TablePreviewDto[] = [];
        for (const { fileName, tables: ofFile } of files) {
          for (const table of ofFile) {
            const window = { table: table.name, offset: 0, limit: FIRST_ROWS, signal };
            const { columns, rows } = await connector.previewTable(window);
            shown.push(
              TablePreviewDto.of({
                fileName,
                table,
                columns,
                rows,
                skipsBadLines: form.options?.on_bad_lines === 'skip',
                replaces: present.some(({ name }) => name === table.name),
              }),
            );
          }
        }
        return { tables: shown };
      },
    });
  }
}
