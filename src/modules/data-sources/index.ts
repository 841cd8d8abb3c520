export { DataSourceEntity } from './entities/data-source.entity.js';
export { DataSourcesModule } from './data-sources.module.js';
