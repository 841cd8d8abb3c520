import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { EngineError } from '../../../engine/errors.js';
import { UnitOfWork } from '../../../platform/audit/index.js';
import { QueryConfig } from '../../../platform/config/index.js';
import { DomainError } from '../../../platform/errors/domain-error.js';
import type { Principal } from '../../../platform/security/index.js';
import { AskService, QueriesService, type Query } from '../../queries/index.js';
import { Export } from '../entities/export.entity.js';
import { ReportDelivery } from '../entities/report-delivery.entity.js';
import type { ScheduledReport } from '../entities/scheduled-report.entity.js';
import { ExportWork } from '../export-work.js';
import { ExportsService } from '../exports.service.js';

/** Another try would end the same. */
export class HopelessDelivery extends Error {
  override readonly name = 'HopelessDelivery';
}

/** Makes the file of a report for a recipient: the query is asked anew, in their name, and its result is exported. */
@Injectable()
export class ReportFiles {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly queries: QueriesService,
    private readonly asking: AskService,
    private readonly exports: ExportsService,
    private readonly work: ExportWork,
    private readonly config: QueryConfig,
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
    const earlier =
      delivery.exportId === null
        ? null
        : await manager.findOneBy(Export, { id: delivery.exportId, status: 'succeeded' });
    if (earlier !== null) return earlier;
    const query = await this.queries.get(report.payload.queryId ?? 0, owner);
    const asked = await this.ask(query, recipient, signal);
    const { format } = report.payload;
    const subject = {
      userId: recipient.userId,
      queryId: asked.id,
      chartId: null,
      dashboardId: null,
      format,
      raw: false,
    };
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

  private async ask(query: Query, recipient: Principal, signal: AbortSignal): Promise<Query> {
    const patience = { waitMs: this.config.longestStayMs, disconnected: signal, fresh: true };
    const asked = await this.asking.askAgain(query, recipient, patience);
    if (asked.status === 'succeeded' && asked.result !== null) return asked;
    signal.throwIfAborted();
    const reason = `The query of the report did not succeed for this recipient: it is ${asked.status.replaceAll('_', ' ')}`;
    if (asked.status === 'failed' && TRANSIENT.has(asked.errorCode ?? '')) throw new Error(`${reason}.`);
    throw new HopelessDelivery(`${reason}${asked.errorCode === null ? '' : ` (${asked.errorCode})`}.`);
  }
}

/** What may go better a little later. */
export const TRANSIENT: ReadonlySet<string> = new Set([
  'overloaded',
  'rate_limited',
  'source_unavailable',
  'source_unreachable',
  'source_timeout',
  'source_lost',
  'query_interrupted',
  'query_cancelled',
  'not_ready',
  'internal_error',
]);
