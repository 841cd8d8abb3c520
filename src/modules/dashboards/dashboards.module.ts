import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Chart } from './entities/chart.entity.js';
import { DashboardShare } from './entities/dashboard-share.entity.js';
import { DashboardVersion } from './entities/dashboard-version.entity.js';
import { Dashboard } from './entities/dashboard.entity.js';
import { PublicLink } from './entities/public-link.entity.js';

@Module({ imports: [TypeOrmModule.forFeature([Chart, DashboardShare, DashboardVersion, Dashboard, PublicLink])] })
export class DashboardsModule {}
