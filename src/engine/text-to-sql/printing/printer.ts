/** Prints a query of the algebra as one SELECT statement. */
import type { Catalog, ColumnType, Dialect } from '../../catalog/catalog.js';
import type { Expression, Predicate, Query } from '../planning/algebra.js';
import { aliasOf, columnNames } from './column-names.js';
import { type DialectRules, dialectRules, medianColumns } from './dialects.js';
import { firstRows } from './first-rows.js';
import { hasMedian, RANKED, splitForMedian } from './median-by-position.js';

const WEEKDAY_NAMES = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

export class Printer {
  private readonly rules: DialectRules;
  private readonly types = new Map<string, ColumnType>();

  constructor(catalog: Catalog, dialect: Dialect) {
    this.rules = dialectRules(dialect);
    for (const table of catalog.tables) {
      for (const column of table.columns) this.types.set(JSON.stringify([table.name, column.name]), column.type);
    }
  }

  print(query: Query): string {
    const { arranged, ...picked } = query;
    if (arranged) return this.printArranged(picked, arranged);
    if (query.perGroup) return this.printPerGroup(query, query.perGroup);
    if (this.rules.countsToMedian && hasMedian(query)) return this.printCountingToMedian(query);
    return this.printOver(query, this.source(query));
  }

  /** FROM, its joins and WHERE, each on a line. */
  private source(query: Query): string[] {
    return [
      `FROM ${this.rules.table(query.from)}`,
      ...query.joins.map(
        (join) =>
          `JOIN ${this.rules.table(join.table)} ON ${join.on.map(({ left, right }) => this.equality(left, right, true)).join(' AND ')}`,
      ),
      ...(query.where ? [`WHERE ${this.predicate(query.where, this.isQualified(query))}`] : []),
    ];
  }

  private printOver(query: Query, source: string[]): string {
    const qualified = this.isQualified(query);
    const show = (expression: Expression): string => this.expression(expression, qualified);
    const aliases = new Set<string>();
    const lines = [
      `SELECT ${query.distinct ? 'DISTINCT ' : ''}${query.select
        .map(({ expression, alias }) =>
          this.withAlias(show(expression), alias ?? aliasOf(expression, query.from), aliases),
        )
        .join(', ')}`,
      ...source,
    ];
    if (query.groupBy.length > 0) lines.push(`GROUP BY ${query.groupBy.map(show).join(', ')}`);
    if (query.having) lines.push(`HAVING ${this.predicate(query.having, qualified)}`);
    if (query.orderBy.length > 0) {
      lines.push(
        `ORDER BY ${query.orderBy.map(({ expression, direction }) => show(expression) + this.direction(direction)).join(', ')}`,
      );
    }
    if (query.limit !== null) lines.push(`LIMIT ${Math.max(0, Math.trunc(query.limit))}`);
    if (query.offset) lines.push(`OFFSET ${Math.trunc(query.offset)}`);
    return lines.join('\n');
  }

  private printCountingToMedian(query: Query): string {
    const named = query.select.map((item) => ({ ...item, alias: item.alias ?? aliasOf(item.expression, query.from) }));
    const { values, outer } = splitForMedian({ ...query, select: named });
    const show = (expression: Expression): string => this.expression(expression, this.isQualified(query));
    const groups = query.groupBy.length > 0 ? `PARTITION BY ${query.groupBy.map(show).join(', ')}` : '';
    const columns = values.flatMap(({ name, expression, isForMedian }) => {
      const value = show(expression);
      const { position, size } = medianColumns(name);
      const ranks = [
        `ROW_NUMBER() OVER (${groups} ORDER BY ${value} IS NULL, ${value}) AS ${position}`,
        `COUNT(${value}) OVER (${groups}) AS ${size}`,
      ];
      return [`${value} AS ${name}`, ...(isForMedian ? ranks : [])];
    });
    const inner = `SELECT ${columns.join(', ')} ${this.source(query).join(' ')}`;
    return this.printOver(outer, [`FROM (${inner}) AS ${RANKED}`]);
  }

  private isQualified(query: Query): boolean {
    return query.joins.length > 0 || (this.rules.qualifiesColumns && query.from !== RANKED);
  }

  private direction(direction: 'asc' | 'desc'): string {
    return direction === 'desc' ? ` ${this.rules.descending}` : '';
  }

  /** Picks the rows first, then sorts those that were picked. */
  private printArranged(query: Query, by: NonNullable<Query['arranged']>): string {
    const names = columnNames(query);
    const inner = this.print({
      ...query,
      select: query.select.map((item, index) => ({ ...item, alias: names[index] ?? null })),
    });
    const columns = names.map((name) => this.name(name));
    const order = by.map(({ place, direction }) => `${columns[place - 1] ?? ''}${this.direction(direction)}`);
    return `SELECT ${columns.join(', ')}\nFROM (${indent(inner)}) AS chosen\nORDER BY ${order.join(', ')}`;
  }

