export { answerQuestion } from './engine.js';
export * from './contract.js';
