import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
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

@Module({
  imports: [QueriesModule, UsersModule, TypeOrmModule.forFeature([Export, ReportDelivery, ScheduledReport])],
  controllers: [ExportsController],
  providers: [ExportsService, ExportPolicy, ExportMaker, ExportWork, ExportSweep, ExportDownloads],
})
export class ExportsModule {}
