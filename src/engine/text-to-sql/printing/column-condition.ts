/** A condition on one column with values that people choose, such as a filter of a dashboard. */
import type { ColumnType, Dialect } from '../../catalog/catalog.js';
import { dialectRules } from './dialects.js';

/** How the values of a column can be chosen: one by one, or from here to there. */
export type ConditionKind = 'values' | 'range';

export interface ColumnCondition {
  column: string;
  type: ColumnType;
  /** One of these; numbers as text in plain digits. */
  values?: readonly string[];
  /** This or more, and this or less; both ends count, and a day counts to its end. Either may be left open. */
  from?: string | undefined;
  to?: string | undefined;
}

const NUMBERS: ReadonlySet<ColumnType> = new Set(['integer', 'decimal', 'float']);
const DAYS: ReadonlySet<ColumnType> = new Set(['date', 'timestamp', 'timestamptz']);
const TEXTS: ReadonlySet<ColumnType> = new Set(['text']);

/** The kinds of conditions that a column of this type can have; none where its values cannot be written down. */
export function conditionKindsOf(type: ColumnType): readonly ConditionKind[] {
  if (NUMBERS.has(type)) return ['values', 'range'];
  if (DAYS.has(type)) return ['range'];
  return TEXTS.has(type) || type === 'boolean' ? ['values'] : [];
}

/** Whether a value can stand in a condition on a column of this type: a number, a day (ISO 8601), true or false, any text. */
export function isValueOf(type: ColumnType, value: string): boolean {
  if (NUMBERS.has(type)) return /^-?\d{1,30}(\.\d{1,20})?$/.test(value);
  if (DAYS.has(type)) return isDay(value);
  if (type === 'boolean') return value === 'true' || value === 'false';
  return TEXTS.has(type) && value.isWellFormed() && !value.includes('\0');
}

/**
 * The condition in a dialect. Every value is printed as a literal of its kind; whoever uses the condition has it parsed and
 * checked like any other before it runs.
 *
 * @throws Error for a value that `isValueOf` refuses
 */
export function printColumnCondition(dialect: Dialect, condition: ColumnCondition): string {
  const { identifier, text } = dialectRules(dialect);
  const { type, values, from, to } = condition;
  const column = identifier(condition.column);
  const literal = (value: string): string => {
    if (!isValueOf(type, value)) throw new Error(`This is no value of a column of type ${type}.`);
    if (DAYS.has(type)) return `DATE ${text(value)}`;
    return TEXTS.has(type) ? text(value) : value.toUpperCase();
  };
  if (values !== undefined) return `${column} IN (${values.map(literal).join(', ')})`;
  const bounds = [
    ...(from === undefined ? [] : [`${column} >= ${literal(from)}`]),
    // What happens on a day happens before the next one.
    ...(to === undefined
      ? []
      : [DAYS.has(type) ? `${column} < ${literal(nextDay(to))}` : `${column} <= ${literal(to)}`]),
  ];
  return bounds.join(' AND ');
}

function isDay(value: string): boolean {
  if (!/^[0-9]{4}-\d\d-\d\d$/.test(value) || value > '9999-12-30' || value < '0001-01-01') return false;
  const time = Date.parse(`${value}T00:00:00Z`);
  return Number.isFinite(time) && new Date(time).toISOString().startsWith(value);
}

function nextDay(value: string): string {
  return new Date(Date.parse(`${value}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}
