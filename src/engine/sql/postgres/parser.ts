/** PostgreSQL's own grammar, and a print of its trees that is proven to mean the same. */
import { hasSqlDetails, loadModule, type Node, parseSync, type SelectStmt } from 'libpg-query';
import { Deparser } from 'pgsql-deparser';
import { EngineError } from '../../errors.js';
import { isObject, isPosition } from './shape.js';

/** Must have been awaited once before anything else here is used. */
export const loadParser = loadModule;

/**
 * Parses a text into its statements.
 *
 * @throws EngineError `sql_invalid` with PostgreSQL's own words, or `sql_too_large`
 */
export function parse(sql: string): unknown[] {
  // The library refuses this one text itself.
  if (sql === '') return [];
  try {
    const { stmts = [] } = parseSync(sql);
    return stmts.map(({ stmt }) => stmt);
  } catch (cause) {
    // The stack of the parser, or of the walk over its tree.
    if (cause instanceof RangeError) throw tooDeep(cause);
    if (!hasSqlDetails(cause)) throw cause;
    if (/memory exhausted|stack depth/.test(cause.message)) throw tooDeep(cause);
    const reason = cause.message.length > 200 ? `${cause.message.slice(0, 200)}…` : cause.message;
    throw new EngineError('sql_invalid', `This is not valid PostgreSQL: ${reason}.`, { cause });
  }
}

/**
 * Prints a statement, and proves that PostgreSQL reads the same tree from the print.
 *
 * @throws EngineError `sql_construct_not_allowed` when it does not
 */
export function printFaithfully(tree: Node): string {
  const sql = print(tree);
  let reparsed: unknown[];
  try {
    reparsed = parse(sql);
  } catch (cause) {
    throw unprintable(cause);
  }
  if (reparsed.length !== 1 || !isSameTree(reparsed[0], tree)) throw unprintable();
  return sql;
}

/** Prints an expression. What it is put into must be printed with {@link printFaithfully}. */
export function printExpression(expression: Node): string {
  return print(expression);
}

function print(tree: Node): string {
  try {
    return new Printer(tree, { pretty: false }).deparseQuery();
  } catch (cause) {
    throw unprintable(cause);
  }
}

class Printer extends Deparser {
  /** The library prints `FETCH … WITH TIES` as LIMIT, which gives other rows. Both stand last. */
  override SelectStmt(...[statement, context]: Parameters<Deparser['SelectStmt']>): string {
    const { limitOption, limitCount, ...rest } = statement;
    if (limitOption !== 'LIMIT_OPTION_WITH_TIES' || limitCount === undefined) {
      return super.SelectStmt(statement, context);
    }
    const untied: SelectStmt = { ...rest, limitOption: 'LIMIT_OPTION_DEFAULT' };
    return `${super.SelectStmt(untied, context)} FETCH FIRST (${this.visit(limitCount, context)}) ROWS WITH TIES`;
  }
}

/** Whether two trees are the same but for where things stood in the text. */
function isSameTree(one: unknown, other: unknown): boolean {
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length && one.every((item, at) => isSameTree(item, other[at]));
  }
  if (!isObject(one) || !isObject(other)) return one === other;
  let known = 0;
  for (const [key, item] of Object.entries(one)) {
    if (isPosition(key)) continue;
    known += 1;
    if (!Object.hasOwn(other, key) || !isSameTree(item, other[key])) return false;
  }
  for (const key of Object.keys(other)) if (!isPosition(key)) known -= 1;
  return known === 0;
}

function tooDeep(cause: unknown): EngineError {
  return new EngineError('sql_too_large', 'The statement is nested too deeply. Use CTEs or shorter expressions.', {
    cause,
  });
}

/** The statement is fine to read, but what would run could not be proven to be the same. */
function unprintable(cause?: unknown): EngineError {
  return new EngineError(
    'sql_construct_not_allowed',
    'The statement combines constructs that cannot be reproduced exactly. Simplify it, for example with a CTE.',
    { cause },
  );
}
