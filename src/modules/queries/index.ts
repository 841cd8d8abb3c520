export { FindingsDto, SignificanceDto } from './dto/finding.dto.js';
export { Query } from './entities/query.entity.js';
export { FindingsService } from './findings.service.js';
export { type LiveResult, LiveResults } from './live-results.js';
export { type FilterChoices, type FilterColumn, filterChoices, type TableFilter } from './table-filters.js';
export { QueriesModule } from './queries.module.js';
export { QueriesService } from './queries.service.js';
export { ResultsService } from './results.service.js';
