export { Chart } from './entities/chart.entity.js';
export { Dashboard } from './entities/dashboard.entity.js';
export { dashboardPng, dashboardSvg } from './rendering/dashboard-pictures.js';
export { DashboardRenderingService } from './rendering/dashboard-rendering.service.js';
export type { ShownChart } from './rendering/rendered.js';
export { DashboardsModule } from './dashboards.module.js';
