/** The read-only guard for dialects that are read by the reader of this folder. It also applies row rules and masks. */
import { randomBytes } from 'node:crypto';
import { EngineError } from '../../errors.js';
import { type GuardedStatement, type GuardScope, rulesOf, type SqlGuard } from '../guard.js';
import { digestKey } from '../mask-key.js';
import { checkTextLimits, DEFAULT_TEXT_LIMITS, type TextLimits } from '../text-limits.js';
import type { SelectDialect } from './dialect.js';
import { nameOutputs } from './output-names.js';
import { readPredicate } from './predicate.js';
import { printExpression, printStatement } from './printer.js';
import { protectTables } from './protect.js';
import { readStatement } from './queries.js';
import { resolveNames } from './resolver.js';
import type { Statement } from './tree.js';
import { isSameTree } from './walker.js';

export type SelectGuard = SqlGuard & { close(): void };

/** @param limits bounds of the text, checked before it is read */
export function createSelectGuard(dialect: SelectDialect, limits: TextLimits = DEFAULT_TEXT_LIMITS): SelectGuard {
  const ownKey = randomBytes(32).toString('hex');
  return {
    dialect: dialect.dialect,
    check: async (sql, scope) => check(sql, scope, dialect, limits, ownKey),
    checkPredicate: async (predicate, table) => {
      checkText(predicate, limits);
      const name = table.name.split('.').at(-1) ?? '';
      return printExpression(readPredicate(predicate, name, table.columns, dialect), dialect.lexical);
    },
    close: () => undefined,
  };
}

function check(
  sql: string,
  scope: GuardScope,
  dialect: SelectDialect,
  limits: TextLimits,
  ownKey: string,
): GuardedStatement {
  checkText(sql, limits);
  const statement = readStatement(sql, dialect);
  const lineage = resolveNames(statement.query, scope, dialect);
  const { tables, columns } = lineage;
  const shownSql = printStatement(statement, dialect.lexical);
  const rules = rulesOf(scope, tables);
  if (statement.explain !== null && rules.length > 0) {
    throw new EngineError(
      'sql_construct_not_allowed',
      'EXPLAIN is not allowed for tables with row rules or masks: the plan would show them. Run the query itself.',
    );
  }
  if (dialect.namesOutputsByText) nameOutputs(statement.query, dialect.lexical);
  protectTables(lineage, dialect, digestKey(scope.maskKey ?? ownKey));
  return { sql: printFaithfully(statement, dialect), shownSql, tables, columns, rules, repeatable: false };
}

function checkText(sql: string, limits: TextLimits): void {
  checkTextLimits(sql, limits);
  if (!sql.isWellFormed()) {
    throw new EngineError('sql_invalid', 'The statement holds half a character (a lone surrogate). Remove it.');
  }
}

/**
 * Prints a statement, and proves that the same tree is read from the print.
 *
 * @throws EngineError `sql_construct_not_allowed` when it is not
 */
function printFaithfully(statement: Statement, dialect: SelectDialect): string {
  const sql = printStatement(statement, dialect.lexical);
  if (!isSameTree(readStatement(sql, dialect), statement)) {
    throw new EngineError(
      'sql_construct_not_allowed',
      'The statement cannot be printed so that it means the same. Write it more plainly.',
    );
  }
  return sql;
}
