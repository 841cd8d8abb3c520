/** The read-only guard for DuckDB. */
import { isDeepStrictEqual } from 'node:util';
import { EngineError } from '../../errors.js';
import type { GuardScope, GuardedStatement, SqlGuard } from '../guard.js';
import { assertStatement } from './grammar.js';
import { normalise } from './normalise.js';
import { DuckDbParser, unprintable } from './parser.js';
import { checkFunctions } from './policy.js';
import { resolveNames } from './resolver.js';
import { checkTextLimits, DEFAULT_TEXT_LIMITS, explainedText, leadingKeyword, type TextLimits } from './text-limits.js';
import type { SelectStatement } from './tree.js';

export type DuckDbGuard = SqlGuard & { close(): void };

/**
 * Opens a guard that parses with DuckDB's own parser. One guard serves the whole process; close it at the end.
 *
 * @param limits bounds of the text, checked before it is parsed
 */
export async function createDuckDbGuard(limits: TextLimits = DEFAULT_TEXT_LIMITS): Promise<DuckDbGuard> {
  const parser = await DuckDbParser.create();
  return {
    dialect: 'duckdb',
    check: (sql, scope) => check(parser, sql, scope, limits),
    close: () => parser.close(),
  };
}

async function check(
  parser: DuckDbParser,
  sql: string,
  scope: GuardScope,
  limits: TextLimits,
): Promise<GuardedStatement> {
  checkTextLimits(sql, limits);
  const explained = explainedText(sql);
  const statement = await readStatement(parser, explained ?? sql);
  normalise(statement);
  checkFunctions(statement.node);
  const { tables, columns } = resolveNames(statement, scope);
  const printed = await printFaithfully(parser, statement);
  return { sql: explained === null ? printed : `EXPLAIN ${printed}`, tables, columns };
}

/** Parses a text that must be one SELECT made of known nodes. */
async function readStatement(parser: DuckDbParser, sql: string): Promise<SelectStatement> {
  const parsed = await parser.parse(sql);
  const count = parsed.kind === 'statements' ? parsed.trees.length : await parser.countStatements(sql);
  const kind = leadingKeyword(sql);
  // Without the list of its columns PIVOT is two statements to DuckDB: one looks for the values first.
  if (parsed.kind === 'other' && kind === 'PIVOT') {
    throw new EngineError(
      'sql_construct_not_allowed',
      'PIVOT must list its values. Write PIVOT … ON column IN (value, …).',
    );
  }
  if (count > 1) {
    throw new EngineError('sql_multiple_statements', 'Only one statement can be run at a time. Send them one by one.');
  }
  if (parsed.kind === 'other') {
    throw new EngineError('sql_not_read_only', `${kind || 'This'} statements are not allowed. Only SELECT can be run.`);
  }
  const [tree] = parsed.trees;
  if (tree === undefined) throw new EngineError('sql_invalid', 'There is no statement. Write a SELECT.');
  assertStatement(tree);
  return tree;
}

/** Prints the tree, and proves that DuckDB reads the same tree from the print. */
async function printFaithfully(parser: DuckDbParser, statement: SelectStatement): Promise<string> {
  const { sql, tree } = await parser.printStatement(statement);
  assertStatement(tree);
  normalise(tree);
  if (!isDeepStrictEqual(tree, statement)) throw unprintable();
  return sql;
}