  /** Numbers the rows of each group and keeps the first ones. */
  private printPerGroup(query: Query, perGroup: NonNullable<Query['perGroup']>): string {
    const qualified = this.isQualified(query);
    const shown = columnNames(query);
    const by = perGroup.partition.map((expression) => this.expression(expression, qualified)).join(', ');
    const order = query.orderBy
      .map(({ expression, direction }) => this.expression(expression, qualified) + this.direction(direction))
      .join(', ');
    const inner = this.print({
      ...query,
      perGroup: null,
      orderBy: [],
      limit: null,
      select: query.select.map((item, index) => ({ ...item, alias: shown[index] ?? null })),
    });
    const { position, bound } = firstRows(perGroup, by, order, this.name('group_position'));
    const columns = shown.map((name) => this.name(name)).join(', ');
    const rows = `SELECT ${columns}\nFROM (${indent(inner.replace('\nFROM ', `, ${position}\nFROM `))}) AS ranked\nWHERE ${bound}`;
    return by === '' ? `${rows}\nORDER BY ${this.name('group_position')}` : rows;
  }

  private name(name: string): string {
    return this.rules.identifier(name);
  }

  private withAlias(text: string, wanted: string | null, taken: Set<string>): string {
    if (wanted === null) return text;
    let unique = wanted;
    for (let suffix = 2; taken.has(unique); suffix += 1) unique = `${wanted}_${suffix}`;
    taken.add(unique);
    return `${text} AS ${this.name(unique)}`;
  }

  private expression(expression: Expression, qualified: boolean): string {
    switch (expression.kind) {
      case 'column':
        return qualified
          ? `${this.rules.table(expression.table)}.${this.name(expression.column)}`
          : this.name(expression.column);
      case 'product': {
        const factors = expression.factors.map((factor) => this.expression(factor, qualified));
        const { discount } = expression;
        if (discount) {
          const of = this.expression(discount.of, qualified);
          factors.push(
            `(1 - COALESCE(${of}, 0)${discount.whole === 1 ? '' : ` / ${this.rules.exact(discount.whole)}`})`,
          );
        }
        return factors.join(' * ');
      }
      case 'aggregate': {
        const { name, distinct, where } = expression;
        const of = expression.of ? this.expression(expression.of, qualified) : '*';
        const counted = where ? `CASE WHEN ${this.predicate(where, qualified)} THEN ${of === '*' ? '1' : of} END` : of;
        return this.rules.aggregate(name, (distinct ? 'DISTINCT ' : '') + counted);
      }
      case 'ratio':
        return `${expression.isPercent ? '100.0' : '1.0'} * ${this.operand(expression.numerator, qualified)} / NULLIF(${this.expression(expression.denominator, qualified)}, 0)`;
      case 'arithmetic': {
        const left = this.operand(expression.left, qualified);
        const right = this.operand(expression.right, qualified);
        return expression.op === '/' ? `1.0 * ${left} / NULLIF(${right}, 0)` : `${left} ${expression.op} ${right}`;
      }
      case 'elapsed':
        return this.rules.elapsed(
          expression.unit,
          this.expression(expression.from, qualified),
          this.expression(expression.to, qualified),
        );
      case 'over':
        return this.over(expression, qualified);
      case 'truncate': {
        const of = this.expression(expression.of, qualified);
        if (!expression.later || expression.later.amount === 0) return this.rules.truncate(expression.unit, of);
        const span = this.rules.interval(expression.later.amount, expression.later.unit);
        return `${this.rules.truncate(expression.unit, `${of} - ${span}`)} + ${span}`;
      }
      case 'weekday': {
        const number = this.rules.weekday(this.expression(expression.of, qualified));
        if (expression.isName)
          return `CASE ${number} ${WEEKDAY_NAMES.map((name, day) => `WHEN ${day + 1} THEN ${this.rules.text(name)}`).join(' ')} END`;
        return expression.first === 1 ? number : `(${number} + ${7 - expression.first}) % 7 + 1`;
      }
      case 'literal':
        return this.literal(expression.value);
      case 'date':
        return `DATE ${this.rules.text(expression.value)}`;
      case 'cast':
        return this.rules.cast(this.expression(expression.of, qualified), expression.to);
      case 'round':
        return this.rules.round(this.expression(expression.of, qualified), expression.digits);
      case 'scalar':
        return `(${indent(this.print(expression.query))})`;
      case 'percentage': {
        const condition = this.predicate(expression.part, qualified);
        const of = expression.of ? this.expression(expression.of, qualified) : '1';
        const total = expression.of ? `SUM(${of})` : 'COUNT(*)';
        return `${this.rules.exact(100)} * SUM(CASE WHEN ${condition} THEN ${of} ELSE 0 END) / NULLIF(${total}, 0)`;
      }
    }
  }

