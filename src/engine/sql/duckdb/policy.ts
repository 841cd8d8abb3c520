/** What a node may do, apart from which tables it reads: the functions it calls and how much they may make. */
import { EngineError } from '../../errors.js';
import { TABLE_FUNCTIONS, VALUE_FUNCTIONS } from './functions.js';
import { foldName } from './names.js';
import { refuseConstruct } from './shape.js';
import type { Expression, TreeNode } from './tree.js';
import { childrenOf, isExpression, isTable } from './walker.js';

/** A series written with plain numbers may not be longer than this. */
const MAX_SERIES_LENGTH = 10_000_000;

/**
 * Checks every function below a node.
 *
 * @throws EngineError `sql_function_not_allowed`, `sql_construct_not_allowed` or `sql_too_large`
 */
export function checkFunctions(node: TreeNode): void {
  if (isExpression(node) && (node.class === 'FUNCTION' || node.class === 'WINDOW')) {
    const isAllowed = isBuiltIn(node) && VALUE_FUNCTIONS.has(foldName(node.function_name));
    if (!isAllowed) throw functionNotAllowed(qualifiedName(node));
  }
  if (isTable(node) && node.type === 'TABLE_FUNCTION') {
    checkTableFunction(node.function);
    // The function itself stands in FROM: only what it is given is an ordinary expression.
    for (const child of childrenOf(node.function)) checkFunctions(child);
    return;
  }
  for (const child of childrenOf(node)) checkFunctions(child);
}

function checkTableFunction(call: Expression): void {
  if (call.class !== 'FUNCTION') refuseConstruct('This source in FROM');
  const name = foldName(call.function_name);
  if (!isBuiltIn(call) || !TABLE_FUNCTIONS.has(name)) throw functionNotAllowed(qualifiedName(call));
  if (name !== 'range' && name !== 'generate_series') return;

  const bounds = call.children.map(wholeNumber);
  const [start, stop, step] = bounds.length === 1 ? [0, bounds[0], 1] : [bounds[0], bounds[1], bounds[2] ?? 1];
  if (typeof start !== 'number' || typeof stop !== 'number' || step === 0) return;
  if (Math.abs((stop - start) / step) > MAX_SERIES_LENGTH) {
    throw new EngineError('sql_too_large', `${name}() may make at most ${MAX_SERIES_LENGTH} rows. Use closer bounds.`);
  }
}

function wholeNumber(expression: Expression): number | null {
  if (expression.class !== 'CONSTANT') return null;
  const { value } = expression.value;
  if (typeof value === 'number') return value;
  return typeof value === 'object' && '$number' in value ? Number(value.$number) : null;
}

const isBuiltIn = (call: { schema: string; catalog: string }): boolean =>
  call.catalog === '' && (call.schema === '' || foldName(call.schema) === 'main');

const qualifiedName = (call: { catalog: string; schema: string; function_name: string }): string =>
  [call.catalog, call.schema, call.function_name].filter((part) => part !== '').join('.');

/** Names the function as it was written. */
export function functionNotAllowed(name: string): EngineError {
  return new EngineError(
    'sql_function_not_allowed',
    `The function ${name} is not allowed. Use functions for numbers, text, dates, lists, JSON and aggregates.`,
  );
}
