/**
 * Takes a median in SQL without a function for it: an inner query numbers the values of each group from the smallest on,
 * and the outer one averages those in the middle.
 */
import { type Expression, type Predicate, type Query, sameExpression } from '../planning/algebra.js';

/** What the inner query is called. */
export const RANKED = 'ranked';

interface Split {
  /** What the outer query reads, by its columns in the inner one. */
  values: { name: string; expression: Expression; isForMedian: boolean }[];
  /** The query over the inner one. */
  outer: Query;
}

export function hasMedian({ select, orderBy }: Query): boolean {
  return [...select, ...orderBy].some(
    ({ expression }) => expression.kind === 'aggregate' && expression.name === 'median',
  );
}

/** Takes a query apart. What its groups and aggregates are made of becomes columns of the inner one. */
export function splitForMedian(query: Query): Split {
  const values: Split['values'] = [];

  const valueOf = (expression: Expression, isForMedian: boolean): Expression => {
    let value = values.find((one) => sameExpression(one.expression, expression));
    if (value === undefined) {
      value = { name: `value_${values.length + 1}`, expression, isForMedian };
      values.push(value);
    }
    value.isForMedian ||= isForMedian;
    return { kind: 'column', table: RANKED, column: value.name };
  };

  const rebase = (expression: Expression): Expression => {
    if (query.groupBy.some((group) => sameExpression(group, expression))) return valueOf(expression, false);
    switch (expression.kind) {
      case 'aggregate':
        return expression.of === null
          ? expression
          : { ...expression, of: valueOf(expression.of, expression.name === 'median') };
      case 'cast':
      case 'truncate':
      case 'weekday':
        return { ...expression, of: rebase(expression.of) };
      default:
        return expression;
    }
  };

  const rebasePredicate = (predicate: Predicate): Predicate => {
    switch (predicate.kind) {
      case 'compare':
        return { ...predicate, left: rebase(predicate.left), right: rebase(predicate.right) };
      case 'and':
      case 'or':
        return { ...predicate, terms: predicate.terms.map(rebasePredicate) };
      case 'not':
        return { ...predicate, term: rebasePredicate(predicate.term) };
      default:
        return predicate;
    }
  };

  const outer: Query = {
    ...query,
    select: query.select.map((item) => ({ ...item, expression: rebase(item.expression) })),
    groupBy: query.groupBy.map(rebase),
    having: query.having && rebasePredicate(query.having),
    orderBy: query.orderBy.map((item) => ({ ...item, expression: rebase(item.expression) })),
    from: RANKED,
    joins: [],
    where: null,
  };
  return { values, outer };
}
