/** What differs between the dialects that queries are printed in. */
import type { Dialect } from '../../catalog/catalog.js';
import type { AggregateName, TimeUnit } from '../lexicon/lexicon.js';

export interface DialectRules {
  identifier(name: string): string;
  /** The name of a table, behind that of its schema and a dot when it is outside the default one. */
  table(name: string): string;
  text(value: string): string;
  aggregate(name: AggregateName, of: string): string;
  truncate(unit: TimeUnit, of: string): string;
  /** The number of the day of the week, from 1 for Monday. */
  weekday(of: string): string;
  /** A span of time, to be added to a date. */
  interval(amount: number, unit: 'day' | 'month'): string;
  cast(of: string, to: 'text' | 'number' | 'date'): string;
  round(of: string, digits: number): string;
  /** Whole units between two moments. */
  elapsed(unit: TimeUnit, from: string, to: string): string;
  like(of: string, how: 'contains' | 'starts' | 'ends', text: string, negated: boolean): string;
  /** A whole number that a division by it, or of it, does not round. */
  exact(value: number): string;
  /** The end of a statement that gives some of its rows: at most `limit`, without the first `offset`. */
  window(limit: number, offset: number): string;
  /** What puts the largest first, and values that are missing behind them. */
  descending: string;
  /**
   * Whether columns are always named with their table: a column alone could be taken for an output of the same name.
   */
  qualifiesColumns: boolean;
  /** Whether a median is taken from the positions of the values, since there is no function for it. */
  countsToMedian: boolean;
}

/** Where a query that counts to a median finds the position of a value in its group, and the number of values there. */
export const medianColumns = (value: string): { position: string; size: string } => ({
  position: `${value}_position`,
  size: `${value}_size`,
});

/** Words that must be quoted as names somewhere. Quoting one too many does no harm. */
const RESERVED = new Set(
  (
    'all analyse analyze and any array as asc asof at authorization between both by case cast check collate column concurrently constraint create cross cube current ' +
    'current_catalog current_date current_role current_schema current_time current_timestamp current_user database date day default deferrable delete desc describe distinct div do ' +
    'double else end escape except exists explain extract false fetch filter final first float for foreign format freeze from full function glob grant group grouping groups having hour if ilike ' +
    'in index initially inner insert int intersect interval into is isnull join key keys lambda lag last lateral lead leading left like limit lines load localtime localtimestamp lock match minus minute month ' +
    'natural not notnull null nulls of off offset on only or order outer over overlaps partition percent pivot placing position prewhere primary procedure qualify range rank read ' +
    'recursive references release rename replace returning right row rows sample schema second select semi session_user set settings show similar some sql summarize symmetric system table tables ' +
    'tablesample then time timestamp to top trailing trigger true union unique unpivot unsigned update usage use user using value values variadic verbose view when where ' +
    'window with within without year'
  ).split(' '),
);

function quoted(name: string, quote: string): string {
  if (/^[a-z_][a-z0-9_]*$/.test(name) && !RESERVED.has(name)) return name;
  return quote + name.replaceAll(quote, quote + quote) + quote;
}

