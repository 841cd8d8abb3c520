import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Export } from './entities/export.entity.js';
import { ReportDelivery } from './entities/report-delivery.entity.js';
import { ScheduledReport } from './entities/scheduled-report.entity.js';

@Module({ imports: [TypeOrmModule.forFeature([Export, ReportDelivery, ScheduledReport])] })
export class ExportsModule {}
