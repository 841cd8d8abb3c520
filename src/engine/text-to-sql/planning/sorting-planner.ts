/** Sorting and limits. */
import { holdsNumberText, type TableEntry } from '../evidence/schema-index.js';
import type { Frame, Measure, Order } from '../reading/frame.js';
import { columnScore } from '../reading/phrases.js';
import { fold } from '../language/tokens.js';
import { isAggregate, sameExpression, type Expression, type Query } from './algebra.js';
import { phraseOf, PlanningFailure, type Target } from './plan-context.js';
import { RankingPlanner } from './ranking-planner.js';

export abstract class SortingPlanner extends RankingPlanner {
  protected applyOrders(query: Query, frame: Frame, main: TableEntry): void {
    for (const { measure, direction, ...order } of frame.orders) {
      if (order.shown) {
        const item = query.select[shownPlace(query, order)];
        if (item) query.orderBy.push({ expression: item.expression, direction });
        continue;
      }
      if (measure.concept !== null) {
        const found = this.resolver.concept(measure.concept, [
          main,
          ...this.resolver.anchors,
          ...this.nearTables(main),
        ]);
        if (!found) throw new PlanningFailure('unknown-column', measure.concept);
        query.orderBy.push({
          expression: this.column(found.column),
          direction: found.reversed === (direction === 'asc') ? 'desc' : 'asc',
        });
        continue;
      }
      if (measure.of === null && measure.aggregate === null) continue;
      const target = this.shownTarget(measure, query) ?? this.target(measure.of, measure, main);
      if (measure.aggregate === 'count' || (target?.kind === 'table' && measure.aggregate !== null)) {
        const shown = query.select.find(
          (item) => item.expression.kind === 'aggregate' && item.expression.name === 'count',
        );
        const expression =
          shown?.expression ??
          (target?.kind === 'table' && target.table !== main
            ? this.countRows(target.table, main)
            : { kind: 'aggregate' as const, name: 'count' as const, distinct: false, of: null });
        if (target?.kind === 'table') this.joined.add(target.table.table.name);
        if (!shown) this.groupByShown(query);
        query.orderBy.push({ expression, direction });
        continue;
      }
      if (target?.kind === 'column' && target.column.metric) {
        this.groupByShown(query);
        query.orderBy.push({ expression: this.column(target.column), direction });
        continue;
      }
      if (target?.kind === 'column') {
        const aggregated = measure.aggregate
          ? this.sameAggregate(query, target.column, measure.aggregate)
          : query.groupBy.length > 0
            ? this.sameAggregate(query, target.column, null)
            : null;
        const of = holdsNumberText(target.column) ? this.numeric(target.column) : this.column(target.column);
        const expression: Expression =
          aggregated ??
          (measure.aggregate ? { kind: 'aggregate', name: measure.aggregate, distinct: measure.distinct, of } : of);
        if (measure.aggregate && !aggregated) this.groupByShown(query);
        query.orderBy.push({ expression, direction });
        continue;
      }
      const worked = query.select.find((item) => isAggregate(item.expression));
      if (target?.kind === 'table' && worked && query.groupBy.length > 0) {
        query.orderBy.push({ expression: worked.expression, direction });
      } else if (target?.kind === 'table') {
        const name = this.evidence.schema.nameColumn(target.table);
        if (name) query.orderBy.push({ expression: this.column(name), direction });
      }
    }
  }

  /** "sort by name" after the top five by revenue: the five stay the same. What is not shown cannot sort them. */
  protected arrange(query: Query, { arranged }: Frame): void {
    if (arranged.length === 0) return;
    query.arranged = arranged.map(({ measure, direction, ...order }) => {
      const target = order.shown
        ? null
        : (this.shownTarget(measure, query) ?? this.shownName(measure, query) ?? this.target(measure.of, measure));
      const column = target?.kind === 'table' ? this.evidence.schema.nameColumn(target.table) : target?.column;
      const place = order.shown
        ? shownPlace(query, order)
        : query.select.findIndex(
            ({ expression }) =>
              column && (sameExpression(expression, this.column(column)) || isOf(expression, this.column(column))),
          );
      if (place < 0) throw new PlanningFailure('unsupported', measure.of?.segment.phrase ?? '');
      return { place: place + 1, direction };
    });
  }

