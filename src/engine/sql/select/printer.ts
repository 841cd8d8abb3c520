/** Prints a tree. Every name and string is quoted anew, so nothing in them can be taken for anything else. */
import { EngineError } from '../../errors.js';
import type { Lexical } from './lexical.js';
import type {
  Body,
  Call,
  Expression,
  FromItem,
  Item,
  Part,
  Query,
  Select,
  Sorting,
  Statement,
  Tail,
  Window,
  With,
} from './tree.js';

/** Tables may stand in FROM this often: each can become a long sub-select. */
const MAX_SOURCES = 500;

/** @throws EngineError `sql_too_large` */
export const printStatement = ({ explain, query }: Statement, lexical: Lexical): string => {
  const sql = new Printer(lexical).query(query);
  return explain === null ? sql : `${explain} ${sql}`;
};

export const printExpression = (expression: Expression, lexical: Lexical): string =>
  new Printer(lexical).expression(expression);

class Printer {
  private sources = 0;

  constructor(private readonly lexical: Lexical) {}

  query({ with: clause, body, others, orderBy, tails }: Query): string {
    return [
      ...this.with(clause),
      this.body(body),
      ...others.flatMap(({ operation, body: other }) => [operation, this.body(other)]),
      ...this.orderBy(orderBy),
      ...tails.map((tail) => this.tail(tail)),
    ].join(' ');
  }

  expression(expression: Expression): string {
    switch (expression.kind) {
      case 'constant':
        return expression.text;
      case 'text': {
        const text = this.lexical.text(expression.value);
        return expression.type === '' ? text : `${expression.type} ${text}`;
      }
      case 'column':
        return this.path(expression.path);
      case 'star':
        return [...expression.path.map((name) => this.lexical.name(name)), '*'].join('.');
      case 'call':
        return this.call(expression);
      case 'cast':
        return `${expression.word}(${this.expression(expression.value)} AS ${expression.type})`;
      case 'case':
        return this.cases(expression);
      case 'interval':
        return `INTERVAL ${this.expression(expression.value)} ${expression.unit}`;
      case 'brackets':
        return `(${this.expressions(expression.items)})`;
      case 'list':
        return `${expression.word}[${this.expressions(expression.items)}]`;
      case 'lambda':
        return `(${this.names(expression.parameters)}) -> ${this.expression(expression.body)}`;
      case 'subquery':
        return `${expression.word === '' ? '' : `${expression.word} `}(${this.query(expression.query)})`;
      case 'grouping-sets':
        return `GROUPING SETS (${this.expressions(expression.sets)})`;
      case 'chain':
        return this.chain(expression.parts);
    }
  }

  // Queries

  private with(clause: With | null): string[] {
    if (clause === null) return [];
    const ctes = clause.ctes.map(({ name, columns, query }) => {
      const renamed = columns.length > 0 ? ` (${this.names(columns)})` : '';
      return `${this.lexical.name(name)}${renamed} AS (${this.query(query)})`;
    });
    const values = clause.values.map((item) => this.item(item));
    return [`WITH ${clause.recursive ? 'RECURSIVE ' : ''}${[...ctes, ...values].join(', ')}`];
  }

  private body(body: Body): string {
    switch (body.kind) {
      case 'select':
        return this.select(body);
      case 'values':
        return `VALUES ${this.expressions(body.rows)}`;
      case 'bracketed':
        return `(${this.query(body.query)})`;
    }
  }

  private select(select: Select): string {
    const { from, arrayJoin, where, groupBy, having, windows, qualify } = select;
    const parts = [
      ...this.with(select.with),
      ['SELECT', ...select.words, select.items.map((item) => this.item(item)).join(', ')].join(' '),
    ];
    if (from.length > 0) parts.push(`FROM ${from.map((item) => this.from(item)).join(', ')}`);
    if (arrayJoin !== null) {
      parts.push(`${arrayJoin.words} ${arrayJoin.items.map((item) => this.item(item)).join(', ')}`);
    }
    if (where !== null) parts.push(`WHERE ${this.expression(where)}`);
    if (groupBy !== null) parts.push(spaced(`GROUP BY ${this.expressions(groupBy.items)}`, groupBy.end));
    if (having !== null) parts.push(`HAVING ${this.expression(having)}`);
    if (windows.length > 0) {
      const named = windows.map(({ name, window }) => `${this.lexical.name(name)} AS (${this.window(window)})`);
      parts.push(`WINDOW ${named.join(', ')}`);
    }
    if (qualify !== null) parts.push(`QUALIFY ${this.expression(qualify)}`);
    return parts.join(' ');
  }

  private item({ value, alias }: Item): string {
    const text = this.expression(value);
    return alias === null ? text : `${text} AS ${this.lexical.name(alias)}`;
  }

  private orderBy(sortings: Sorting[]): string[] {
    return sortings.length === 0 ? [] : [`ORDER BY ${sortings.map((one) => this.sorting(one)).join(', ')}`];
  }

