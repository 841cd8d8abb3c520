export { Chart } from './entities/chart.entity.js';
export { Dashboard } from './entities/dashboard.entity.js';
export { DashboardsModule } from './dashboards.module.js';
export { dashboardPng, dashboardSvg } from './rendering/dashboard-pictures.js';
export { DashboardRenderingService, type Look } from './rendering/dashboard-rendering.service.js';
export type { RenderedCard, RenderedDashboard, ShownChart } from './rendering/rendered.js';
