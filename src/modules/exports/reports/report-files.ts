import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { EngineError } from '../../../engine/errors.js';
import { UnitOfWork } from '../../../platform/audit/index.js';
import { DomainError } from '../../../platform/errors/domain-error.js';
import type { Principal } from '../../../platform/security/index.js';
import { Export } from '../entities/export.entity.js';
import { ReportDelivery } from '../entities/report-delivery.entity.js';
import type { ScheduledReport } from '../entities/scheduled-report.entity.js';
import { ExportSubjects } from '../export-subjects.js';
import { ExportWork } from '../export-work.js';
import { ExportsService } from '../exports.service.js';
import { ReportQueries } from './report-queries.js';

/** Makes the file of a report for a recipient: a query is asked anew in their name, a dashboard shown as they may see it. */
@Injectable()
export class ReportFiles {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly queries: ReportQueries,
    private readonly subjects: ExportSubjects,
    private readonly exports: ExportsService,
    private readonly work: ExportWork,
  ) {}

  /**
   * The file that an earlier try has made, or a new one.
   *
   * @throws HopelessDelivery when the recipient cannot get it; DomainError and EngineError of asking and exporting
   */
  async of(
    delivery: ReportDelivery,
    report: ScheduledReport,
    { owner, recipient }: { owner: Principal; recipient: Principal },
    signal: AbortSignal,
  ): Promise<Export> {
    const { manager } = this.dataSource;
    const earlier = delivery.exportId === null ? null : await manager.findOneBy(Export, { id: delivery.exportId });
    if (earlier?.status === 'succeeded') return earlier;
    // The server died while it was made: nobody else would ever end it.
    if (earlier !== null) await this.work.fail(earlier.id, 'internal_error', 'It broke off, and was made anew.');
    const { queryId, dashboardId, format } = report.payload;
    const asked = queryId === null ? null : await this.queries.ask(queryId, owner, recipient, signal);
    const of = { queryId: asked?.id ?? null, chartId: null, dashboardId };
    const accessKey = await this.subjects.check(of, recipient);
    const subject = { ...of, accessKey, userId: recipient.userId, format, raw: false };
    const made = await this.unitOfWork.run(async (change) => {
      const begun = await this.exports.begin(subject, change);
      await change.manager.update(ReportDelivery, { id: delivery.id }, { exportId: begun.id });
      return begun;
    });
    try {
      await this.work.complete(made, recipient, signal);
    } catch (error) {
      const isRefused = error instanceof DomainError || error instanceof EngineError;
      await this.work.fail(
        made.id,
        isRefused ? error.code : 'internal_error',
        isRefused ? error.message : 'It broke off.',
      );
      throw error;
    }
    return manager.findOneByOrFail(Export, { id: made.id });
  }
}
