/** Expressions and conditions of a query in plain English. */
import { endsWithId } from '../../catalog/key-columns.js';
import type { Expression, Predicate, Query, WindowName } from '../planning/algebra.js';
import type { Comparison } from '../lexicon/lexicon.js';
import { listInWords, nameInWords, namesRow, rowInWords, rowsInWords } from './names-in-words.js';
import { periodInWords } from './periods-in-words.js';

const COMPARISON_WORDS: Record<Comparison, string> = {
  '=': 'is',
  '!=': 'is not',
  '<': 'is less than',
  '<=': 'is at most',
  '>': 'is more than',
  '>=': 'is at least',
};
const DATE_WORDS: Record<Comparison, string> = {
  '=': 'is',
  '!=': 'is not',
  '<': 'is before',
  '<=': 'is up to',
  '>': 'is after',
  '>=': 'is not before',
};
const COUNT_WORDS: Record<Comparison, string> = {
  '=': 'exactly',
  '!=': 'not exactly',
  '<': 'fewer than',
  '<=': 'at most',
  '>': 'more than',
  '>=': 'at least',
};
const MATCH_WORDS = { contains: 'contain', starts: 'start with', ends: 'end with' } as const;
const AGGREGATE_WORDS = {
  count: 'number of',
  sum: 'sum of',
  avg: 'average',
  min: 'smallest',
  max: 'largest',
  median: 'median',
  stddev: 'standard deviation of',
} as const;
/** Names that say little without the thing they belong to. */
const BARE_NAMES = new Set('name title id total amount value count number type code date'.split(' '));

/** One condition of the rows, ready to be put behind what they are called. */
export interface ConditionWords {
  /** `period`: "in 2013"; `have`: "have no orders"; `is`: "status is “paid”". */
  kind: 'period' | 'have' | 'is';
  text: string;
  /** With the column that a period is about. */
  full: string;
}

export function expressionInWords(expression: Expression, table: string): string {
  switch (expression.kind) {
    case 'column': {
      const name = nameInWords(expression.column);
      if (expression.table !== table && namesRow(expression.column, expression.table))
        return rowInWords(expression.table);
      return expression.table === table ? name : `${name} of the ${rowInWords(expression.table)}`;
    }
    case 'product': {
      const factors = expression.factors.map((factor) => expressionInWords(factor, table));
      return `${factors.join(' times ')}${expression.discount ? `, less ${expressionInWords(expression.discount.of, table)}` : ''}`;
    }
    case 'aggregate':
      return aggregateInWords(expression, table);
    case 'truncate':
      return (expression.later?.name ?? expression.unit).replace('_', ' ');
    case 'weekday':
      return 'day of the week';
    case 'literal':
      return typeof expression.value === 'string' ? `“${expression.value}”` : String(expression.value);
    case 'date':
      return expression.value;
    case 'round':
    case 'cast':
      return expressionInWords(expression.of, table);
    case 'scalar':
      return scalarInWords(expression.query);
    case 'percentage':
      return `percentage of ${expression.of ? expressionInWords(expression.of, table) : rowsInWords(table)} where ${conditionInWords(expression.part, table).full}`;
    case 'ratio':
      return `ratio of ${expressionInWords(expression.numerator, table)} to ${expressionInWords(expression.denominator, table)}`;
    case 'arithmetic':
      return `${expressionInWords(expression.left, table)} ${expression.op} ${expressionInWords(expression.right, table)}`;
    case 'elapsed':
      return `${expression.unit}s from ${expressionInWords(expression.from, table)} to ${expressionInWords(expression.to, table)}`;
    case 'over': {
      const of = expressionInWords(expression.of, table);
      const [before, after] = OVER_WORDS[expression.name];
      return `${before}${of}${after}`;
    }
  }
}

const OVER_WORDS: Record<WindowName, readonly [string, string]> = {
  running: ['', ' so far'],
  change: ['change of the ', ' since the one before'],
  growth: ['growth of the ', ' over the one before in percent'],
  share: ['percentage of all in the ', ''],
};

