export { AgentsModule } from './agents.module.js';
export { modelSentences } from './text/model-text.js';
export { ResultSubjects } from './text/result-subjects.js';
