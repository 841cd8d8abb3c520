export { type EvaluatedTurn, runDatabase } from './run-suite.js';
export { equalsAny } from './compare-results.js';
export { changes, type Score, scoreOf, scores } from './scores.js';
export { readSuites } from './suite.js';
