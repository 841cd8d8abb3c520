import { Injectable } from '@nestjs/common';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { DashboardRenderingService } from '../dashboards/index.js';
import { QueriesService, ResultsService } from '../queries/index.js';
import { DRAWN_FORMATS } from './dashboard-files.js';
import type { OfferedFormat } from './dto/export.dto.js';
import type { Export } from './entities/export.entity.js';

export type ExportSubject = Pick<Export, 'queryId' | 'chartId' | 'dashboardId'>;

/** What exports are of, and whether somebody may see it: when they ask for the file, and again when they take it. */
@Injectable()
export class ExportSubjects {
  constructor(
    private readonly queries: QueriesService,
    private readonly results: ResultsService,
    private readonly dashboards: DashboardRenderingService,
  ) {}

  /** @throws DomainError `validation_failed` unless it is one thing, in a format that it can have */
  one(
    named: { query_id?: number; chart_id?: number; dashboard_id?: number },
    format: OfferedFormat,
    path = '',
  ): ExportSubject {
    const { query_id: queryId = null, chart_id: chartId = null, dashboard_id: dashboardId = null } = named;
    if ([queryId, chartId, dashboardId].filter((id) => id !== null).length !== 1) {
      throw refused(`${path}query_id`, 'give one of query_id, chart_id and dashboard_id');
    }
    if (dashboardId !== null && !DRAWN_FORMATS.has(format)) {
      throw refused(`${path}format`, 'dashboards can be png, svg, html or pdf');
    }
    return { queryId, chartId, dashboardId };
  }

  /**
   * @returns what the caller may see of the data behind it, to be compared later; null for a query, which knows that itself
   * @throws DomainError `forbidden` for who may not look at such things, `not_found`, `result_not_ready`, `result_outdated`
   */
  async check({ queryId, chartId, dashboardId }: ExportSubject, caller: Principal): Promise<string | null> {
    if (!mayLook({ queryId }, caller)) throw notForYou(queryId);
    if (queryId !== null) {
      await this.results.check(queryId, caller);
      return null;
    }
    const of = chartId !== null ? { chartId } : { dashboardId: dashboardId ?? 0 };
    return this.results.accessOf(await this.dashboards.queryIds(of, caller), caller);
  }

  /** As `check`, for what is asked anew: a query of the caller's own, whether it has a result or not. */
  async checkAskable(subject: ExportSubject, caller: Principal): Promise<void> {
    if (subject.queryId === null) await this.check(subject, caller);
    else await this.queries.get(subject.queryId, caller);
  }

  /** @throws DomainError as `check`, and `result_outdated` when it is gone, or the caller may see other things of it by now */
  async refuseOutdated(one: ExportSubject & Pick<Export, 'accessKey'>, caller: Principal): Promise<void> {
    if (one.queryId === null && one.chartId === null && one.dashboardId === null) {
      throw new DomainError('result_outdated', 'What this export is of has been removed. Export something else.');
    }
    if ((await this.check(one, caller)) === one.accessKey) return;
    throw new DomainError('result_outdated', 'What you may see of this data has changed since. Export it again.');
  }
}

/** Whether somebody may look at things of this kind at all, as the routes that show them ask. */
export function mayLook({ queryId }: Pick<ExportSubject, 'queryId'>, { permissions }: Principal): boolean {
  return permissions.has(queryId === null ? 'dashboards:read' : 'queries:read');
}

function notForYou(queryId: number | null): DomainError {
  const permission = queryId === null ? 'dashboards:read' : 'queries:read';
  return new DomainError(
    'forbidden',
    `Who exports this needs the permission ${permission} as well. Ask an administrator.`,
  );
}

function refused(field: string, message: string): DomainError {
  return new DomainError('validation_failed', `Say what to export, and as what: ${field} ${message}.`, {
    errors: [{ field, message }],
  });
}
