export { AskService } from './ask.service.js';
export { FindingsDto, SignificanceDto } from './dto/finding.dto.js';
export { Query } from './entities/query.entity.js';
export { FindingsService } from './findings.service.js';
export { QueriesModule } from './queries.module.js';
export { QueriesService } from './queries.service.js';
export { ResultFiles } from './result-files.js';
export { ResultStreams } from './result-streams.js';
export { ResultsService } from './results.service.js';
