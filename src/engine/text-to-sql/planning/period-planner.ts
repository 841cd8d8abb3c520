/** Conditions about time: a date within half-open bounds, or a calendar year. */
import {
  holdsDateText,
  holdsNumberText,
  holdsYears,
  isTemporal,
  isText,
  type ColumnEntry,
  type TableEntry,
} from '../evidence/schema-index.js';
import { inYearOf, withinData } from '../language/periods.js';
import type { Comparison } from '../lexicon/lexicon.js';
import type { Condition, Operand } from '../reading/frame.js';
import type { Expression, Predicate, Query } from './algebra.js';
import { PlanningFailure } from './plan-context.js';
import { NEGATED } from './terms.js';
import { ValuePlanner } from './value-planner.js';

export abstract class PeriodPlanner extends ValuePlanner {
  /** Where the amounts come from that a condition adds up: "spent more than 40 in 2024" is about when it was spent. */
  protected totalled: TableEntry | null = null;
  /** What the value or the bound belongs to that was said last, if it was said of related rows. */
  protected related: TableEntry | null = null;
  /** True where it was denied: "bought no desk in May" is about what is not there. */
  protected isRelatedDenied = false;

  /** True where a time says when the things came to be. */
  protected isNew = false;

  protected noteRelated(main: TableEntry, table: TableEntry, isDenied: boolean): void {
    this.related = this.hasOne(main, table) ? null : table;
    this.isRelatedDenied = isDenied && this.related !== null;
  }

  /** The table with a time that amounts of the query come from: "sales in 2024" are about when they were made. */
  protected measuredTable(query: Query, isTotal: boolean): TableEntry | null {
    const bounds = boundedIn(query.having).map((expression) => ({ expression }));
    const measured = [...query.select, ...query.orderBy, ...bounds].flatMap(({ expression }) =>
      aggregatesIn(expression),
    );
    for (const { name, of } of measured) {
      if (isTotal && name !== 'sum') continue;
      const table = this.evidence.schema.table(tableOf(of) ?? query.from);
      if (table && (isTotal ? this.nearestDated(table) !== null : this.isDated(table))) return table;
    }
    return null;
  }

  /** The table whose rows are added up or counted for each of the things that are asked for, where it is another one. */
  protected addedUp(query: Query, main: TableEntry): TableEntry | null {
    for (const { expression } of [...query.select, ...query.orderBy])
      for (const { of } of aggregatesIn(expression)) {
        const table = this.evidence.schema.table(tableOf(of) ?? query.from);
        if (table && table !== main) return table;
      }
    return null;
  }

  private isDated(table: TableEntry): boolean {
    return this.timeColumn([table])?.table === table || table.columns.some(holdsYears);
  }

  /** The table that says when a row happened: its own, or the nearest that each row has one of. */
  private nearestDated(table: TableEntry): TableEntry | null {
    return this.datingTables(table).find((other) => this.hasOne(table, other) && this.isDated(other)) ?? null;
  }

  /** What lies on the way to related rows that have no time of their own: the first that says when they came to be related. */
  private eventTowards(main: TableEntry, related: TableEntry | null): TableEntry | null {
    if (!related || this.hasOne(main, related) || (related !== this.related && this.isDated(related))) return null;
    const path = this.graph.path(main.table.name, related.table.name) ?? [];
    const tables = path.map(({ target }) => this.evidence.schema.table(target));
    return tables.find((table) => table !== undefined && this.isDated(table)) ?? null;
  }

  /** What a time without a word for its date is about. */
  private dated(condition: Condition & { kind: 'compare' }, main: TableEntry, query: Query): TableEntry {
    const spoken = condition.near && condition.isNearSubject ? this.resolver.table(condition.near) : null;
    const counted = this.measuredTable(query, false);
    const own = counted ?? main;
    // A total is dated by what is summed up, whoever it is about; everything else rather by what was spoken of last.
    const total = this.measuredTable(query, true) ?? this.totalled;
    if (total) return total;
    // "the number of orders of customers in May": the customers only say whose orders these are.
    if (spoken && own !== spoken && this.hasOne(own, spoken) && this.nearestDated(own) !== spoken) return own;
    // "customers who bought desks in May": when they bought them, and not since when they are customers.
    const event = this.eventTowards(main, spoken === null || spoken === main ? this.related : spoken);
    if (event && this.isRelatedDenied) throw new PlanningFailure('unsupported', condition.segments[0]?.phrase ?? '');
    return event ?? spoken ?? counted ?? main;
  }

  /** A condition about time: a date column within half-open bounds, or a column of years. */
  protected periodCondition(
    condition: Condition & { kind: 'compare' },
    main: TableEntry,
    query: Query,
  ): { predicate: Predicate; table: TableEntry; measured?: TableEntry } {
    const { predicate, table } = this.datedCondition(condition, main, query);
    // The time of a total says which of its rows are added up, and not which things have some such row.
    const measured = condition.left ? null : this.measuredTable(query, true);
    return measured && this.hasOne(measured, table) ? { predicate, table, measured } : { predicate, table };
  }

  /**
   * "customers in 2025": since when they are customers, or when they ordered? What has a name and does things at times of
   * their own is asked about, unless its date is plainly that of the thing itself.
   */
  private momentMeant(column: ColumnEntry, { segments }: Condition): ColumnEntry {
    const { table } = column;
    const { lexicon, schema } = this.evidence;
    const plain = new Set([...(lexicon.concepts.get('time')?.columns ?? []), ...table.words]);
    const isPlain = holdsYears(column) || column.words.every((word) => plain.has(word));
    if (this.isNew || table !== this.main || isPlain || schema.nameColumn(table) === null) return column;
    const deeds = schema.tables.flatMap((other) => {
      const path = this.graph.path(table.table.name, other.table.name) ?? [];
      const time = path.length === 1 && path[0]?.fansOut ? this.ownTime(other) : null;
      return time ? [{ column: time }] : [];
    });
    const phrase = segments.find(({ period }) => period !== null)?.phrase ?? segments[0]?.phrase ?? '';
    return this.resolver.oneOf(phrase, [{ column }, ...deeds])?.column ?? column;
  }

