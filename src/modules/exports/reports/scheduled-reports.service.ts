import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository, type SelectQueryBuilder } from 'typeorm';
import { difference, pick, UnitOfWork } from '../../../platform/audit/index.js';
import { type Page, type PageQuery, paginate } from '../../../platform/database/index.js';
import { DomainError, notFound } from '../../../platform/errors/domain-error.js';
import type { Principal } from '../../../platform/security/index.js';
import type { ChangeScheduledReportDto, NewScheduledReportDto, ReportPayloadDto } from '../dto/scheduled-report.dto.js';
import { ReportDelivery } from '../entities/report-delivery.entity.js';
import { type ReportPayload, ScheduledReport } from '../entities/scheduled-report.entity.js';
import { ExportSubjects } from '../export-subjects.js';
import { ReportRecipients } from './report-recipients.js';
import { ReportRuns } from './report-runs.js';
import { ReportTimes } from './report-times.js';

const TOLD = ['name', 'cronExpr', 'timezone', 'payload', 'isActive'] as const;
const LOOK_MS = 150;
const MOST_REPORTS = 200;

interface Patience {
  waitMs: number;
  disconnected: AbortSignal;
}

/** Reports by the clock: making, finding, changing, pausing and running them, each its owner's alone. */
@Injectable()
export class ScheduledReportsService {
  constructor(
    @InjectRepository(ScheduledReport) private readonly reports: Repository<ScheduledReport>,
    @InjectRepository(ReportDelivery) private readonly sent: Repository<ReportDelivery>,
    private readonly unitOfWork: UnitOfWork,
    private readonly subjects: ExportSubjects,
    private readonly recipients: ReportRecipients,
    private readonly times: ReportTimes,
    private readonly runs: ReportRuns,
  ) {}

  /** @throws DomainError `not_found` for the query, `validation_failed`, `conflict` when the caller has too many, `forbidden` for certain keys */
  async create(wanted: NewScheduledReportDto, caller: Principal): Promise<ScheduledReport> {
    refuseKeyOfSources(caller);
    const { name, cron_expr: cronExpr, timezone = 'UTC', is_active: isActive = true } = wanted;
    this.times.check(cronExpr, timezone);
    const payload = await this.payloadOf(wanted.payload, caller);
    if ((await this.reports.countBy({ userId: caller.userId })) >= MOST_REPORTS) {
      throw new DomainError(
        'conflict',
        `You have ${MOST_REPORTS} reports, the most there may be. Remove some of them.`,
      );
    }
    const nextRunAt = isActive ? this.times.next({ cronExpr, timezone }) : null;
    const values = { userId: caller.userId, name: name.trim(), cronExpr: cronExpr.trim(), timezone, payload, isActive };
    return this.unitOfWork.run(async ({ manager, record }) => {
      const { id } = await manager.save(ScheduledReport, { ...values, nextRunAt });
      record({ action: 'scheduled_report.created', objectId: id, after: pick(values, TOLD) });
      return manager.findOneByOrFail(ScheduledReport, { id });
    });
  }

  async list(wanted: PageQuery, caller: Principal): Promise<Page<ScheduledReport>> {
    return paginate(this.visible(caller), wanted);
  }

  /** @throws DomainError `not_found`, also when it is somebody else's */
  async get(id: number, caller: Principal): Promise<ScheduledReport> {
    const report = await this.visible(caller).andWhere('report.id = :id', { id }).getOne();
    if (report === null) throw notFound('scheduled report');
    return report;
  }

  /** @throws DomainError `not_found`, `validation_failed` */
  async change(id: number, wanted: ChangeScheduledReportDto, caller: Principal): Promise<ScheduledReport> {
    const known = await this.get(id, caller);
    const {
      cron_expr: cron = known.cronExpr,
      timezone = known.timezone,
      is_active: isActive = known.isActive,
    } = wanted;
    this.times.check(cron, timezone);
    const payload = wanted.payload === undefined ? undefined : await this.payloadOf(wanted.payload, caller);
    return this.unitOfWork.run(async ({ manager, record }) => {
      const report = await manager.findOne(ScheduledReport, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (report === null) throw notFound('scheduled report');
      const was = { ...report };
      const isAnotherTime = report.cronExpr !== cron.trim() || report.timezone !== timezone;
      Object.assign(report, { cronExpr: cron.trim(), timezone, isActive });
      report.name = wanted.name?.trim() ?? report.name;
      report.payload = payload ?? report.payload;
      // What was missed while it was paused is not made up for.
      if (isAnotherTime || isActive !== was.isActive) report.nextRunAt = isActive ? this.times.next(report) : null;
      const changed = difference(was, report, TOLD);
      if (changed === null) return report;
      await manager.save(report);
      record({ action: 'scheduled_report.changed', objectId: id, ...changed });
      return manager.findOneByOrFail(ScheduledReport, { id });
    });
  }

  /** @throws DomainError `not_found` */
  async remove(id: number, caller: Principal): Promise<void> {
    const report = await this.get(id, caller);
    await this.unitOfWork.run(async ({ manager, record }) => {
      const { affected } = await manager.delete(ScheduledReport, { id });
      if (affected === 1) record({ action: 'scheduled_report.deleted', objectId: id, before: pick(report, TOLD) });
    });
  }

  /** Runs a report now, also one that is paused, and waits until it was sent as long as the patience lasts. */
  async run(id: number, caller: Principal, { waitMs, disconnected }: Patience): Promise<ReportDelivery[]> {
    const report = await this.get(id, caller);
    const ids = await this.unitOfWork.run((change) => this.runs.begin(report, new Date(), change));
    const deadline = Date.now() + waitMs;
    for (;;) {
      const deliveries = await this.sent.find({ where: { id: In(ids) }, order: { id: 'ASC' } });
      const isOver = deliveries.every(({ status }) => status !== 'pending');
      if (isOver || disconnected.aborted || Date.now() >= deadline) return deliveries;
      await pause(Math.min(LOOK_MS, Math.max(1, deadline - Date.now())));
    }
  }

  /** What became of a report, newest first. @throws DomainError `not_found` */
  async deliveries(id: number, wanted: PageQuery, caller: Principal): Promise<Page<ReportDelivery>> {
    const { id: reportId } = await this.get(id, caller);
    const found = this.sent
      .createQueryBuilder('delivery')
      .where('delivery.scheduledReportId = :reportId', { reportId });
    return paginate(found, wanted);
  }

  private async payloadOf(
    { format, recipients, ...named }: ReportPayloadDto,
    caller: Principal,
  ): Promise<ReportPayload> {
    const { queryId, dashboardId } = this.subjects.one(named, format, 'payload.');
    await this.subjects.checkAskable({ queryId, dashboardId, chartId: null }, caller);
    return { queryId, dashboardId, format, recipients: await this.recipients.resolve(recipients, caller) };
  }

  private visible(caller: Principal): SelectQueryBuilder<ScheduledReport> {
    const found = this.reports.createQueryBuilder('report').where('report.userId = :userId', { userId: caller.userId });
    // A report runs with all that its owner may, which is more than such a key.
    return caller.dataSourceIds === null ? found : found.andWhere('false');
  }
}

function refuseKeyOfSources({ dataSourceIds }: Principal): void {
  if (dataSourceIds === null) return;
  throw new DomainError(
    'forbidden',
    'An API key for certain data sources cannot schedule reports: they run without it.',
  );
}
