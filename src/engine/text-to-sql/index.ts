export { dialectRules } from './printing/dialects.js';
export { answerQuestion } from './engine.js';
export * from './contract.js';
