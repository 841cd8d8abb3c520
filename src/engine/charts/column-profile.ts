/** Finds the role that each column of a result can play in a chart, from its type, its name and its values. */
import { calendarPositions, granularityOf, monthName, type Granularity } from './calendar.js';
import { cellNumber, cellText, cellTime, yearStart } from './cells.js';
import {
  areYears,
  coordinateOf,
  datePartOf,
  namesAdditive,
  namesAggregate,
  namesIdentifier,
  namesShare,
} from './column-names.js';
import type { CellValue, ResultColumn, ResultTable } from './contract.js';
import { nameWords, readableName } from './wording.js';

interface ProfileBase {
  /** Where the column stands in the result, from 0. */
  column: number;
  /** The column's name in words. */
  title: string;
  /** The column's name in the specification: letters, digits and underscores only. */
  field: string;
  /** Number of distinct values that are not null. */
  distinct: number;
}

/** A quantity that can be drawn to scale. */
export interface Measure extends ProfileBase {
  role: 'measure';
  values: (number | null)[];
  min: number;
  max: number;
  /** The column is named as the outcome of an aggregate (a count, a total, an average …). */
  aggregate: boolean;
  /** Values may be added up: true for counts and totals, false for averages, prices, rates. */
  additive: boolean;
  /** Values are fractions of one. */
  share: boolean;
  /** Whole numbers only. */
  whole: boolean;
  geo: 'latitude' | 'longitude' | null;
}

/** Points in time. */
export interface Time extends ProfileBase {
  role: 'time';
  /** Milliseconds since 1970, UTC. */
  values: (number | null)[];
  granularity: Granularity;
}

/** Names that rows are told apart by. */
export interface Category extends ProfileBase {
  role: 'category';
  values: string[];
  /** Place of each value in its own order (months, hours, quarters …); null when it has none. */
  order: Map<string, number> | null;
  /** The column identifies rows (`id`, `customer_id`) rather than naming them. */
  identifier: boolean;
}

export type Profile = Measure | Time | Category;

export interface ProfiledTable {
  rowCount: number;
  /** The rows are only the beginning of the result. */
  truncated: boolean;
  measures: Measure[];
  times: Time[];
  categories: Category[];
}

/** Fields that drawings add to the data of a specification. */
const DERIVED_FIELDS = ['series', 'value', 'label', 'value_label', 'rank', 'bin_start', 'bin_end'] as const;

/** Profiles every column once; the cost is linear in the number of cells. */
export function profileTable(result: ResultTable): ProfiledTable {
  const fields = fieldNames(result.columns);
  const table: ProfiledTable = {
    rowCount: result.rows.length,
    truncated: result.truncated,
    measures: [],
    times: [],
    categories: [],
  };
  for (const [index, column] of result.columns.entries()) {
    const cells = result.rows.map((row) => row[index] ?? null);
    const profile = profileColumn(column, cells, index, fields[index] ?? `column_${index + 1}`);
    if (profile?.role === 'measure') table.measures.push(profile);
    else if (profile?.role === 'time') table.times.push(profile);
    else if (profile?.role === 'category') table.categories.push(profile);
  }
  groupKeysAmongMeasures(table);
  dropConstants(table);
  dropIdentifiers(table);
  return table;
}

function profileColumn(column: ResultColumn, cells: CellValue[], index: number, field: string): Profile | null {
  const base = { column: index, title: readableName(column.name), field };
  const words = nameWords(column.name);
  switch (column.type) {
    case 'date':
    case 'timestamp':
    case 'timestamptz':
      return timeProfile(base, cells.map(cellTime));
    case 'integer':
    case 'decimal':
    case 'float':
      return numericProfile(base, words, cells, column.type === 'integer');
    case 'text':
    case 'unknown':
      return textProfile(base, words, cells);
    case 'boolean':
    case 'time':
      return categoryProfile(base, cells, false);
    case 'uuid':
      return categoryProfile(base, cells, true);
    default:
      return null;
  }
}

type Base = Pick<ProfileBase, 'column' | 'title' | 'field'>;

function numericProfile(base: Base, words: string[], cells: CellValue[], integerType: boolean): Profile | null {
  const values = cells.map(cellNumber);
  const numbers = values.filter((value) => value !== null);
  if (numbers.length === 0) return null;
  const whole = numbers.every(Number.isInteger);
  const aggregate = namesAggregate(words);
  if (whole && !aggregate) {
    if (areYears(words, numbers)) {
      return timeProfile(
        base,
        values.map((year) => (year === null ? null : yearStart(year))),
      );
    }
    const part = datePartOf(words, numbers);
    if (part !== null) return datePartProfile(base, values, part === 'month');
    if (integerType && namesIdentifier(words)) return categoryProfile(base, cells, true);
  }
  const { min, max } = extent(numbers);
  const share = namesShare(words) && min >= -1 && max <= 1 && !whole;
  return {
    ...base,
    role: 'measure',
    values,
    distinct: new Set(numbers).size,
    min,
    max,
    aggregate,
    additive: namesAdditive(words),
    share,
    whole,
    geo: coordinateOf(words, min, max),
  };
}

