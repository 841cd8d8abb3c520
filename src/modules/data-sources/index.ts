export type { OpenedTable } from './access-rules.js';
export { ConnectorsService } from './connectors.service.js';
export { DataSourcesModule } from './data-sources.module.js';
export { DataSourcesService } from './data-sources.service.js';
export { ResultColumnDto, RowsDto, RowsQuery } from './dto/preview.dto.js';
export { DataSourceEntity } from './entities/data-source.entity.js';
export { SqlGuards } from './sql-guards.js';
export { ColumnRefDto } from './dto/schema.dto.js';
