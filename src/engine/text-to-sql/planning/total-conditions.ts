/** Conditions on what is worked out for each thing: "customers who spent more than 40", "an average order value above 500". */
import { holdsNumberText, type ColumnEntry, type TableEntry } from '../evidence/schema-index.js';
import type { Comparison } from '../lexicon/lexicon.js';
import type { Measure, Operand } from '../reading/frame.js';
import type { Expression, Predicate, Query } from './algebra.js';
import { PlanningFailure } from './plan-context.js';
import { ThingMeans, type Worked } from './thing-means.js';

export abstract class TotalConditions extends ThingMeans {
  /** True where what belongs to a thing is added up before it is compared: "spent more than 40", "revenue above 40". */
  protected isOfTotal(left: Measure, column: ColumnEntry, main: TableEntry): boolean {
    const isFannedOut =
      this.graph.path(main.table.name, column.table.table.name)?.some((step) => step.fansOut) === true;
    return isFannedOut && !this.isRate(column) && (left.total === true || column.formula !== null);
  }

  /** "customers with a churn risk above 3": a metric worked out for each thing that is asked for. */
  protected metricCondition(
    column: ColumnEntry,
    op: Comparison,
    right: Operand,
    main: TableEntry,
    query: Query,
  ): { predicate: Predicate; table: TableEntry } | null {
    const tables = [column.table, ...(column.formula?.factors ?? []).map(({ table }) => table)];
    return this.workedCondition({ of: this.bare(column), tables }, op, right, main, query);
  }

  protected havingCondition(
    left: Measure,
    op: Comparison,
    right: Operand,
    main: TableEntry,
    query: Query,
  ): { predicate: Predicate; table: TableEntry } | null {
    const worth = this.worthMean(left);
    if (worth) return this.workedCondition(worth, op, right, main, query);
    const target = this.target(left.of, left);
    if (!target) return null;
    const column = target.kind === 'column' ? target.column : null;
    const name = left.aggregate ?? (column ? 'sum' : 'count');
    const value = column && (holdsNumberText(column) ? this.numeric(column, this.bare(column)) : this.bare(column));
    const of: Expression = { kind: 'aggregate', name, distinct: left.distinct, of: value };
    return this.workedCondition({ of, tables: column ? [column.table] : [] }, op, right, main, query);
  }

  /** For rows that have several of what is worked out, in a query of its own; else over the groups of the rows themselves. */
  private workedCondition(
    { of, tables }: Worked,
    op: Comparison,
    right: Operand,
    main: TableEntry,
    query: Query,
  ): { predicate: Predicate; table: TableEntry } | null {
    const having = boundOf(of, op, right);
    const [table = main] = tables;
    const path = this.graph.path(main.table.name, table.table.name) ?? [];
    const [first] = path;
    const pair = first?.edge.pairs[0];
    const inner = first && this.evidence.schema.table(first.target);
    if (first && pair && inner && path.some((step) => step.fansOut) && !this.isLabelShown(query, main)) {
      const forward = first.edge.from === first.source;
      const key: Expression = { kind: 'column', table: first.target, column: forward ? pair.to : pair.from };
      const sub = this.emptyQuery(inner);
      sub.select = [{ expression: key, alias: null }];
      sub.joins = this.joins(first.target, new Set(tables.map(({ table: { name } }) => name)));
      sub.groupBy = [key];
      sub.having = having;
      const left: Expression = { kind: 'column', table: main.table.name, column: forward ? pair.from : pair.to };
      return { predicate: { kind: 'member', left, query: sub, negated: false }, table: main };
    }
    this.take({ of, tables });
    this.boundGroups(query, having);
    return null;
  }

  /** Keeps the groups of what is shown that are within a bound. */
  protected boundGroups(query: Query, having: Predicate): void {
    this.groupByShown(query);
    query.having = query.having ? { kind: 'and', terms: [query.having, having] } : having;
  }
}

function boundOf(left: Expression, op: Comparison, right: Operand): Predicate {
  const literal = (operand: Operand): Expression => {
    // 2000 is a number here, and no year.
    const value = operand.kind === 'number' ? operand.value : operand.kind === 'period' ? operand.segment.number : null;
    if (value === null) throw new PlanningFailure('unsupported', 'segment' in operand ? operand.segment.phrase : '');
    return { kind: 'literal', value };
  };
  if (right.kind !== 'range') return { kind: 'compare', left, op, right: literal(right) };
  const terms: Predicate[] = [
    { kind: 'compare', left, op: '>=', right: literal(right.low) },
    { kind: 'compare', left, op: '<=', right: literal(right.high) },
  ];
  return { kind: 'and', terms };
}
