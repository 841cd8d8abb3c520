/** Reads a statement: one SELECT, or an EXPLAIN of one. */
import { EngineError } from '../../errors.js';
import { statementKeyword } from '../text-tokens.js';
import { Cursor } from './cursor.js';
import type { SelectDialect } from './dialect.js';
import { ExpressionReader } from './expressions.js';
import { FromReader } from './from.js';
import { refuseConstruct } from './refusal.js';
import type { Body, Cte, Expression, Item, Query, Select, Statement, With } from './tree.js';

/**
 * @throws EngineError `sql_not_read_only`, `sql_multiple_statements`, `sql_invalid`, `sql_construct_not_allowed`,
 *   `sql_function_not_allowed` or `sql_too_large`
 */
export function readStatement(sql: string, dialect: SelectDialect): Statement {
  const cursor = new Cursor(sql, dialect);
  if (cursor.peek().kind === 'end') throw new EngineError('sql_invalid', 'There is no statement. Write a SELECT.');
  const reader = new QueryReader(cursor);
  const explain = cursor.takePhrase('EXPLAIN') ? dialect.explain(cursor) : null;
  const isRead = reader.expressions.isQuery() || cursor.isPhrase('WITH');
  if (!isRead) throw notReadOnly(explain === null ? statementKeyword(sql) : `EXPLAIN ${cursor.peek().word}`);
  const query = reader.query();
  while (cursor.takeSign(';')) {
    const isLast = cursor.peek().kind === 'end' || cursor.isSign(';');
    if (!isLast)
      throw new EngineError(
        'sql_multiple_statements',
        'Only one statement can be run at a time. Send them one by one.',
      );
  }
  if (cursor.peek().kind !== 'end') cursor.refuse();
  return { explain, query };
}

/** Reads a text that is one expression. */
export function readExpression(sql: string, dialect: SelectDialect): Expression {
  const cursor = new Cursor(sql, dialect);
  if (cursor.peek().kind === 'end') throw new EngineError('sql_invalid', 'There is no condition. Write one.');
  const expression = new QueryReader(cursor).expressions.expression();
  if (cursor.peek().kind !== 'end') cursor.refuse();
  return expression;
}

class QueryReader {
  readonly expressions: ExpressionReader;
  private readonly from: FromReader;

  constructor(private readonly cursor: Cursor) {
    const readQuery = (): Query => this.query();
    this.expressions = new ExpressionReader(cursor, readQuery);
    this.from = new FromReader(cursor, this.expressions, readQuery);
  }

  query(): Query {
    const { cursor } = this;
    return cursor.nested(() => {
      const clause = cursor.has('scalar-with') ? null : this.with();
      const body = this.body();
      const others: Query['others'] = [];
      for (;;) {
        const operation = cursor.takeOneOf(cursor.dialect.setOperations);
        if (operation === null) break;
        others.push({ operation, body: this.body() });
      }
      const orderBy = this.expressions.orderBy();
      return { kind: 'query', with: clause, body, others, orderBy, tails: cursor.dialect.limits(this.expressions) };
    });
  }

  private body(): Body {
    const { cursor } = this;
    if (cursor.isSign('(')) return { kind: 'bracketed', query: cursor.bracketed(() => this.query()) };
    if (cursor.has('values') && cursor.takePhrase('VALUES')) {
      return { kind: 'values', rows: this.expressions.expressions() };
    }
    const clause = cursor.has('scalar-with') ? this.with() : null;
    if (!cursor.takePhrase('SELECT')) throw this.noSelect();
    return this.select(clause);
  }

  private noSelect(): EngineError {
    const { word } = this.cursor.peek();
    return CHANGES.has(word) ? notReadOnly(word) : this.cursor.refuse();
  }

  private with(): With | null {
    const { cursor } = this;
    if (!cursor.takePhrase('WITH')) return null;
    const recursive = cursor.takePhrase('RECURSIVE');
    if (recursive && !cursor.has('recursive')) refuseConstruct('WITH RECURSIVE');
    const clause: With = { recursive, ctes: [], values: [] };
    do {
      const isCte = cursor.isName() && (cursor.isPhrase('AS', 1) || cursor.isSign('(', 1)) && !this.isCalledValue();
      if (isCte || !cursor.has('scalar-with')) clause.ctes.push(this.cte());
      else clause.values.push(this.scalar());
    } while (cursor.takeSign(','));
    return clause;
  }

  /** `WITH count(*) AS n` begins like a CTE with columns, `WITH x AS y` like one without. */
  private isCalledValue(): boolean {
    const { cursor } = this;
    return cursor.has('scalar-with') && !(cursor.isPhrase('AS', 1) && cursor.isSign('(', 2));
  }

