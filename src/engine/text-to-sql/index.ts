export {
  type ColumnCondition,
  type ConditionKind,
  conditionKindsOf,
  isValueOf,
  printColumnCondition,
} from './printing/column-condition.js';
export { dialectRules } from './printing/dialects.js';
export { formulaOf } from './knowledge/worded-formulas.js';
export { answerQuestion } from './engine.js';
export * from './contract.js';