  private operand(expression: Expression, qualified: boolean): string {
    const text = this.expression(expression, qualified);
    return ['ratio', 'arithmetic', 'percentage'].includes(expression.kind) ? `(${text})` : text;
  }

  private over({ name, of, by, partition }: Expression & { kind: 'over' }, qualified: boolean): string {
    const value = this.expression(of, qualified);
    const apart = partition.map((expression) => this.expression(expression, qualified));
    const parts = [
      ...(apart.length > 0 ? [`PARTITION BY ${apart.join(', ')}`] : []),
      ...(by ? [`ORDER BY ${this.expression(by, qualified)}`] : []),
    ];
    const window = `OVER (${parts.join(' ')})`;
    switch (name) {
      case 'running':
        return `SUM(${value}) ${window}`;
      case 'share':
        return `100.0 * ${value} / NULLIF(SUM(${value}) ${window}, 0)`;
      case 'change':
        return `${value} - LAG(${value}) ${window}`;
      case 'growth':
        return `100.0 * (${value} - LAG(${value}) ${window}) / NULLIF(LAG(${value}) ${window}, 0)`;
    }
  }

  private literal(value: string | number | boolean): string {
    if (typeof value === 'string') return this.rules.text(value);
    if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
    return Number.isInteger(value) && Math.abs(value) < 1e15 ? value.toFixed(0) : String(value);
  }

  private predicate(predicate: Predicate, qualified: boolean): string {
    const show = (expression: Expression): string => this.expression(expression, qualified);
    switch (predicate.kind) {
      case 'compare':
        return this.comparison(predicate.left, predicate.op === '!=' ? '<>' : predicate.op, predicate.right, qualified);
      case 'in': {
        const values = predicate.values.map((value) => this.literal(value));
        const [only] = values;
        if (values.length === 1 && only !== undefined)
          return `${show(predicate.left)} ${predicate.negated ? '<>' : '='} ${only}`;
        return `${show(predicate.left)} ${predicate.negated ? 'NOT IN' : 'IN'} (${values.join(', ')})`;
      }
      case 'member': {
        const inner = predicate.query.select[0]?.expression;
        const differ = inner !== undefined && this.differ(predicate.left, inner);
        const left = differ ? this.rules.cast(show(predicate.left), 'text') : show(predicate.left);
        const query = differ && inner ? castSelect(predicate.query, inner) : predicate.query;
        return `${left} ${predicate.negated ? 'NOT IN' : 'IN'} (${indent(this.print(query))})`;
      }
      case 'like':
        return this.rules.like(show(predicate.of), predicate.how, predicate.text, predicate.negated);
      case 'missing':
        return `${show(predicate.of)} IS ${predicate.negated ? 'NOT NULL' : 'NULL'}`;
      case 'and':
      case 'or': {
        const word = predicate.kind === 'and' ? ' AND ' : ' OR ';
        return predicate.terms
          .map((term) =>
            term.kind === 'or' || (term.kind === 'and' && predicate.kind === 'or')
              ? `(${this.predicate(term, qualified)})`
              : this.predicate(term, qualified),
          )
          .join(word);
      }
      case 'not':
        return `NOT (${this.predicate(predicate.term, qualified)})`;
    }
  }

  private comparison(left: Expression, op: string, right: Expression, qualified: boolean): string {
    const isNumber = right.kind === 'literal' && typeof right.value === 'number';
    const isTextColumn = left.kind === 'column' && this.type(left) === 'text';
    if (isNumber && isTextColumn)
      return `${this.rules.cast(this.expression(left, qualified), 'number')} ${op} ${this.expression(right, qualified)}`;
    const isDateText = right.kind === 'date' && isTextColumn;
    return `${this.expression(left, qualified)} ${op} ${isDateText ? this.rules.text(right.value) : this.expression(right, qualified)}`;
  }

  private equality(left: Expression, right: Expression, qualified: boolean): string {
    const [first, second] = [this.expression(left, qualified), this.expression(right, qualified)];
    if (!this.differ(left, right)) return `${first} = ${second}`;
    return `${this.rules.cast(first, 'text')} = ${this.rules.cast(second, 'text')}`;
  }

  /** True when two columns cannot be compared as they are. */
  private differ(left: Expression, right: Expression): boolean {
    if (left.kind !== 'column' || right.kind !== 'column') return false;
    return family(this.type(left)) !== family(this.type(right));
  }

  private type(column: Expression & { kind: 'column' }): ColumnType {
    return this.types.get(JSON.stringify([column.table, column.column])) ?? 'unknown';
  }
}

function castSelect(query: Query, inner: Expression): Query {
  return { ...query, select: [{ expression: { kind: 'cast', to: 'text', of: inner }, alias: null }] };
}

function family(type: ColumnType): string {
  if (type === 'integer' || type === 'decimal' || type === 'float') return 'number';
  return type === 'timestamp' || type === 'timestamptz' ? 'timestamp' : type;
}

function indent(text: string): string {
  return text.replaceAll('\n', ' ');
}
