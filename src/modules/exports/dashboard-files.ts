import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { htmlDocument } from '../../engine/publishing/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { DashboardRenderingService } from '../dashboards/index.js';
import { Drawings, ResultFiles } from '../queries/index.js';
import type { OfferedFormat } from './dto/export.dto.js';

/** What is read by people; the other formats hold rows, which charts have and dashboards do not. */
export const DRAWN_FORMATS: ReadonlySet<OfferedFormat> = new Set(['png', 'svg', 'html', 'pdf']);

/** Data of databases that has to be fetched may take so long. */
const LOOK = { chosen: [], waitMs: 120_000 };

/** Makes files of charts and dashboards, as the caller may see what is on them. */
@Injectable()
export class DashboardFiles {
  constructor(
    private readonly rendering: DashboardRenderingService,
    private readonly drawings: Drawings,
    private readonly results: ResultFiles,
  ) {}

  /** @throws DomainError `not_found`, `chart_not_possible`, `result_not_ready`; EngineError as its query fails */
  async chart(id: number, format: OfferedFormat, caller: Principal): Promise<string | Buffer> {
    const shown = await this.rendering.chart(id, caller, LOOK);
    if (format === 'svg' || format === 'png') return this.rendering.picture(shown, format);
    const publication = await this.rendering.document(shown);
    if (format === 'html') return htmlDocument(publication);
    if (format === 'pdf') return this.drawings.pdf(publication);
    throw notDrawn();
  }

  /**
   * Puts the rows that a chart is made of into a file, as results are stored.
   *
   * @param folder for what is needed on the way
   * @returns the file
   * @throws DomainError `not_found`, `result_not_ready`; EngineError as its query fails
   */
  async rows(id: number, folder: string, caller: Principal, signal: AbortSignal): Promise<string> {
    const whole = join(folder, 'rows.parquet');
    const columns = await this.rendering.rows(id, caller, whole);
    if (columns === undefined) return whole;
    const some = join(folder, 'columns.parquet');
    await this.results.project(whole, columns, some, signal);
    return some;
  }

  /** @throws DomainError `not_found`; EngineError `chart_not_possible` when it is too long for one picture */
  async dashboard(id: number, format: OfferedFormat, caller: Principal): Promise<string | Buffer> {
    if (format === 'html') return (await this.rendering.page(id, caller, LOOK)).html;
    if (format === 'svg' || format === 'png' || format === 'pdf') return this.rendering.file(id, format, caller, LOOK);
    throw notDrawn();
  }
}

function notDrawn(): DomainError {
  return new DomainError('export_not_possible', 'Dashboards can be PNG, SVG, HTML or PDF.');
}