  private cte(): Cte {
    const { cursor } = this;
    const name = cursor.name();
    const columns = cursor.isSign('(') && cursor.has('column-aliases') ? cursor.names() : [];
    cursor.expectPhrase('AS');
    return { name, columns, query: cursor.bracketed(() => this.withinCte()) };
  }

  private withinCte(): Query {
    const { word } = this.cursor.peek();
    if (CHANGES.has(word)) throw notReadOnly(word);
    return this.query();
  }

  private scalar(): Item {
    const value = this.expressions.expression();
    this.cursor.expectPhrase('AS');
    return { value, alias: this.cursor.name() };
  }

  private select(clause: With | null): Select {
    const { cursor, expressions } = this;
    const words: string[] = [];
    for (let word = this.selectWord(); word !== null; word = this.selectWord()) words.push(word);
    const items = cursor.list(() => this.item());
    const from = cursor.takePhrase('FROM') ? this.sources() : [];
    const arrayJoin = this.arrayJoin();
    const early = cursor.has('prewhere') && cursor.takePhrase('PREWHERE') ? expressions.expression() : null;
    const late = cursor.takePhrase('WHERE') ? expressions.expression() : null;
    return {
      kind: 'select',
      with: clause,
      words,
      items,
      from,
      arrayJoin,
      where: early !== null && late !== null ? both(early, late) : (early ?? late),
      groupBy: this.groupBy(),
      having: cursor.takePhrase('HAVING') ? expressions.expression() : null,
      windows: this.windows(),
      qualify: cursor.has('qualify') && cursor.takePhrase('QUALIFY') ? expressions.expression() : null,
    };
  }

  private selectWord(): string | null {
    return this.cursor.takeOneOf(this.cursor.dialect.selectWords);
  }

  private sources(): Select['from'] {
    const { cursor } = this;
    if (cursor.has('dual') && cursor.isPhrase('DUAL') && !cursor.isSign(',', 1)) {
      cursor.next();
      return [];
    }
    return this.from.items();
  }

  private item(): Item {
    const star = this.star();
    if (star !== null) return { value: { kind: 'star', path: star }, alias: null };
    return { value: this.expressions.expression(), alias: this.alias() };
  }

  /** `*`, `t.*`, `s.t.*` */
  private star(): string[] | null {
    const { cursor } = this;
    const path: string[] = [];
    let ahead = 0;
    while (cursor.isName(ahead) && cursor.isSign('.', ahead + 1)) {
      path.push(cursor.peek(ahead).text);
      ahead += 2;
    }
    if (!cursor.isSign('*', ahead)) return null;
    for (let taken = 0; taken <= ahead; taken += 1) cursor.next();
    return path;
  }

  private alias(): string | null {
    const { cursor } = this;
    if (cursor.takePhrase('AS')) {
      const isText = cursor.has('adjacent-strings') && cursor.peek().kind === 'string';
      return isText ? cursor.string() : cursor.name();
    }
    return cursor.isName() ? cursor.name() : null;
  }

  private arrayJoin(): Select['arrayJoin'] {
    const { cursor } = this;
    const words = cursor.has('array-join') ? cursor.takeOneOf(['LEFT ARRAY JOIN', 'ARRAY JOIN']) : null;
    return words === null ? null : { words, items: cursor.list(() => this.item()) };
  }

  private groupBy(): Select['groupBy'] {
    const { cursor } = this;
    if (!cursor.takePhrase('GROUP BY')) return null;
    const items = cursor.list(() => this.grouping());
    return { items, end: cursor.takeOneOf(cursor.dialect.groupingEnds) ?? '' };
  }

  private grouping(): Expression {
    const { cursor } = this;
    if (!cursor.takePhrase('GROUPING SETS')) return this.expressions.expression();
    return { kind: 'grouping-sets', sets: cursor.bracketed(() => this.expressions.expressions()) };
  }

  private windows(): Select['windows'] {
    const { cursor } = this;
    if (!cursor.takePhrase('WINDOW')) return [];
    return cursor.list(() => {
      const name = cursor.name();
      cursor.expectPhrase('AS');
      return { name, window: cursor.bracketed(() => this.expressions.window()) };
    });
  }
}

const both = (one: Expression, other: Expression): Expression => ({
  kind: 'chain',
  parts: [
    { kind: 'brackets', items: [one] },
    { kind: 'operator', text: 'AND', place: 'infix' },
    { kind: 'brackets', items: [other] },
  ],
});

const CHANGES: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'REPLACE']);

function notReadOnly(keyword: string): EngineError {
  return new EngineError('sql_not_read_only', `${keyword} statements are not allowed. Only SELECT can be run.`);
}
