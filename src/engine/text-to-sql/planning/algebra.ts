/** The small, typed query algebra that questions are built in and SQL is printed from. */
import type { AggregateName, Comparison, TimeUnit } from '../lexicon/lexicon.js';

export type Expression =
  | { kind: 'column'; table: string; column: string }
  /** The factors multiplied, less a discount: `whole` is the discount that leaves nothing. Revenue, unless it is `called` otherwise. */
  | { kind: 'product'; factors: Expression[]; discount: { of: Expression; whole: number } | null; called?: string }
  /** `of` is null for the number of rows; only rows that fulfil `where` count, when there is one. */
  | { kind: 'aggregate'; name: AggregateName; distinct: boolean; of: Expression | null; where?: Predicate }
  /** The beginning of the calendar unit that holds a date; of one that begins so many days or months later than usual with `later`. */
  | { kind: 'truncate'; unit: TimeUnit; of: Expression; later?: Delay }
  /** The day of the week: its number from 1, counted from the ISO weekday `first`, or its name. */
  | { kind: 'weekday'; of: Expression; first: number; isName: boolean }
  | { kind: 'literal'; value: string | number | boolean }
  | { kind: 'date'; value: string }
  | { kind: 'cast'; to: 'text' | 'number' | 'date'; of: Expression }
  | { kind: 'scalar'; query: Query }
  | { kind: 'round'; of: Expression; digits: number }
  /** The share, in percent, of rows or of a sum that fulfils the condition. */
  | { kind: 'percentage'; part: Predicate; of: Expression | null }
  /** One number divided by another, as a fraction or in percent. */
  | { kind: 'ratio'; numerator: Expression; denominator: Expression; isPercent: boolean }
  | { kind: 'arithmetic'; op: '+' | '-' | '*' | '/'; left: Expression; right: Expression }
  /** The time from one moment to a later one, in whole units. */
  | { kind: 'elapsed'; unit: TimeUnit; from: Expression; to: Expression }
  /**
   * An aggregate seen along the other groups: added up so far, compared with the group before (`growth` as a percentage
   * of it), or as a percentage of all. `by` is what the groups are in the order of; they are apart by `partition`.
   */
  | { kind: 'over'; name: WindowName; of: Expression; by: Expression | null; partition: Expression[] };

/** A span of time by which a unit begins later than usual. */
interface Delay {
  amount: number;
  unit: 'day' | 'month';
  /** What the unit is called then. */
  name: string;
}

export type WindowName = 'running' | 'change' | 'growth' | 'share';

export type Predicate =
  | { kind: 'compare'; left: Expression; op: Comparison; right: Expression }
  | { kind: 'in'; left: Expression; values: (string | number | boolean)[]; negated: boolean }
  /** `left` is among the values of a one-column query. */
  | { kind: 'member'; left: Expression; query: Query; negated: boolean }
  | { kind: 'like'; of: Expression; how: 'contains' | 'starts' | 'ends'; text: string; negated: boolean }
  | { kind: 'missing'; of: Expression; negated: boolean }
  | { kind: 'and' | 'or'; terms: Predicate[] }
  | { kind: 'not'; term: Predicate };

export interface Join {
  table: string;
  on: { left: Expression; right: Expression }[];
}

export interface SelectItem {
  expression: Expression;
  alias: string | null;
}

export interface Query {
  select: SelectItem[];
  distinct: boolean;
  from: string;
  joins: Join[];
  where: Predicate | null;
  groupBy: Expression[];
  having: Predicate | null;
  orderBy: { expression: Expression; direction: 'asc' | 'desc' }[];
  limit: number | null;
  /** Rows left out before the first: one for "the second largest". */
  offset?: number;
  /** Keeps the first rows of each group, in the order of `orderBy`: the top three of each country, or with `isPercent` the top 10 %. */
  perGroup: { partition: Expression[]; limit: number; isPercent?: boolean } | null;
  /** The order that the rows that `orderBy` has picked are shown in, by places in `select` from 1. */
  arranged?: { place: number; direction: 'asc' | 'desc' }[];
}

export function allOf(terms: readonly Predicate[]): Predicate | null {
  const [first, ...rest] = terms;
  if (!first) return null;
  return rest.length === 0 ? first : { kind: 'and', terms: [...terms] };
}

export function sameExpression(a: Expression, b: Expression): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** True when the expression holds an aggregate outside sub-queries. */
export function isAggregate(expression: Expression): boolean {
  switch (expression.kind) {
    case 'aggregate':
    case 'percentage':
    case 'over':
      return true;
    case 'cast':
    case 'truncate':
    case 'weekday':
    case 'round':
      return isAggregate(expression.of);
    case 'ratio':
      return isAggregate(expression.numerator);
    case 'arithmetic':
      return isAggregate(expression.left) || isAggregate(expression.right);
    default:
      return false;
  }
}
