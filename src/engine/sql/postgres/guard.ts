/** The read-only guard for PostgreSQL, which also applies row rules and masks. */
import { randomBytes } from 'node:crypto';
import type { Node, SelectStmt } from 'libpg-query';
import { EngineError } from '../../errors.js';
import type { GuardedStatement, GuardedTable, GuardScope, SqlGuard } from '../guard.js';
import { digestKey } from '../mask-key.js';
import { checkTextLimits, DEFAULT_TEXT_LIMITS, type TextLimits } from '../text-limits.js';
import { statementKeyword } from '../text-tokens.js';
import { assertStatement } from './grammar.js';
import { loadParser, parse, printExpression, printFaithfully } from './parser.js';
import { checkNode } from './policy.js';
import { readPredicate } from './predicate.js';
import { protectTables } from './protect.js';
import { resolveNames } from './resolver.js';
import { isObject } from './shape.js';

export type PostgresGuard = SqlGuard & Required<Pick<SqlGuard, 'checkPredicate'>> & { close(): void };

/**
 * Opens a guard that parses with PostgreSQL's own grammar (version 18, which reads what servers since 12 read). One guard
 * serves the whole process.
 *
 * What it prints is right where `standard_conforming_strings` is on.
 *
 * @param limits bounds of the text, checked before it is parsed
 */
export async function createPostgresGuard(limits: TextLimits = DEFAULT_TEXT_LIMITS): Promise<PostgresGuard> {
  await loadParser();
  const ownKey = randomBytes(32).toString('hex');
  return {
    dialect: 'postgres',
    check: async (sql, scope) => check(sql, scope, limits, ownKey),
    checkPredicate: async (predicate, table) => checkPredicate(predicate, table, limits),
    close: () => undefined,
  };
}

function check(sql: string, scope: GuardScope, limits: TextLimits, ownKey: string): GuardedStatement {
  checkText(sql, limits);
  const { tree, select, isExplained } = readStatement(sql);
  const { tables, columns, bases } = resolveNames(select, scope);
  const shownSql = printFaithfully(tree);
  const rules = protectTables(bases, digestKey(scope.maskKey ?? ownKey));
  if (isExplained && rules.length > 0) {
    throw new EngineError(
      'sql_construct_not_allowed',
      'EXPLAIN is not allowed for tables with row rules or masks: the plan would show them. Run the query itself.',
    );
  }
  return {
    // The tree is the same unless a table has been confined.
    sql: bases.some(({ confined }) => confined) ? printFaithfully(tree) : shownSql,
    shownSql,
    tables,
    columns,
    rules,
    repeatable: false,
  };
}

function checkPredicate(predicate: string, table: GuardedTable, limits: TextLimits): string {
  checkText(predicate, limits);
  const condition = readPredicate(predicate, table.name.split('.').at(-1) ?? '', table.columns);
  return printExpression(condition);
}

// PostgreSQL's scanner takes signs off the end of such a run one by one and reads it again for each.
const SIGN_RUN = /\+[-+]{300}/;

function checkText(sql: string, limits: TextLimits): void {
  checkTextLimits(sql, limits);
  if (SIGN_RUN.test(sql)) {
    throw new EngineError('sql_too_large', 'The statement has hundreds of signs in a row. Remove them.');
  }
  if (!sql.isWellFormed()) {
    throw new EngineError('sql_invalid', 'The statement holds half a character (a lone surrogate). Remove it.');
  }
}

/** Parses a text that must be one SELECT, or an EXPLAIN of one, made of known nodes. */
function readStatement(sql: string): { tree: Node; select: SelectStmt; isExplained: boolean } {
  const [tree, ...others] = parse(sql);
  if (tree === undefined) throw new EngineError('sql_invalid', 'There is no statement. Write a SELECT.');
  if (others.length > 0) {
    throw new EngineError('sql_multiple_statements', 'Only one statement can be run at a time. Send them one by one.');
  }
  const explained = isObject(tree) && isObject(tree['ExplainStmt']) ? tree['ExplainStmt'] : null;
  const query = explained === null ? tree : explained['query'];
  if (!isObject(query) || !isObject(query['SelectStmt'])) throw notReadOnly(statementKeyword(sql));
  assertStatement(tree, (name, fields) => {
    if (name === 'SelectStmt' && fields['intoClause'] !== undefined) throw notReadOnly('SELECT INTO');
    const written = name === 'CommonTableExpr' ? fields['ctequery'] : undefined;
    const [kind = ''] = isObject(written) ? Object.keys(written) : [];
    if (WRITES.has(kind)) throw notReadOnly(kind.replace('Stmt', '').toUpperCase());
    checkNode(name, fields);
  });
  return { tree: tree as unknown as Node, select: query['SelectStmt'], isExplained: explained !== null };
}

/** What may stand in WITH and changes data. */
const WRITES: ReadonlySet<string> = new Set(['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']);

function notReadOnly(keyword: string): EngineError {
  return new EngineError('sql_not_read_only', `${keyword} statements are not allowed. Only SELECT can be run.`);
}
