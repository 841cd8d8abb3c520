import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuthModule } from '../auth/index.js';
import { DataSourcesModule } from '../data-sources/index.js';
import { QueriesModule } from '../queries/index.js';
import { SystemModule } from '../system/index.js';
import { UsersModule } from '../users/index.js';
import { WorkspacesModule } from '../workspaces/index.js';
import { BrokenCharts } from './broken-charts.js';
import { ChartsController } from './charts.controller.js';
import { ChartsService } from './charts.service.js';
import { DashboardNews } from './dashboard-news.js';
import { DashboardItems } from './dashboard-items.js';
import { DashboardSharesService } from './dashboard-shares.service.js';
import { DashboardSharingController } from './dashboard-sharing.controller.js';
import { DashboardVersionsController } from './dashboard-versions.controller.js';
import { DashboardVersionsService } from './dashboard-versions.service.js';
import { DashboardPolicy } from './dashboard.policy.js';
import { DashboardsController } from './dashboards.controller.js';
import { DashboardsService } from './dashboards.service.js';
import { Chart } from './entities/chart.entity.js';
import { DashboardShare } from './entities/dashboard-share.entity.js';
import { DashboardVersion } from './entities/dashboard-version.entity.js';
import { Dashboard } from './entities/dashboard.entity.js';
import { PublicLink } from './entities/public-link.entity.js';
import { FilterDefinitions } from './filter-definitions.js';
import { PublicDashboardsController } from './public-dashboards.controller.js';
import { PublicDashboardsService } from './public-dashboards.service.js';
import { PublicLinksService } from './public-links.service.js';
import { ChartRenderer } from './rendering/chart-renderer.js';
import { DashboardPictures } from './rendering/dashboard-pictures.js';
import { DashboardRenderer } from './rendering/dashboard-renderer.js';
import { DashboardRenderingService } from './rendering/dashboard-rendering.service.js';
import { PublicRenderingService } from './rendering/public-rendering.service.js';

@Module({
  imports: [
    AuthModule,
    DataSourcesModule,
    QueriesModule,
    SystemModule,
    UsersModule,
    WorkspacesModule,
    TypeOrmModule.forFeature([Chart, DashboardShare, DashboardVersion, Dashboard, PublicLink]),
  ],
  controllers: [
    DashboardsController,
    ChartsController,
    DashboardSharingController,
    DashboardVersionsController,
    PublicDashboardsController,
  ],
  providers: [
    DashboardsService,
    ChartsService,
    BrokenCharts,
    DashboardSharesService,
    DashboardVersionsService,
    PublicLinksService,
    PublicDashboardsService,
    DashboardPolicy,
    DashboardItems,
    DashboardNews,
    FilterDefinitions,
    ChartRenderer,
    DashboardPictures,
    DashboardRenderer,
    DashboardRenderingService,
    PublicRenderingService,
  ],
  exports: [DashboardRenderingService],
})
export class DashboardsModule {}
