import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SystemModule } from '../system/index.js';
import { DashboardsModule } from '../dashboards/index.js';
import { QueriesModule } from '../queries/index.js';
import { UsersModule } from '../users/index.js';
import { Export } from './entities/export.entity.js';
import { ReportDelivery } from './entities/report-delivery.entity.js';
import { ScheduledReport } from './entities/scheduled-report.entity.js';
import { ExportDownloads } from './export-downloads.js';
import { DashboardFiles } from './dashboard-files.js';
import { ExportEvents } from './export-events.js';
import { ExportSubjects } from './export-subjects.js';
import { ExportMaker } from './export-maker.js';
import { ExportPolicy } from './export.policy.js';
import { ExportSweep } from './export-sweep.js';
import { ExportWork } from './export-work.js';
import { ExportsController } from './exports.controller.js';
import { ExportsService } from './exports.service.js';
import { ExportLinks } from './export-links.js';
import { PublicExportsController } from './public-exports.controller.js';
import { ReportDeliveryWork } from './reports/report-delivery-work.js';
import { ReportFailures } from './reports/report-failures.js';
import { ReportFiles } from './reports/report-files.js';
import { ReportQueries } from './reports/report-queries.js';
import { ReportPost } from './reports/report-post.js';
import { ReportRecipients } from './reports/report-recipients.js';
import { ReportRuns } from './reports/report-runs.js';
import { ReportTimes } from './reports/report-times.js';
import { ScheduledReportsController } from './reports/scheduled-reports.controller.js';
import { ScheduledReportsService } from './reports/scheduled-reports.service.js';

@Module({
  imports: [
    DashboardsModule,
    QueriesModule,
    SystemModule,
    UsersModule,
    TypeOrmModule.forFeature([Export, ReportDelivery, ScheduledReport]),
  ],
  controllers: [ExportsController, PublicExportsController, ScheduledReportsController],
  providers: [
    ExportsService,
    ExportPolicy,
    ExportMaker,
    ExportSubjects,
    DashboardFiles,
    ExportWork,
    ExportSweep,
    ExportDownloads,
    ExportEvents,
    ExportLinks,
    ReportTimes,
    ReportRecipients,
    ReportRuns,
    ReportFiles,
    ReportQueries,
    ReportPost,
    ReportDeliveryWork,
    ReportFailures,
    ScheduledReportsService,
  ],
})
export class ExportsModule {}
