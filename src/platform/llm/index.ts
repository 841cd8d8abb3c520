export { ABOUT_DATA_BLOCKS, dataBlock } from './data-block.js';
export { EmbeddingModel } from './embedding-model.js';
export { LanguageModel, type ModelAnswer, type ModelRequest } from './language-model.js';
export { LlmModule } from './llm.module.js';
export { ModelError, type ModelErrorCode } from './model-error.js';
export { ModelLedger, type ModelUse, type PlannedUse, sumOfUses } from './model-ledger.js';
export { PrivateValues } from './private-values.js';