function textProfile(base: Base, words: string[], cells: CellValue[]): Profile | null {
  const present = cells.filter((cell) => cell !== null);
  if (present.length === 0) return null;
  const times = cells.map(cellTime);
  if (present.length === times.filter((time) => time !== null).length) return timeProfile(base, times);
  const numbers = present.map(cellNumber);
  if (numbers.every((value) => value !== null) && areYears(words, numbers)) {
    return timeProfile(
      base,
      cells.map((cell) => (cell === null ? null : yearStart(Number(cell)))),
    );
  }
  const identifier = namesIdentifier(words);
  // Files without types bring numbers as text. What starts with a zero is a code.
  const isCode = (cell: CellValue) => typeof cell === 'string' && /^\s*[+-]?0\d/.test(cell);
  const amounts = present.every((cell) => cellNumber(cell) !== null && !isCode(cell));
  if (amounts && !identifier) return numericProfile(base, words, cells, false);
  return categoryProfile(base, cells, identifier && words.at(-1) !== 'code');
}

function timeProfile(base: Base, values: (number | null)[]): Time | null {
  const times = [...new Set(values.filter((value) => value !== null))];
  if (times.length === 0) return null;
  return { ...base, role: 'time', values, distinct: times.length, granularity: granularityOf(times) };
}

function datePartProfile(base: Base, numbers: (number | null)[], months: boolean): Category {
  const label = (value: number) => (months ? monthName(value) : String(value));
  const order = new Map<string, number>();
  for (const value of numbers) if (value !== null) order.set(label(value), value);
  const values = numbers.map((value) => (value === null ? cellText(null) : label(value)));
  return { ...base, role: 'category', values, distinct: order.size, order, identifier: false };
}

function categoryProfile(base: Base, cells: CellValue[], identifier: boolean): Category {
  const values = cells.map(cellText);
  const distinct = [...new Set(values)];
  return {
    ...base,
    role: 'category',
    values,
    distinct: distinct.length,
    order: calendarPositions(distinct),
    identifier,
  };
}

function extent(numbers: number[]): { min: number; max: number } {
  let [min, max] = [Infinity, -Infinity];
  for (const value of numbers) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max };
}

/**
 * In a result that has an aggregate, a number that is not one is what the rows were grouped by: `age, count(*)`. It
 * becomes a category with an order.
 */
function groupKeysAmongMeasures(table: ProfiledTable): void {
  const key = table.measures.find((measure) => !measure.aggregate && measure.geo === null);
  const grouped =
    table.times.length + table.categories.length === 0 && table.measures.some((measure) => measure.aggregate);
  if (!key || !grouped || table.rowCount < 2 || key.distinct !== table.rowCount) return;
  table.measures = table.measures.filter((measure) => measure !== key);
  const order = new Map<string, number>();
  const values = key.values.map((value) => (value === null ? cellText(null) : value.toLocaleString('en-US')));
  for (const [row, value] of key.values.entries()) if (value !== null) order.set(values[row] ?? '', value);
  table.categories.push({
    column: key.column,
    title: key.title,
    field: key.field,
    distinct: key.distinct,
    role: 'category',
    values,
    order,
    identifier: false,
  });
}

/** A dimension that is the same in every row tells no row from another. One is kept when there is no other dimension. */
function dropConstants(table: ProfiledTable): void {
  if (table.rowCount < 2) return;
  const varies = (profile: Profile) => profile.distinct > 1;
  const dimensions: Profile[] = [...table.times, ...table.categories];
  if (!dimensions.some(varies)) return;
  table.times = table.times.filter(varies);
  table.categories = table.categories.filter(varies);
}

/** Identifiers only help where nothing better names the rows. */
function dropIdentifiers(table: ProfiledTable): void {
  const names = table.categories.filter(({ identifier }) => !identifier);
  if (names.length === 0 && table.times.length === 0) {
    table.categories = table.categories.slice(0, 1);
    return;
  }
  table.categories = names;
}

/**
 * A name for each column that Vega-Lite cannot mistake for a path or an expression: it reads `a.b` and `a[b]` as
 * nested fields and prints field names into the expressions it generates.
 */
function fieldNames(columns: ResultColumn[]): string[] {
  const taken = new Set<string>(DERIVED_FIELDS);
  return columns.map(({ name }, index) => {
    const slug = name
      .slice(0, 60)
      .normalize('NFKD')
      .replace(/\p{M}+/gu, '')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
      .replace(/^_+|_+$/g, '');
    let field = /^[a-z]/.test(slug) ? slug : `column_${index + 1}`;
    // A name of Object.prototype would be found in every row.
    while (taken.has(field) || field in {}) field = `${field}_${index + 1}`;
    taken.add(field);
    return field;
  });
}