const standardText = (value: string): string => `'${value.replaceAll('\0', '').replaceAll("'", "''")}'`;
/** For engines in which a backslash escapes inside a string. */
const backslashText = (value: string): string =>
  `'${value.replaceAll('\0', '').replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

/** A LIKE pattern in which every mark of the text stands for itself. */
function pattern(how: 'contains' | 'starts' | 'ends', text: string, escape: '!' | '\\'): string {
  const marks = escape === '!' ? /[!%_]/g : /[\\%_]/g;
  const safe = text.replace(marks, (mark) => escape + mark);
  if (how === 'starts') return `${safe}%`;
  return how === 'ends' ? `%${safe}` : `%${safe}%`;
}

const FUNCTIONS: Record<AggregateName, string> = {
  count: 'COUNT',
  sum: 'SUM',
  avg: 'AVG',
  min: 'MIN',
  max: 'MAX',
  median: 'MEDIAN',
  stddev: 'STDDEV',
};

/** What stands before the first dot is the schema. */
function qualified(name: string, quote: string): string {
  const dot = name.indexOf('.');
  if (dot < 1) return quoted(name, quote);
  return `${quoted(name.slice(0, dot), quote)}.${quoted(name.slice(dot + 1), quote)}`;
}

const standard = {
  identifier: (name) => quoted(name, '"'),
  table: (name) => qualified(name, '"'),
  text: standardText,
  aggregate: (name, of) => `${FUNCTIONS[name]}(${of})`,
  truncate: (unit, of) => `date_trunc('${unit}', ${of})`,
  weekday: (of) => `EXTRACT(ISODOW FROM ${of})`,
  interval: (amount, unit) => `INTERVAL '${Math.trunc(amount)} ${unit}'`,
  cast: (of, to) => `CAST(${of} AS ${{ text: 'VARCHAR', number: 'DOUBLE', date: 'TIMESTAMP' }[to]})`,
  round: (of, digits) => `ROUND(${of}, ${Math.trunc(digits)})`,
  elapsed: (unit, from, to) => `date_diff('${unit}', ${from}, ${to})`,
  like(of, how, text, negated) {
    // Without ESCAPE, PostgreSQL takes a backslash for a mark.
    const escape = /[!%_\\]/.test(text) ? ` ESCAPE '!'` : '';
    return `${of} ${negated ? 'NOT ' : ''}ILIKE ${standardText(pattern(how, text, '!'))}${escape}`;
  },
  exact: (value) => `${value}.0`,
  window: (limit, offset) => `LIMIT ${limit} OFFSET ${offset}`,
  descending: 'DESC NULLS LAST',
  qualifiesColumns: false,
  countsToMedian: false,
} satisfies DialectRules;

const RULES: Record<Dialect, DialectRules> = {
  duckdb: {
    ...standard,
    // Tables of files have no schema, and their names may hold dots.
    table: (name) => quoted(name, '"'),
    cast: (of, to) => (to === 'text' ? standard.cast(of, to) : standard.cast(of, to).replace('CAST', 'TRY_CAST')),
  },
  postgres: {
    ...standard,
    aggregate: (name, of) =>
      name === 'median' ? `percentile_cont(0.5) WITHIN GROUP (ORDER BY ${of})` : standard.aggregate(name, of),
    cast: (of, to) =>
      to === 'number'
        ? `CASE WHEN ${of} ~ '^\\s*-?[0-9]+(\\.[0-9]+)?\\s*$' THEN CAST(${of} AS NUMERIC) END`
        : standard.cast(of, to),
    // It rounds exact numbers only.
    round: (of, digits) => `ROUND(CAST(${of} AS NUMERIC), ${Math.trunc(digits)})`,
    elapsed: postgresElapsed,
  },
  mysql: {
    ...standard,
    identifier: (name) => quoted(name, '`'),
    table: (name) => qualified(name, '`'),
    text: backslashText,
    aggregate: mysqlAggregate,
    truncate: mysqlTruncate,
    weekday: (of) => `(WEEKDAY(${of}) + 1)`,
    interval: (amount, unit) => `INTERVAL ${Math.trunc(amount)} ${unit.toUpperCase()}`,
    elapsed: (unit, from, to) => `TIMESTAMPDIFF(${unit.toUpperCase()}, ${from}, ${to})`,
    cast: (of, to) =>
      to === 'number'
        ? // A text that is no number would be 0.
          `CASE WHEN ${of} REGEXP '^ *-?[0-9]+([.][0-9]+)? *$' THEN CAST(${of} AS DOUBLE) END`
        : `CAST(${of} AS ${{ text: 'CHAR', date: 'DATETIME' }[to]})`,
    like: (of, how, text, negated) =>
      `LOWER(${of}) ${negated ? 'NOT ' : ''}LIKE ${backslashText(pattern(how, text.toLowerCase(), '\\'))}`,
    // Missing values are the smallest, and there is no NULLS LAST.
    descending: 'DESC',
    countsToMedian: true,
  },
  clickhouse: {
    ...standard,
    identifier: (name) => quoted(name.replaceAll('\\', '\\\\'), '`'),
    table: (name) => qualified(name.replaceAll('\\', '\\\\'), '`'),
    text: backslashText,
    aggregate: clickhouseAggregate,
    weekday: (of) => `toDayOfWeek(${of})`,
    interval: (amount, unit) => `INTERVAL ${Math.trunc(amount)} ${unit.toUpperCase()}`,
    qualifiesColumns: true,
    cast: (of, to) =>
      ({ text: `toString(${of})`, number: `toFloat64OrNull(${of})`, date: `parseDateTimeBestEffortOrNull(${of})` })[to],
    like: (of, how, text, negated) => `${of} ${negated ? 'NOT ' : ''}ILIKE ${backslashText(pattern(how, text, '\\'))}`,
  },
  trino: {
    ...standard,
    aggregate: trinoAggregate,
    weekday: (of) => `day_of_week(${of})`,
    interval: (amount, unit) => `INTERVAL '${Math.trunc(amount)}' ${unit.toUpperCase()}`,
    // Decimals divided by decimals have no more digits than these.
    exact: (value) => `${value}e0`,
    window: (limit, offset) => `OFFSET ${offset} LIMIT ${limit}`,
    countsToMedian: true,
    cast: (of, to) => `TRY_CAST(${of} AS ${{ text: 'VARCHAR', number: 'DOUBLE', date: 'TIMESTAMP' }[to]})`,
    like(of, how, text, negated) {
      const marked = pattern(how, text.toLowerCase(), '!');
      return `lower(${of}) ${negated ? 'NOT ' : ''}LIKE ${standardText(marked)} ESCAPE '!'`;
    },
  },
};

