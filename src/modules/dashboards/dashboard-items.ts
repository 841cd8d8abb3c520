import { Injectable, type OnModuleInit } from '@nestjs/common';
import { WorkspaceItemKinds } from '../workspaces/index.js';
import { ChartsService } from './charts.service.js';
import { DashboardsService } from './dashboards.service.js';

/** Dashboards and charts as things that lie in workspaces. A chart is seen by who may look at its dashboard. */
@Injectable()
export class DashboardItems implements OnModuleInit {
  constructor(
    private readonly kinds: WorkspaceItemKinds,
    private readonly dashboards: DashboardsService,
    private readonly charts: ChartsService,
  ) {}

  onModuleInit(): void {
    this.kinds.add('dashboard', {
      visible: (caller) => this.dashboards.visible(caller),
      title: 'dashboard.name',
      mayShare: (id, caller) => {
        return this.dashboards.visible(caller, 'manage').andWhere('dashboard.id = :id', { id }).getExists();
      },
    });
    this.kinds.add('chart', {
      visible: (caller) => this.charts.visible(caller),
      title: 'chart.name',
      mayShare: (id, caller) => this.charts.visible(caller, 'manage').andWhere('chart.id = :id', { id }).getExists(),
    });
  }
}
