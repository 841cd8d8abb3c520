export { FoundPassageDto } from './dto/search.dto.js';
export { RagModule } from './rag.module.js';
export { SearchService } from './search.service.js';
