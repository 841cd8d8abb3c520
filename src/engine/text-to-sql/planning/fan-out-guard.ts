/** Sees to it that joining rows counts none of them twice and leaves none out, and that groups are sorted by what they are. */
import { isAggregate, sameExpression, type Expression, type Query } from './algebra.js';
import { PlanningFailure } from './plan-context.js';
import { SortingPlanner } from './sorting-planner.js';

/** The column whose row an expression is worked out from. */
function rowColumn(expression: Expression): (Expression & { kind: 'column' }) | null {
  if (expression.kind === 'column') return expression;
  if (expression.kind === 'arithmetic') return rowColumn(expression.left) ?? rowColumn(expression.right);
  const [of] = expression.kind === 'product' ? expression.factors : expression.kind === 'cast' ? [expression.of] : [];
  return of ? rowColumn(of) : null;
}

export abstract class FanOutGuard extends SortingPlanner {
  /** Counts each row once where a join repeats it. */
  protected countOncePerRow(query: Query): void {
    const repeated = new Set<string>();
    const tables = [query.from, ...query.joins.map((join) => join.table)];
    for (const table of tables) {
      const steps = this.graph.connect(table, tables) ?? [];
      if (steps.some((step) => step.fansOut)) repeated.add(table);
    }
    const isBeside = query.select.filter(({ expression }) => isAggregate(expression)).length > 1;
    const counted = (table: string): void => {
      if (isBeside && this.leavesOut(table, tables)) throw new PlanningFailure('left-out', table);
    };
    const fix = (expression: Expression): Expression => {
      if (expression.kind === 'over') return { ...expression, of: fix(expression.of) };
      if (expression.kind === 'ratio')
        return { ...expression, numerator: fix(expression.numerator), denominator: fix(expression.denominator) };
      if (expression.kind === 'arithmetic')
        return { ...expression, left: fix(expression.left), right: fix(expression.right) };
      if (expression.kind !== 'aggregate') return expression;
      if (expression.name === 'count' && expression.of === null) {
        if (!this.main || !repeated.has(this.main.table.name)) return expression;
        counted(this.main.table.name);
        const key = this.primaryKey(this.main);
        const only = key[0];
        return key.length === 1 && only ? { ...expression, distinct: true, of: this.bare(only) } : expression;
      }
      const of = expression.of && rowColumn(expression.of);
      if (!of || !repeated.has(of.table)) return expression;
      if (expression.name === 'count') {
        // "unique customers" are those that are met.
        if (!expression.distinct) counted(of.table);
        return { ...expression, distinct: true };
      }
      const isSafe = expression.name === 'min' || expression.name === 'max' || this.meetsGroupOnce(of.table, query);
      if (!isSafe) throw new PlanningFailure('double-counting', `“${of.column}”`);
      return expression;
    };
    for (const item of query.select) item.expression = fix(item.expression);
    for (const order of query.orderBy) order.expression = fix(order.expression);
  }

  /** "revenue by year, sorted by country": a year has no one country. */
  protected refuseOtherOrder({ orderBy, groupBy }: Query): void {
    for (const { expression } of orderBy) {
      if (expression.kind !== 'column' || groupBy.some((group) => sameExpression(group, expression))) continue;
      const table = this.evidence.schema.table(expression.table);
      const keys = table ? this.primaryKey(table).map((key) => this.bare(key)) : [];
      const isOfGroup = keys.some((key) => groupBy.some((group) => sameExpression(group, key)));
      if (!isOfGroup) throw new PlanningFailure('not-grouped', expression.column);
    }
  }

  /** True where a join to related rows leaves out those that have none: customers without orders. */
  private leavesOut(table: string, tables: readonly string[]): boolean {
    return (this.graph.connect(table, tables) ?? []).some(({ fansOut, edge, source, target }) => {
      const [pair] = edge.pairs;
      const related = this.evidence.schema.table(target)?.columns.find(({ column }) => column.name === pair?.from);
      const met = related?.column.stats.distinct ?? null;
      return fansOut && met !== null && met < (this.evidence.schema.table(source)?.table.rowCount ?? 0);
    });
  }

  /**
   * True when joining repeats no row of the table within one group: the table meets the grouped one through a bridge
   * whose rows are told apart by the two, or is divided by the rows that repeat it.
   */
  protected meetsGroupOnce(table: string, query: Query): boolean {
    const grouped = new Set(query.groupBy.flatMap((group) => (group.kind === 'column' ? [group.table] : [])));
    if (grouped.size !== 1) return false;
    const [name = ''] = grouped;
    // Rows that share only a label, such as a category, may be met by one row several times.
    const divided = this.evidence.schema.table(name);
    const keys = divided ? this.primaryKey(divided).map((key) => key.column.name) : [];
    const isByRow =
      keys.length > 0 &&
      keys.every((key) => query.groupBy.some((group) => group.kind === 'column' && group.column === key));
    if (!isByRow) return false;
    const path = this.graph.path(table, name) ?? [];
    const [first, second] = path;
    if (!first?.fansOut || path.length > 2) return false;
    if (!second) return true;
    const bridge = this.evidence.schema.table(first.target)?.table;
    const ends = new Set([...first.edge.pairs, ...second.edge.pairs].map((pair) => pair.from));
    if (!bridge || second.fansOut) return false;
    return bridge.primaryKey.length > 0
      ? bridge.primaryKey.every((key) => ends.has(key))
      : bridge.columns.length <= ends.size + 1;
  }
}