  private sorting({ value, direction, fill }: Sorting): string {
    const filled = fill?.map((part) => `${part.word} ${this.expression(part.value)}`);
    return spaced(this.expression(value), direction, ...(filled === undefined ? [] : ['WITH FILL', ...filled]));
  }

  private tail({ before, value, after, by }: Tail): string {
    return spaced(before, this.expression(value), after, this.expressions(by));
  }

  // FROM

  private from(item: FromItem): string {
    this.sources += 1;
    if (this.sources > MAX_SOURCES) {
      throw new EngineError('sql_too_large', `The statement reads from more than ${MAX_SOURCES} places. Shorten it.`);
    }
    switch (item.kind) {
      case 'table':
        return spaced(this.path(item.path), this.alias(item), item.end, item.sample ?? '');
      case 'derived':
        return spaced(item.lateral ? 'LATERAL' : '', `(${this.query(item.query)})`, this.alias(item));
      case 'from-call': {
        const inside = spaced(this.expressions(item.args), item.inside);
        return spaced(`${item.name}(${inside})`, item.end, this.alias(item));
      }
      case 'from-brackets':
        return `(${this.from(item.item)})`;
      case 'join': {
        const { left, words, right, on, using } = item;
        const condition = on === null ? '' : `ON ${this.expression(on)}`;
        const columns = using.length === 0 ? '' : `USING (${this.names(using)})`;
        return spaced(this.from(left), words, this.from(right), condition, columns);
      }
    }
  }

  private alias({ alias, columns }: { alias: string | null; columns: string[] }): string {
    if (alias === null) return '';
    return `AS ${this.lexical.name(alias)}${columns.length > 0 ? ` (${this.names(columns)})` : ''}`;
  }

  // Expressions

  private expressions(items: Expression[]): string {
    return items.map((item) => this.expression(item)).join(', ');
  }

  private names(names: string[]): string {
    return names.map((name) => this.lexical.name(name)).join(', ');
  }

  private path(path: string[]): string {
    return path.map((name) => this.lexical.name(name)).join('.');
  }

  private chain(parts: Part[]): string {
    let text = '';
    let before: Part | undefined;
    for (const part of parts) {
      text += (isGlued(before, part) ? '' : ' ') + this.part(part);
      before = part;
    }
    return text;
  }

  private part(part: Part): string {
    switch (part.kind) {
      case 'operator':
      case 'member':
      case 'conversion':
        return part.text;
      case 'subscript':
        return `[${this.expression(part.index)}]`;
      default:
        return this.expression(part);
    }
  }

  private cases({ of, branches, otherwise }: Extract<Expression, { kind: 'case' }>): string {
    return spaced(
      'CASE',
      of === null ? '' : this.expression(of),
      ...branches.map(({ when, value }) => `WHEN ${this.expression(when)} THEN ${this.expression(value)}`),
      otherwise === null ? '' : `ELSE ${this.expression(otherwise)}`,
      'END',
    );
  }

  private call(call: Call): string {
    const args = call.args
      .map(({ join, lead, value }) => join + spaced(lead, value === null ? '' : this.expression(value)))
      .join('');
    const inside = spaced(call.distinct ? 'DISTINCT' : '', args, ...this.orderBy(call.orderBy), call.inside);
    const parameters = call.parameters === null ? '' : `(${this.expressions(call.parameters)})`;
    return spaced(
      `${call.name}${parameters}(${inside})`,
      call.withinGroup.length === 0 ? '' : `WITHIN GROUP (${this.orderBy(call.withinGroup).join('')})`,
      call.filter === null ? '' : `FILTER (WHERE ${this.expression(call.filter)})`,
      call.nulls,
      this.over(call.over),
    );
  }

  private over(over: Call['over']): string {
    if (over === null) return '';
    return `OVER ${typeof over === 'string' ? this.lexical.name(over) : `(${this.window(over)})`}`;
  }

  private window({ base, partitionBy, orderBy, frame }: Window): string {
    return spaced(
      base === null ? '' : this.lexical.name(base),
      partitionBy.length === 0 ? '' : `PARTITION BY ${this.expressions(partitionBy)}`,
      ...this.orderBy(orderBy),
      frame === null ? '' : this.frame(frame),
    );
  }

  private frame({ unit, bounds }: NonNullable<Window['frame']>): string {
    const [from = '', to] = bounds.map(({ value, word }) => spaced(value === null ? '' : this.expression(value), word));
    return to === undefined ? `${unit} ${from}` : `${unit} BETWEEN ${from} AND ${to}`;
  }
}

/** The parts that are not empty. */
const spaced = (...parts: string[]): string => parts.filter((part) => part !== '').join(' ');

/** `-1`, `a[1]`, `a.1`, `a::Int8`; but `- -1`, since two signs could be something else together. */
function isGlued(before: Part | undefined, part: Part): boolean {
  if (before === undefined || part.kind === 'subscript' || part.kind === 'member' || part.kind === 'conversion')
    return true;
  return (
    before.kind === 'operator' && before.place === 'prefix' && !/\w$/.test(before.text) && part.kind !== 'operator'
  );
}