  private datedCondition(
    condition: Condition & { kind: 'compare' },
    main: TableEntry,
    query: Query,
  ): { predicate: Predicate; table: TableEntry } {
    const { left, right } = condition;
    const op = condition.negated ? NEGATED[condition.op] : condition.op;
    const first = right.kind === 'range' ? right.low : right;
    const last = right.kind === 'range' ? right.high : right;
    const dated = this.dated(condition, main, query);
    const found = this.periodColumn(left?.of ?? null, first, last, dated);
    const column = found && !left ? this.momentMeant(found, condition) : found;
    if (!column) throw new PlanningFailure('unknown-column', first.kind === 'period' ? first.segment.phrase : '');
    const expression = this.bare(column);
    const days = first.kind === 'period' ? first.period.weekdays : undefined;
    if (days) {
      if (!isTemporal(column) || (op !== '=' && op !== '!='))
        throw new PlanningFailure('unsupported', column.column.name);
      const left: Expression = { kind: 'weekday', of: expression, first: 1, isName: false };
      return { predicate: { kind: 'in', left, values: [...days], negated: op === '!=' }, table: column.table };
    }
    if (!isTemporal(column) && !holdsDateText(column)) {
      const low = yearOf(first, 'from');
      const high = yearOf(last, 'to');
      if (low === null || high === null) throw new PlanningFailure('unsupported', column.column.name);
      const numeric =
        holdsNumberText(column) && op !== '=' && op !== '!=' ? this.numeric(column, expression) : expression;
      if (right.kind === 'range' || (low !== high && op === '=')) {
        const between = this.numeric(column, expression);
        const terms: Predicate[] = [
          { kind: 'compare', left: between, op: '>=', right: { kind: 'literal', value: low } },
          { kind: 'compare', left: between, op: '<=', right: { kind: 'literal', value: high } },
        ];
        return { predicate: { kind: 'and', terms }, table: column.table };
      }
      const value = isText(column) && (op === '=' || op === '!=') ? String(low) : low;
      return {
        predicate: { kind: 'compare', left: numeric, op, right: { kind: 'literal', value } },
        table: column.table,
      };
    }
    if (first.kind !== 'period' || last.kind !== 'period') throw new PlanningFailure('unsupported', column.column.name);
    const { min, max } = column.column.stats;
    const begin = inYearOf(first.period, last.period);
    const from: Expression = { kind: 'date', value: withinData(begin, min, max).from };
    const to: Expression = { kind: 'date', value: withinData(last.period, min, max).to };
    const at = (operator: Comparison, bound: Expression): Predicate => ({
      kind: 'compare',
      left: expression,
      op: operator,
      right: bound,
    });
    const bounds: Record<Comparison, () => Predicate> = {
      '=': () => ({ kind: 'and', terms: [at('>=', from), at('<', to)] }),
      '!=': () => ({ kind: 'or', terms: [at('<', from), at('>=', to)] }),
      '>': () => at('>=', to),
      '>=': () => at('>=', from),
      '<': () => at('<', from),
      '<=': () => at('<', to),
    };
    return { predicate: bounds[op](), table: column.table };
  }
}

/** What groups are bounded by. */
function boundedIn(having: Predicate | null): Expression[] {
  if (having?.kind === 'and') return having.terms.flatMap(boundedIn);
  return having?.kind === 'compare' ? [having.left] : [];
}

/** The table whose rows a bounded total adds up or counts. */
export function summedIn({ having, from }: Query): string {
  const [only] = boundedIn(having).flatMap(aggregatesIn);
  return tableOf(only?.of ?? null) ?? from;
}

/** The aggregates that an expression is worked out from. */
export function aggregatesIn(expression: Expression): (Expression & { kind: 'aggregate' })[] {
  switch (expression.kind) {
    case 'aggregate':
      return [expression];
    case 'ratio':
      return [...aggregatesIn(expression.numerator), ...aggregatesIn(expression.denominator)];
    case 'arithmetic':
      return [...aggregatesIn(expression.left), ...aggregatesIn(expression.right)];
    case 'over':
    case 'round':
    case 'cast':
      return aggregatesIn(expression.of);
    default:
      return [];
  }
}

/** The table whose rows are added up; null where rows are counted. */
function tableOf(of: Expression | null): string | null {
  if (of?.kind === 'cast') return tableOf(of.of);
  if (of?.kind === 'product') return tableOf(of.factors[0] ?? null);
  return of?.kind === 'column' ? of.table : null;
}

/** The calendar year that a period is, or that one of several years begins or ends with. */
function yearOf(operand: Operand, end: 'from' | 'to'): number | null {
  if (operand.kind === 'period') {
    const { year, from, to } = operand.period;
    const isLong = Date.parse(to) - Date.parse(from) > LONGEST_YEAR;
    if (year !== null || !isLong) return year;
    return end === 'from' ? Number(from.slice(0, 4)) : new Date(Date.parse(to) - 1).getUTCFullYear();
  }
  return operand.kind === 'number' ? operand.value : null;
}

/** 366 days in milliseconds. */
const LONGEST_YEAR = 366 * 86_400_000;