function aggregateInWords({ where, ...aggregate }: Expression & { kind: 'aggregate' }, table: string): string {
  const words = plainAggregateInWords(aggregate, table);
  return where ? `${words} where ${conditionInWords(where, table).full}` : words;
}

function plainAggregateInWords(
  { name, distinct, of }: Omit<Expression & { kind: 'aggregate' }, 'where'>,
  table: string,
): string {
  if (of === null) return `number of ${rowsInWords(table)}`;
  if (of.kind === 'product') {
    const isRevenue = of.called === undefined && name === 'sum';
    return `${isRevenue ? '' : `${AGGREGATE_WORDS[name]} `}${of.called ?? 'revenue'}`;
  }
  if (of.kind !== 'column') return `${AGGREGATE_WORDS[name]} ${expressionInWords(of, table)}`;
  const words = nameInWords(of.column);
  if (name === 'count') {
    // The key of a row stands for the row.
    if (endsWithId(of.column) && (of.table !== table || !distinct)) return `number of ${rowsInWords(of.table)}`;
    return distinct
      ? `number of different ${rowsInWords(of.column)}`
      : `number of ${rowsInWords(of.table)} with a ${words}`;
  }
  const owner = BARE_NAMES.has(words) ? ` of ${rowsInWords(of.table)}` : '';
  return `${AGGREGATE_WORDS[name]} ${distinct ? 'different ' : ''}${words}${owner}`;
}

function scalarInWords(query: Query): string {
  const [shown] = query.select;
  const words = shown ? expressionInWords(shown.expression, query.from) : '';
  const order = query.orderBy[0];
  const filters = filtersInWords(query);
  const where = filters.length > 0 ? ` where ${filters.join(' and ')}` : '';
  const ranked = order
    ? ` of the ${rowInWords(query.from)} with the ${order.direction === 'desc' ? 'largest' : 'smallest'} ${expressionInWords(order.expression, query.from)}`
    : '';
  return `the ${words}${ranked}${where}`;
}

/** The conditions of a query, the two ends of one range of days as one. */
export function conditionsInWords(query: Query): ConditionWords[] {
  return query.where ? termsInWords(flat(query.where), query.from) : [];
}

/** Each filter of the query as one phrase: "order date is in 2024". */
export function filtersInWords(query: Query): string[] {
  return conditionsInWords(query).map((condition) => condition.full);
}

function flat(predicate: Predicate): Predicate[] {
  return predicate.kind === 'and' ? predicate.terms.flatMap(flat) : [predicate];
}

function termsInWords(terms: readonly Predicate[], table: string): ConditionWords[] {
  const words: ConditionWords[] = [];
  const taken = new Set<Predicate>();
  for (const term of terms) {
    if (taken.has(term)) continue;
    const from = dayBound(term, '>=');
    const before = dayBound(term, '<');
    if (from === null && before === null) {
      words.push(conditionInWords(term, table));
      continue;
    }
    const left = term.kind === 'compare' ? term.left : null;
    const other = terms.find(
      (candidate) =>
        candidate !== term &&
        candidate.kind === 'compare' &&
        JSON.stringify(candidate.left) === JSON.stringify(left) &&
        dayBound(candidate, from === null ? '>=' : '<') !== null,
    );
    if (other) taken.add(other);
    const period = periodInWords(
      from ?? (other ? dayBound(other, '>=') : null),
      before ?? (other ? dayBound(other, '<') : null),
    );
    const column = left ? expressionInWords(left, table).replace(/ at(?= of the |$)/, ' time') : '';
    const isObvious = left?.kind === 'column' && saysWhen(left.column, left.table);
    words.push({
      kind: isObvious ? 'period' : 'is',
      text: isObvious ? period : `${column} is ${period}`,
      full: `${column} is ${period}`,
    });
  }
  return words;
}

/** True for `date` and for `order_date` of orders: when the row happened. */
function saysWhen(column: string, table: string): boolean {
  const words = nameInWords(column).split(' ');
  const row = rowInWords(table).split(' ');
  return words.every(
    (word) => row.includes(word) || ['date', 'time', 'at', 'day', 'month', 'on', 'timestamp'].includes(word),
  );
}