  /** A phrase in "sorted by …" rather means a column that is shown than another of the same name. */
  protected shownTarget(measure: Measure, query: Query): Target | null {
    if (!measure.of || measure.aggregate !== null) return null;
    const best = columnScore(measure.of.segment);
    for (const { entry, score } of measure.of.segment.names) {
      if (entry.kind !== 'column' || score < best - 0.15) continue;
      const isShown = query.select.some(
        ({ expression }) =>
          expression.kind === 'column' &&
          expression.table === entry.table.table.name &&
          expression.column === entry.column.name,
      );
      if (!isShown) continue;
      this.resolver.settle(measure.of, entry);
      return { kind: 'column', column: entry };
    }
    return null;
  }

  /** "by name", where the names that are shown are called `full_name` and others, which are not shown, `name`. */
  private shownName({ of, aggregate }: Measure, query: Query): Target | null {
    const { schema, lexicon } = this.evidence;
    if (!of || aggregate !== null || !lexicon.displayWords.has(lexicon.lemma(fold(of.segment.phrase)))) return null;
    for (const { expression } of query.select) {
      if (expression.kind !== 'column') continue;
      const table = schema.table(expression.table);
      const name = table ? schema.nameColumn(table) : null;
      if (name?.column.name !== expression.column) continue;
      this.resolver.settle(of, name);
      return { kind: 'column', column: name };
    }
    return null;
  }

  /** Where no order is asked for, what is worked out over time is listed by time, all else from the largest on. */
  protected sortByDefault(query: Query): void {
    if (query.orderBy.length > 0 || query.limit !== null || query.groupBy.length === 0) return;
    const shown = query.groupBy.filter((group) => query.select.some((item) => sameExpression(item.expression, group)));
    const times = shown.filter((expression) => this.isTime(expression));
    const measure = query.select.find((item) => isAggregate(item.expression));
    for (const time of times) {
      // Days of the week follow one another by their number, which they are put together by as well.
      const expression = time.kind === 'weekday' ? { ...time, isName: false } : time;
      query.orderBy.push({ expression, direction: 'asc' });
    }
    if (measure && times.length < Math.max(1, shown.length))
      query.orderBy.push({ expression: measure.expression, direction: 'desc' });
    if (!measure && times.length === 0) return;
    for (const expression of shown)
      if (!times.includes(expression)) query.orderBy.push({ expression, direction: 'asc' });
  }

  protected applyLimit(query: Query, frame: Frame): void {
    if (query.limit === null && frame.limit !== null && query.perGroup === null) query.limit = frame.limit;
    const part = frame.superlatives.find(({ isPercent }) => isPercent === true);
    if (!part) return;
    if (query.orderBy.length === 0) throw new PlanningFailure('unranked', phraseOf(part));
    query.perGroup = { partition: query.perGroup?.partition ?? [], limit: part.limit, isPercent: true };
    query.limit = null;
  }
}

/** Where in the result the first figure stands, or a label of its groups; -1 where there is none. */
function shownPlace({ select }: Query, { shown, nth = 0 }: Pick<Order, 'shown' | 'nth'>): number {
  const places = select.flatMap(({ expression }, place) =>
    isAggregate(expression) === (shown === 'result') ? [place] : [],
  );
  return places[nth] ?? -1;
}

/** True for an aggregate of the column. */
function isOf(expression: Expression, column: Expression): boolean {
  return expression.kind === 'aggregate' && expression.of !== null && sameExpression(expression.of, column);
}
