/** Parts of a whole: which rows the whole is of, and what holds for the part. */
import { isNumeric, type TableEntry } from '../evidence/schema-index.js';
import type { Frame } from '../reading/frame.js';
import { isAggregate, sameExpression, type Expression, type Predicate, type Query } from './algebra.js';
import { FanOutGuard } from './fan-out-guard.js';
import { PlanningFailure } from './plan-context.js';
import type { Term } from './terms.js';

/** The terms that narrow the whole, and those that say which part of it is meant. */
interface Shared {
  whole: Term[];
  part: Term[];
}

export abstract class SharePlanner extends FanOutGuard {
  /** What a row of the whole must be like. A time or a place of several related rows says which of these are meant. */
  protected sharedTerms(frame: Frame, main: TableEntry, query: Query): Shared {
    const shared: Shared = { whole: [], part: [] };
    for (const condition of frame.conditions) {
      const terms = this.condition(condition, main, query);
      const isOfRow = terms.every(({ table }) =>
        this.graph.path(main.table.name, table.table.name)?.every((step) => !step.fansOut),
      );
      const isOfWhole = condition.ofWhole === 'before' || (condition.ofWhole === 'after' && isOfRow);
      (isOfWhole ? shared.whole : shared.part).push(...terms);
    }
    if (shared.part.length > 0) return shared;
    return { whole: [], part: shared.whole };
  }

  /** "What percentage of orders were shipped to …": the part of all rows that fulfils the conditions. */
  protected readAsShare(query: Query, frame: Frame, part: Predicate | null): void {
    const shown = query.select.filter((item) => query.groupBy.some((group) => sameExpression(group, item.expression)));
    if (!part || !isPlainShare(query, frame)) throw new PlanningFailure('unsupported', 'share');
    const measured = query.select.find(
      (item) => item.expression.kind === 'aggregate' && item.expression.name === 'sum',
    );
    const of = measured?.expression.kind === 'aggregate' ? measured.expression.of : this.plainAmount(query);
    query.select = [...shown, { expression: shareOf(part, of, frame.share === 'fraction'), alias: null }];
    query.distinct = false;
  }

  /** "share of revenue by category": the groups divide the whole, which a time or what is said before it narrows. */
  protected isShareOfAll(query: Query, frame: Frame): boolean {
    const isOfWhole = frame.conditions.every(
      (condition) => condition.ofWhole === 'before' || (condition.kind === 'compare' && condition.temporal),
    );
    return frame.share !== null && query.groupBy.length > 0 && isOfWhole && isPlainShare(query, frame);
  }

  /** "share of revenue by category": of each group in the whole. */
  protected readAsShareOfAll(query: Query): void {
    query.select = query.select.map((item) =>
      isAggregate(item.expression)
        ? { expression: { kind: 'over', name: 'share', of: item.expression, by: null, partition: [] }, alias: null }
        : item,
    );
  }

  /** "share of the amount": the amount that is shown row by row. */
  private plainAmount(query: Query): Expression | null {
    const [only] = query.select;
    if (query.select.length !== 1 || !only) return null;
    const { expression } = only;
    if (expression.kind === 'product') return expression;
    if (expression.kind !== 'column') return null;
    const entry = this.evidence.schema
      .table(expression.table)
      ?.columns.find((column) => column.column.name === expression.column);
    return entry && isNumeric(entry) && !entry.isKey ? expression : null;
  }
}

function isPlainShare({ limit }: Query, { outputs, superlatives }: Frame): boolean {
  return outputs.length <= 1 && superlatives.length === 0 && limit === null;
}

/** A part of the whole, in percent or as a fraction. */
function shareOf(part: Predicate, of: Expression | null, isFraction: boolean): Expression {
  if (!isFraction) return { kind: 'percentage', part, of };
  const name = of ? ('sum' as const) : ('count' as const);
  const whole: Expression = { kind: 'aggregate', name, distinct: false, of };
  return { kind: 'ratio', numerator: { ...whole, where: part }, denominator: whole, isPercent: false };
}