function dayBound(term: Predicate, op: Comparison): string | null {
  return term.kind === 'compare' && term.op === op && term.right.kind === 'date' ? term.right.value : null;
}

export function conditionInWords(predicate: Predicate, table: string): ConditionWords {
  const show = (expression: Expression): string => expressionInWords(expression, table);
  const is = (text: string): ConditionWords => ({ kind: 'is', text, full: text });
  switch (predicate.kind) {
    case 'compare': {
      const words = predicate.right.kind === 'date' ? DATE_WORDS[predicate.op] : COMPARISON_WORDS[predicate.op];
      return is(`${show(predicate.left)} ${words} ${show(predicate.right)}`);
    }
    case 'in': {
      const values = predicate.values.map((value) => (typeof value === 'string' ? `“${value}”` : String(value)));
      const [only] = predicate.values;
      const isFlag = values.length === 1 && typeof only === 'boolean';
      if (isFlag) return is(`${show(predicate.left)} is ${only === predicate.negated ? 'no' : 'yes'}`);
      const listed =
        values.length > 1 ? `${predicate.negated ? 'none' : 'one'} of ${listInWords(values)}` : (values[0] ?? '');
      return is(`${show(predicate.left)} is ${predicate.negated && values.length === 1 ? 'not ' : ''}${listed}`);
    }
    case 'member':
      return memberInWords(predicate, table);
    case 'like':
      return is(
        `${show(predicate.of)} ${predicate.negated ? `does not ${MATCH_WORDS[predicate.how]}` : MATCH_WORDS[predicate.how].replace(/^\w+/, '$&s')} “${predicate.text}”`,
      );
    case 'missing':
      return is(`${show(predicate.of)} is ${predicate.negated ? 'known' : 'missing'}`);
    case 'and':
      return is(
        termsInWords(flat(predicate), table)
          .map((term) => term.full)
          .join(' and '),
      );
    case 'or':
      return is(`(${predicate.terms.map((term) => conditionInWords(term, table).full).join(' or ')})`);
    case 'not':
      return is(`it is not so that ${conditionInWords(predicate.term, table).full}`);
  }
}

/** "have no orders where …", "belong to one of the rows …". */
function memberInWords({ left, query, negated }: Predicate & { kind: 'member' }, table: string): ConditionWords {
  const conditions = filtersInWords(query).filter((words) => !words.endsWith('is known'));
  const where = conditions.length > 0 ? ` where ${conditions.join(' and ')}` : '';
  const [order] = query.orderBy;
  const ranked =
    order && query.limit !== null
      ? ` with the ${order.direction === 'desc' ? 'largest' : 'smallest'} ${expressionInWords(order.expression, query.from)}`
      : '';
  const having = query.having ? ` such that the ${conditionInWords(query.having, query.from).full}` : '';
  if (ranked !== '' || (left.kind === 'column' && query.from === left.table)) {
    const text = `${expressionInWords(left, table)} is ${negated ? 'not ' : ''}that of the ${rowInWords(query.from)}${ranked}${where}${having}`;
    return { kind: 'is', text, full: text };
  }
  const things = query.joins.reduce(
    (words, join) => `${words} with ${rowsInWords(join.table)}`,
    rowsInWords(query.from),
  );
  const count = query.having?.kind === 'compare' ? query.having : null;
  if (count?.left.kind === 'aggregate' && count.left.name === 'count' && count.right.kind === 'literal') {
    const counted = rowsInWords(query.joins.at(-1)?.table ?? query.from);
    const most = `${COUNT_WORDS[count.op]} ${String(count.right.value)} ${counted}${where}`;
    const text = negated ? `do not have ${most}` : `have ${most}`;
    return { kind: 'have', text, full: `${rowsInWords(table)} ${text}` };
  }
  const text = `have ${negated ? 'no ' : ''}${things}${where}${having}`;
  return { kind: 'have', text, full: `${rowsInWords(table)} ${text}` };
}
