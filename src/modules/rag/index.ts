export { RagModule } from './rag.module.js';
export { SearchService } from './search.service.js';
