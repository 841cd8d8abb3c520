export { RagModule } from './rag.module.js';
