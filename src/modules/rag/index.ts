export { FoundPassageDto } from './dto/search.dto.js';
export { KnownPassages } from './known-passages.js';
export { RagModule } from './rag.module.js';
export { RetrievalSessionsService } from './retrieval-sessions.service.js';
export { SearchService } from './search.service.js';
