import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { EngineError } from '../../engine/errors.js';
import { htmlDocument, type Publication } from '../../engine/publishing/index.js';
import { ExportsConfig } from '../../platform/config/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import { Drawings, ResultFiles, ResultsService } from '../queries/index.js';
import { DashboardFiles, DRAWN_FORMATS } from './dashboard-files.js';
import type { OfferedFormat } from './dto/export.dto.js';
import type { Export } from './entities/export.entity.js';
import { folderOf } from './export-jobs.js';

/** Rows of a table in a document that is read by people. */
const MOST_ROWS = { html: 5_000, pdf: 2_000 } as const;

export interface MadeFile {
  location: string;
  sizeBytes: number;
  notes: string[];
}

interface Making {
  signal: AbortSignal;
  progress: (part: number) => void;
}

/** Makes the files of exports, each of the stored result: what it is of is not asked again. */
@Injectable()
export class ExportMaker {
  constructor(
    private readonly files: ResultFiles,
    private readonly results: ResultsService,
    private readonly dashboards: DashboardFiles,
    private readonly drawings: Drawings,
    private readonly storage: LocalStorage,
    private readonly config: ExportsConfig,
  ) {}

  /**
   * Makes the file as the caller may see what it is of, and puts it where it is kept.
   *
   * @throws DomainError `not_found`, `result_not_ready`, `result_outdated`, `chart_not_possible`; EngineError `export_too_large`,
   *   `export_not_possible`, `query_failed`, `query_cancelled`
   */
  async make(one: Export, caller: Principal, making: Making): Promise<MadeFile> {
    const workspace = await this.storage.createWorkspace();
    try {
      const path = join(workspace, 'file');
      const notes = await this.write(one, path, workspace, caller, making);
      const { size } = await stat(path);
      if (size > this.config.maxBytes) throw new EngineError('export_too_large', 'The file is larger than it may be.');
      const location = `${folderOf(one.id)}/file`;
      await this.storage.keep(path, location);
      return { location, sizeBytes: size, notes };
    } finally {
      await rm(workspace, { recursive: true, force: true });
    }
  }

  private async write(
    one: Export,
    path: string,
    workspace: string,
    caller: Principal,
    making: Making,
  ): Promise<string[]> {
    const { queryId, chartId, dashboardId, raw } = one;
    const { signal } = making;
    const format = one.format as OfferedFormat;
    const writing = { ...making, path, maxBytes: this.config.maxBytes };
    if (chartId !== null && isOfRows(format)) {
      const file = await this.dashboards.rows(chartId, workspace, caller, signal);
      return this.files.writeRows({ file, rowCount: null }, { format, bom: false, escapeFormulas: !raw }, writing);
    }
    if (chartId !== null) {
      await writeFile(path, await this.dashboards.chart(chartId, format, caller), { flag: 'wx' });
      return [];
    }
    if (dashboardId !== null) {
      await writeFile(path, await this.dashboards.dashboard(dashboardId, format, caller), { flag: 'wx' });
      return [];
    }
    if (queryId === null) throw gone();
    switch (format) {
      case 'svg':
      case 'png': {
        const chart = await this.results.chart(queryId, undefined, caller, signal);
        await writeFile(path, await this.results.draw(chart, format), { flag: 'wx' });
        return [];
      }
      case 'html': {
        const document = await this.publication(queryId, MOST_ROWS.html, caller, signal);
        await writeFile(path, htmlDocument(document), { flag: 'wx' });
        return [];
      }
      case 'pdf': {
        const document = await this.publication(queryId, MOST_ROWS.pdf, caller, signal);
        await writeFile(path, await this.drawings.pdf(document), { flag: 'wx' });
        return [];
      }
      default:
        return this.files.write(queryId, { format, bom: false, escapeFormulas: !raw }, caller, writing);
    }
  }

  /** The chart of a result where there is one, and its first rows. */
  private async publication(
    queryId: number,
    rows: number,
    caller: Principal,
    signal: AbortSignal,
  ): Promise<Publication> {
    const query = await this.results.check(queryId, caller);
    const chart = await this.results.chart(queryId, undefined, caller, signal);
    const table = await this.results.page(queryId, 0, rows, caller, signal);
    const title = query.naturalLanguage ?? (chart.title || `Query ${queryId}`);
    const picture =
      chart.spec === null
        ? null
        : {
            png: Buffer.from(await this.results.draw(chart, 'png')),
            svg: String(await this.results.draw(chart, 'svg')),
          };
    const notes = query.truncated ? ['The result was cut at the most rows that a query keeps.'] : [];
    const dataAsOf = query.finishedAt;
    return {
      title: title.slice(0, 300),
      notes: [],
      parts: [{ title: title.slice(0, 300), picture, table, dataAsOf, notes }],
    };
  }
}

function isOfRows(format: OfferedFormat): format is Exclude<OfferedFormat, 'png' | 'svg' | 'html' | 'pdf'> {
  return !DRAWN_FORMATS.has(format);
}

function gone(): DomainError {
  return new DomainError('not_found', 'What this export is of is not there any more.');
}