function mysqlAggregate(name: AggregateName, of: string): string {
  // STDDEV is that of the whole population.
  if (name === 'stddev') return `STDDEV_SAMP(${of})`;
  return name === 'median' ? countedMedian(of, '2', of) : standard.aggregate(name, of);
}

/** The average of the one or two values in the middle; `two` divides without rounding. */
function countedMedian(of: string, two: string, value: string): string {
  const { position, size } = medianColumns(of);
  const middle = `(${size} + 1) / ${two}`;
  return `AVG(CASE WHEN ${position} IN (FLOOR(${middle}), CEIL(${middle})) THEN ${value} END)`;
}

function clickhouseAggregate(name: AggregateName, of: string): string {
  if (name === 'stddev') return `stddevSamp(${of})`;
  // The function median() is an approximation.
  return name === 'median' ? `quantileExactInclusive(0.5)(toFloat64(${of}))` : standard.aggregate(name, of);
}

function trinoAggregate(name: AggregateName, of: string): string {
  if (of.startsWith('DISTINCT ')) return standard.aggregate(name, of);
  // The average of decimals is rounded to their digits.
  if (name === 'avg') return `AVG(CAST(${of} AS DOUBLE))`;
  // approx_percentile() is an approximation. Whole numbers divided by whole numbers are whole.
  return name === 'median' ? countedMedian(of, '2e0', `CAST(${of} AS DOUBLE)`) : standard.aggregate(name, of);
}

function postgresElapsed(unit: TimeUnit, from: string, to: string): string {
  const days = `(CAST(${to} AS date) - CAST(${from} AS date))`;
  if (unit === 'day') return days;
  if (unit === 'week') return `${days} / 7`;
  const part = (name: string, of: string): string => `EXTRACT(${name} FROM ${of})`;
  const years = `(${part('YEAR', to)} - ${part('YEAR', from)})`;
  if (unit === 'year') return years;
  return unit === 'quarter'
    ? `${years} * 4 + ${part('QUARTER', to)} - ${part('QUARTER', from)}`
    : `${years} * 12 + ${part('MONTH', to)} - ${part('MONTH', from)}`;
}

function mysqlTruncate(unit: TimeUnit, of: string): string {
  switch (unit) {
    case 'day':
      return `DATE(${of})`;
    case 'week':
      return `DATE_SUB(DATE(${of}), INTERVAL WEEKDAY(${of}) DAY)`;
    case 'month':
      return `DATE_SUB(DATE(${of}), INTERVAL DAY(${of}) - 1 DAY)`;
    case 'quarter':
      return `MAKEDATE(YEAR(${of}), 1) + INTERVAL QUARTER(${of}) - 1 QUARTER`;
    case 'year':
      return `MAKEDATE(YEAR(${of}), 1)`;
  }
}

export function dialectRules(dialect: Dialect): DialectRules {
  return RULES[dialect];
}
