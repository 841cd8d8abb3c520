export { Query } from './entities/query.entity.js';
export { QueriesModule } from './queries.module.js';
export { QueriesService } from './queries.service.js';
