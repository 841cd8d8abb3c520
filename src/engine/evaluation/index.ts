export { type EvaluatedTurn, runDatabase } from './run-suite.js';
export { changes, type Score, scoreOf, scores } from './scores.js';
export { readSuites } from './suite.js';
