/** Reads a query back in plain English. */
import type { ColumnRef } from '../../catalog/catalog.js';
import type { Expression, Predicate, Query } from '../planning/algebra.js';
import type { Comparison } from '../lexicon/lexicon.js';

const AGGREGATE_WORDS = {
  count: 'number',
  sum: 'sum',
  avg: 'average',
  min: 'smallest',
  max: 'largest',
  median: 'median',
  stddev: 'standard deviation',
} as const;
const COMPARISON_WORDS: Record<Comparison, string> = {
  '=': 'is',
  '!=': 'is not',
  '<': 'is less than',
  '<=': 'is at most',
  '>': 'is more than',
  '>=': 'is at least',
};
const MATCH_WORDS = { contains: 'contains', starts: 'starts with', ends: 'ends with' } as const;

/** "Average of `age` of `member` where `country` is 'France', by `city`, largest first, the first 5". */
export function paraphrase(query: Query): string {
  const shown = query.select.map((item) => expressionWords(item.expression, query.from));
  const parts = [`${query.distinct ? 'distinct ' : ''}${listWords(shown)}`];
  const named = query.select.some(({ expression }) => expression.kind === 'aggregate' && expression.of === null);
  if (!named) parts[0] += ` of ${code(query.from)}`;
  const filters = filterWords(query);
  if (filters.length > 0) parts[0] += ` where ${filters.join(' and ')}`;
  const groups = query.groupBy.filter((group) =>
    query.select.some((item) => JSON.stringify(item.expression) === JSON.stringify(group)),
  );
  if (groups.length > 0) parts.push(`for each ${listWords(groups.map((group) => expressionWords(group, query.from)))}`);
  if (query.having) parts.push(`only where ${predicateWords(query.having, query.from)}`);
  for (const { expression, direction } of query.orderBy) {
    parts.push(`${direction === 'desc' ? 'largest' : 'smallest'} ${expressionWords(expression, query.from)} first`);
  }
  if (query.limit !== null) parts.push(query.limit === 1 ? 'only the first' : `only the first ${query.limit}`);
  const text = parts.join(', ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** Each filter of the query, in plain words. */
export function filterWords(query: Query): string[] {
  if (!query.where) return [];
  const terms = query.where.kind === 'and' ? query.where.terms : [query.where];
  return terms.map((term) => predicateWords(term, query.from));
}

/** Every column that the query reads, each once. */
export function columnsRead(query: Query): ColumnRef[] {
  const found = new Map<string, ColumnRef>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const item of value) visit(item);
    } else if (isRecord(value)) {
      if (value['kind'] === 'column' && typeof value['table'] === 'string' && typeof value['column'] === 'string') {
        const reference = { table: value['table'], column: value['column'] };
        found.set(JSON.stringify(reference), reference);
      } else {
        for (const item of Object.values(value)) visit(item);
      }
    }
  };
  visit(query);
  return [...found.values()];
}

/** Every table that the query reads, each once. */
export function tablesRead(query: Query): string[] {
  const tables = new Set<string>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const item of value) visit(item);
    } else if (isRecord(value)) {
      if (Array.isArray(value['select']) && typeof value['from'] === 'string') tables.add(value['from']);
      if (typeof value['table'] === 'string' && Array.isArray(value['on'])) tables.add(value['table']);
      for (const item of Object.values(value)) visit(item);
    }
  };
  visit(query);
  return [...tables];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function code(name: string): string {
  return `\`${name}\``;
}

function listWords(words: readonly string[]): string {
  if (words.length <= 1) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function expressionWords(expression: Expression, table: string): string {
  switch (expression.kind) {
    case 'column':
      return expression.table === table
        ? code(expression.column)
        : `${code(expression.column)} of ${code(expression.table)}`;
    case 'aggregate': {
      if (expression.of === null) return `number of rows of ${code(table)}`;
      const of = expressionWords(expression.of, table);
      return `${AGGREGATE_WORDS[expression.name]} of ${expression.distinct ? 'different ' : ''}${of}`;
    }
    case 'truncate':
      return `${expression.unit} of ${expressionWords(expression.of, table)}`;
    case 'literal':
      return typeof expression.value === 'string' ? `“${expression.value}”` : String(expression.value);
    case 'date':
      return expression.value;
    case 'cast':
      return expressionWords(expression.of, table);
    case 'scalar': {
      const words = paraphrase(expression.query).replace(/\.$/, '');
      return `the ${words.charAt(0).toLowerCase()}${words.slice(1)}`;
    }
    case 'percentage':
      return `percentage where ${predicateWords(expression.part, table)}`;
  }
}

function predicateWords(predicate: Predicate, table: string): string {
  const show = (expression: Expression): string => expressionWords(expression, table);
  switch (predicate.kind) {
    case 'compare': {
      const isDate = predicate.right.kind === 'date';
      const words = isDate ? DATE_WORDS[predicate.op] : COMPARISON_WORDS[predicate.op];
      return `${show(predicate.left)} ${words} ${show(predicate.right)}`;
    }
    case 'in': {
      const values = predicate.values.map((value) => (typeof value === 'string' ? `“${value}”` : String(value)));
      return `${show(predicate.left)} is ${predicate.negated ? 'not ' : ''}${values.length > 1 ? `one of ${values.join(', ')}` : (values[0] ?? '')}`;
    }
    case 'member': {
      const inner = predicate.query;
      const filters = filterWords(inner);
      const conditions = filters.filter((words) => !words.endsWith('is known'));
      const ordered =
        inner.limit !== null
          ? ` (${inner.orderBy.map((order) => `${order.direction === 'desc' ? 'largest' : 'smallest'} ${expressionWords(order.expression, inner.from)}`).join(', ')})`
          : '';
      const having = inner.having ? ` such that ${predicateWords(inner.having, inner.from)}` : '';
      const where = conditions.length > 0 ? ` where ${conditions.join(' and ')}` : '';
      const tables = [inner.from, ...inner.joins.map((join) => join.table)].map(code);
      return `there is ${predicate.negated ? 'no' : 'a'} related row in ${tables.join(' with ')}${ordered}${where}${having}`;
    }
    case 'like':
      return `${show(predicate.of)} ${predicate.negated ? 'does not match' : MATCH_WORDS[predicate.how]} “${predicate.text}”`;
    case 'missing':
      return `${show(predicate.of)} is ${predicate.negated ? 'known' : 'missing'}`;
    case 'and':
    case 'or':
      return `(${predicate.terms.map((term) => predicateWords(term, table)).join(` ${predicate.kind} `)})`;
    case 'not':
      return `not ${predicateWords(predicate.term, table)}`;
  }
}

const DATE_WORDS: Record<Comparison, string> = {
  '=': 'is',
  '!=': 'is not',
  '<': 'is before',
  '<=': 'is up to',
  '>': 'is after',
  '>=': 'is from',
};
