export * from './catalog.js';
export { guessSensitivity, type SensitivityEvidence } from './guess-sensitivity.js';
export { type InclusionProbe, inferRelationships } from './infer-relationships.js';
export { looksUnique, primaryKeyCandidates } from './key-columns.js';
