import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SystemModule } from '../system/index.js';
import { QueriesModule } from '../queries/index.js';
import { UsersModule } from '../users/index.js';
import { Export } from './entities/export.entity.js';
import { ReportDelivery } from './entities/report-delivery.entity.js';
import { ScheduledReport } from './entities/scheduled-report.entity.js';
import { ExportDownloads } from './export-downloads.js';
import { ExportMaker } from './export-maker.js';
import { ExportPolicy } from './export.policy.js';
import { ExportSweep } from './export-sweep.js';
import { ExportWork } from './export-work.js';
import { ExportsController } from './exports.controller.js';
import { ExportsService } from './exports.service.js';
import { ExportLinks } from './export-links.js';
import { PublicExportsController } from './public-exports.controller.js';
import { ReportDeliveryWork } from './reports/report-delivery-work.js';
import { ReportFiles } from './reports/report-files.js';
import { ReportPost } from './reports/report-post.js';
import { ReportRecipients } from './reports/report-recipients.js';
import { ReportRuns } from './reports/report-runs.js';
import { ReportTimes } from './reports/report-times.js';
import { ScheduledReportsController } from './reports/scheduled-reports.controller.js';
import { ScheduledReportsService } from './reports/scheduled-reports.service.js';

@Module({
  imports: [
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
    ExportWork,
    ExportSweep,
    ExportDownloads,
    ExportLinks,
    ReportTimes,
    ReportRecipients,
    ReportRuns,
    ReportFiles,
    ReportPost,
    ReportDeliveryWork,
    ScheduledReportsService,
  ],
})
export class ExportsModule {}
