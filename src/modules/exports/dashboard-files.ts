import { Injectable } from '@nestjs/common';
import { renderPng, renderSvg } from '../../engine/charts/index.js';
import { htmlDocument, pdfDocument, type Publication, type PublishedPart } from '../../engine/publishing/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { dashboardPng, DashboardRenderingService, dashboardSvg, type ShownChart } from '../dashboards/index.js';
import type { OfferedFormat } from './dto/export.dto.js';

/** What charts and dashboards can be made into: what is read by people. */
export const DRAWN_FORMATS: ReadonlySet<OfferedFormat> = new Set(['png', 'svg', 'html', 'pdf']);

/** Data of databases that has to be fetched may take so long. */
const WAIT_MS = 120_000;

/** Makes files of charts and dashboards, as the caller may see what is on them. */
@Injectable()
export class DashboardFiles {
  constructor(private readonly rendering: DashboardRenderingService) {}

  /** @throws DomainError `not_found`, `chart_not_possible`, `result_not_ready`; EngineError as its query fails */
  async chart(id: number, format: OfferedFormat, caller: Principal): Promise<string | Buffer> {
    const shown = await this.rendering.chart(id, caller, { chosen: [], waitMs: WAIT_MS });
    if (format === 'svg' || format === 'png') return this.rendering.picture(shown, format);
    const title = shown.chart.title;
    return document({ title, parts: [await partOf(title, shown)] }, format);
  }

  /** @throws DomainError `not_found`; EngineError `chart_not_possible` when it is too long for one picture */
  async dashboard(id: number, format: OfferedFormat, caller: Principal): Promise<string | Buffer> {
    const look = { chosen: [], waitMs: WAIT_MS };
    if (format === 'html') return (await this.rendering.page(id, caller, look)).html;
    const rendered = await this.rendering.dashboard(id, caller, look);
    if (format === 'svg') return dashboardSvg(rendered);
    if (format === 'png') return dashboardPng(rendered);
    const parts: PublishedPart[] = [];
    for (const { name, shown, problem } of rendered.cards) {
      if (shown === null) {
        const notes = [problem?.detail ?? 'Nothing to show.'];
        parts.push({ title: name, picture: null, table: null, dataAsOf: null, notes });
      } else parts.push(await partOf(name, shown));
    }
    return document({ title: rendered.name, parts }, format);
  }
}

async function partOf(title: string, shown: ShownChart): Promise<PublishedPart> {
  const { chart, columns, rows, rowCount, truncated, asOf, restricted } = shown;
  const picture =
    chart.spec === null
      ? null
      : { png: Buffer.from(await renderPng(chart.spec, { scale: 2 })), svg: await renderSvg(chart.spec) };
  return {
    title,
    picture,
    table: picture === null ? { columns, rows, rowCount } : null,
    dataAsOf: asOf,
    notes: [
      ...(truncated ? ['The result was cut at the most rows that a query keeps.'] : []),
      ...(restricted ? ['Access rules keep some of the data from the reader.'] : []),
    ],
  };
}

async function document(publication: Publication, format: OfferedFormat): Promise<string | Buffer> {
  if (format === 'html') return htmlDocument(publication);
  if (format === 'pdf') return pdfDocument(publication, new Date());
  throw new DomainError('export_not_possible', 'Charts and dashboards can be PNG, SVG, HTML or PDF.');
}
