/** Counts groups that fulfil a bound. */
import type { Query } from './algebra.js';

/**
 * "How many countries have more than 5 customers": a bound without groups would hold for all rows together. The values
 * that are counted are the groups, and those within the bound come from a sub-query. Other queries stay as they are.
 */
export function countGroups(query: Query): Query {
  const counted = query.select[0]?.expression;
  if (query.having === null || query.groupBy.length > 0 || query.select.length !== 1) return query;
  if (counted?.kind !== 'aggregate' || counted.name !== 'count' || !counted.distinct) return query;
  const label = counted.of;
  if (label?.kind !== 'column' || label.table !== query.from) return query;
  const groups: Query = {
    ...query,
    select: [{ expression: label, alias: null }],
    groupBy: [label],
    orderBy: [],
    limit: null,
    perGroup: null,
  };
  return { ...query, joins: [], where: { kind: 'member', left: label, query: groups, negated: false }, having: null };
}
