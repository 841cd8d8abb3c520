export { Chart } from './entities/chart.entity.js';
export { Dashboard } from './entities/dashboard.entity.js';
export { DashboardRenderingService } from './rendering/dashboard-rendering.service.js';
export { DashboardsModule } from './dashboards.module.js';
