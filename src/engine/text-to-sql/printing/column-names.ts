/** What the columns of a result are called. */
import { endsWithId } from '../../catalog/key-columns.js';
import type { Expression, Query } from '../planning/algebra.js';

const PREFIXES = {
  count: 'number_of',
  sum: 'total',
  avg: 'average',
  min: 'minimum',
  max: 'maximum',
  median: 'median',
  stddev: 'stddev',
} as const;

/** A name of its own for each column that is shown. */
export function columnNames({ select, from }: Query): string[] {
  const names = select.map(
    ({ alias, expression }, index) =>
      alias ?? aliasOf(expression, from) ?? (expression.kind === 'column' ? expression.column : `column_${index + 1}`),
  );
  return names.map((name, index) => (names.indexOf(name) === index ? name : `${name}_${index + 1}`));
}

/** A readable name for what is computed; null for plain columns, which keep theirs. */
export function aliasOf(expression: Expression, table: string): string | null {
  switch (expression.kind) {
    case 'aggregate': {
      if (expression.of?.kind === 'product') {
        const { called } = expression.of;
        const isRevenue = called === undefined && expression.name === 'sum';
        return isRevenue ? 'revenue' : `${PREFIXES[expression.name]}_${snake(called ?? 'revenue')}`;
      }
      const column = expression.of && baseColumn(expression.of);
      if (expression.name === 'count') {
        if (!column) return `${singular(table)}_count`;
        const subject = endsWithId(column.column) ? singular(column.table) : snake(column.column);
        return expression.distinct && subject === snake(column.column)
          ? `distinct_${subject}_count`
          : `${subject}_count`;
      }
      const prefix = PREFIXES[expression.name];
      const name = column ? snake(column.column) : '';
      return name === '' || name === prefix || name.startsWith(`${prefix}_`) ? name || prefix : `${prefix}_${name}`;
    }
    case 'truncate':
      return expression.later?.name ?? expression.unit;
    case 'weekday':
      return 'weekday';
    case 'round':
      return aliasOf(expression.of, table);
    case 'percentage':
      return 'percentage';
    case 'ratio':
      return expression.isPercent ? 'percentage' : 'ratio';
    case 'elapsed':
      return `${expression.unit}s`;
    case 'over': {
      const name = aliasOf(expression.of, table) ?? 'value';
      return {
        running: `running_${name}`,
        change: `${name}_change`,
        growth: `${name}_growth_percentage`,
        share: 'percentage',
      }[expression.name];
    }
    case 'product':
      return snake(expression.called ?? 'revenue');
    default:
      return null;
  }
}

function baseColumn(expression: Expression): (Expression & { kind: 'column' }) | null {
  if (expression.kind === 'column') return expression;
  return expression.kind === 'cast' || expression.kind === 'truncate' ? baseColumn(expression.of) : null;
}

function snake(name: string): string {
  return name
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1_$2')
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .toLowerCase();
}

function singular(name: string): string {
  return snake(name).replace(/([^s])s$/, '$1');
}
