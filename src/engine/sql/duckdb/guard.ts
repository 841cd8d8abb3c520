/** The read-only guard for DuckDB. */
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { ColumnRef } from '../../catalog/catalog.js';
import { EngineError } from '../../errors.js';
import { type GuardedStatement, type GuardedTable, type GuardScope, rulesOf, type SqlGuard } from '../guard.js';
import { markPivots, printDynamicPivots } from './dynamic-pivot.js';
import { assertStatement } from './grammar.js';
import { isRepeatable } from './repeatable.js';
import { normalise } from './normalise.js';
import { DuckDbParser, unprintable } from './parser.js';
import { checkFunctions } from './policy.js';
import { conditionOf, printExpression, statementOf } from './predicate.js';
import { resolveNames } from './resolver.js';
import { checkTextLimits, DEFAULT_TEXT_LIMITS, type TextLimits } from '../text-limits.js';
import { explainedText, statementKeyword } from '../text-tokens.js';
import type { TableNeed } from '../table-need.js';
import { refuseConstruct } from './shape.js';
import { TableNeeds } from './table-needs.js';
import type { SelectStatement } from './tree.js';

export type DuckDbGuard = SqlGuard & Required<Pick<SqlGuard, 'needsOf'>> & { close(): void };

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
    checkPredicate: (predicate, table) => checkPredicate(parser, predicate, table, limits),
    needsOf: (sql, scope) => needsOf(parser, sql, scope, limits),
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
  const { statement, marker } = await readStatement(parser, explained ?? sql);
  normalise(statement);
  checkFunctions(statement.node);
  const { tables, columns } = resolveNames(statement, scope);
  const printed =
    marker === null ? await printFaithfully(parser, statement) : await printDynamicPivots(parser, statement, marker);
  const rules = rulesOf(scope, tables);
  // A plan shows what the rules look for.
  if (explained !== null && rules.length > 0) refuseConstruct('EXPLAIN of a table that has access rules');
  const runs = explained === null ? printed : `EXPLAIN ${printed}`;
  return {
    sql: runs,
    // Rules are in the views that it reads.
    shownSql: runs,
    tables,
    columns,
    rules,
    repeatable: isRepeatable(statement.node),
  };
}

/** The condition is read in a statement of its own table, which goes the way of every other statement first. */
async function checkPredicate(
  parser: DuckDbParser,
  predicate: string,
  table: GuardedTable,
  limits: TextLimits,
): Promise<string> {
  const sql = statementOf(predicate, table);
  checkTextLimits(sql, limits);
  const { statement, marker } = await readStatement(parser, sql);
  if (marker !== null) refuseConstruct('PIVOT in a row rule');
  normalise(statement);
  checkFunctions(statement.node);
  const condition = conditionOf(statement, table);
  resolveNames(statement, { tables: [table] });
  await printFaithfully(parser, statement);
  return printExpression(parser, condition);
}

async function needsOf(parser: DuckDbParser, sql: string, scope: GuardScope, limits: TextLimits): Promise<TableNeed[]> {
  checkTextLimits(sql, limits);
  const { statement } = await readStatement(parser, explainedText(sql) ?? sql);
  normalise(statement);
  checkFunctions(statement.node);
  const needs = new TableNeeds();
  const lineage = resolveNames(statement, scope, needs);
  const columns = [...lineage.columns];
  const rules = new Map<string, TableNeed['rules']>();
  for (const table of scope.tables.filter(({ name }) => lineage.tables.includes(name))) {
    for (const rule of table.rowRules ?? []) {
      const ofRule = await needsOfRule(parser, rule, table);
      columns.push(...ofRule.columns);
      rules.set(table.name, [...(rules.get(table.name) ?? []), ...ofRule.conditions]);
    }
  }
  return needs.of(statement, columns, rules);
}

/** What a row rule, as `checkPredicate` has printed it, reads of its table. */
async function needsOfRule(
  parser: DuckDbParser,
  rule: string,
  table: GuardedTable,
): Promise<{ columns: ColumnRef[]; conditions: TableNeed['rules'] }> {
  const { statement } = await readStatement(parser, statementOf(rule, table));
  normalise(statement);
  const needs = new TableNeeds();
  const { columns } = resolveNames(statement, { tables: [table] }, needs);
  return { columns, conditions: needs.conditionsOf(statement) };
}

interface ReadStatement {
  statement: SelectStatement;
  /** What stands in the tree for the values of a PIVOT that come from the data; null when there is none. */
  marker: string | null;
}

/** Parses a text that must be one SELECT made of known nodes. */
async function readStatement(parser: DuckDbParser, sql: string): Promise<ReadStatement> {
  const plain = await parser.parse(sql);
  // Not to be guessed, so that no text of the user can be taken for it.
  const marker = `pivot_${randomUUID().replaceAll('-', '')}`;
  const marked = plain.kind === 'other' ? markPivots(sql, marker) : sql;
  const isMarked = marked !== sql;
  const parsed = isMarked ? await parser.parse(marked) : plain;

  if (parsed.kind === 'other' && !isMarked && statementKeyword(sql) === 'PIVOT') {
    refuseConstruct('PIVOT with the values of another query');
  }
  const count = parsed.kind === 'statements' ? parsed.trees.length : await parser.countStatements(marked);
  if (count > 1) {
    throw new EngineError('sql_multiple_statements', 'Only one statement can be run at a time. Send them one by one.');
  }
  if (parsed.kind === 'other') {
    throw new EngineError(
      'sql_not_read_only',
      `${statementKeyword(sql)} statements are not allowed. Only SELECT can be run.`,
    );
  }
  const [tree] = parsed.trees;
  if (tree === undefined) throw new EngineError('sql_invalid', 'There is no statement. Write a SELECT.');
  assertStatement(tree);
  return { statement: tree, marker: isMarked ? marker : null };
}

/** Prints the tree, and proves that DuckDB reads the same tree from the print. */
async function printFaithfully(parser: DuckDbParser, statement: SelectStatement): Promise<string> {
  const { sql, tree } = await parser.printStatement(statement);
  assertStatement(tree);
  normalise(tree);
  if (!isDeepStrictEqual(tree, statement)) throw unprintable();
  return sql;
}
