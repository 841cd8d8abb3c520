import { DomainError } from '../../../platform/errors/domain-error.js';
import type { JobQueue } from '../../../platform/jobs/index.js';
import type { AlertConditionDto } from '../dto/alert.dto.js';
import { type AlertCondition, isNumeric, isTemporal, type Operator, type WatchedColumn } from './alert-condition.js';

const SYMBOLS: Readonly<Record<string, Operator>> = {
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
  eq: '=',
  neq: '!=',
};

/**
 * The condition as it is stored, every choice made.
 *
 * @param columns of the result that the query has
 * @throws DomainError `validation_failed` where condition and result do not go together
 */
export function readCondition(wanted: AlertConditionDto, columns: readonly WatchedColumn[] | null): AlertCondition {
  if (columns === null) throw refused('query_id', 'is a query without a result: run it first, or take another one');
  const { type, value = null, operator: given = null } = wanted;
  const aggregate = wanted.aggregate ?? (type === 'threshold' ? 'any' : 'last');
  const operator = given === null ? null : (SYMBOLS[given] ?? (given as Operator));
  if (type === 'threshold' && operator === null) throw refused('operator', 'is needed for a threshold, such as >');
  if ((type === 'threshold' || type === 'change') && value === null) throw refused('value', `is needed for a ${type}`);
  if ((type === 'anomaly' || type === 'missing') && operator !== null)
    throw refused('operator', `has no meaning for ${type}`);
  if (
    value !== null &&
    value <= 0 &&
    (type === 'anomaly' || type === 'missing' || (type === 'change' && operator === null))
  ) {
    throw refused('value', 'must be greater than 0');
  }
  if (aggregate === 'any' && type !== 'threshold') throw refused('aggregate', 'can be any for a threshold only');
  return {
    query_id: wanted.query_id,
    type,
    column: columnOf(wanted, type === 'missing', aggregate === 'count', columns),
    aggregate,
    operator,
    value,
    unit: wanted.unit ?? 'percent',
    consecutive: wanted.consecutive ?? 1,
    schedule: wanted.schedule ?? null,
    timezone: wanted.timezone ?? 'UTC',
  };
}

function columnOf(
  { column = null, value = null }: AlertConditionDto,
  isMissing: boolean,
  isCount: boolean,
  columns: readonly WatchedColumn[],
): string | null {
  const found = columns.find(({ name }) => name === column) ?? columns.find(({ name }) => same(name, column));
  if (column !== null && found === undefined) {
    throw refused('column', `is no column of the result, which has ${named(columns)}`);
  }
  if (isMissing) {
    if (value !== null && (found === undefined || !isTemporal(found))) {
      throw refused('column', 'must be a date or a time, for its age to be told; leave value out otherwise');
    }
    return found?.name ?? null;
  }
  if (isCount) return found?.name ?? null;
  const numeric = columns.filter(isNumeric);
  if (found !== undefined) {
    if (isNumeric(found)) return found.name;
    throw refused('column', `is not a number; those are: ${named(numeric)}`);
  }
  const [only, ...others] = numeric;
  if (only !== undefined && others.length === 0) return only.name;
  throw refused(
    'column',
    numeric.length === 0 ? 'is needed, and the result has no numbers' : `is needed: one of ${named(numeric)}`,
  );
}

/** @throws DomainError `validation_failed` when the times of a schedule cannot be read */
export function readTimes({ schedule = null, timezone = 'UTC' }: AlertConditionDto, jobs: JobQueue): void {
  try {
    Intl.DateTimeFormat('en', { timeZone: timezone });
  } catch (cause) {
    throw refused('timezone', 'must be a name of the IANA time zone database, such as Europe/Berlin', cause);
  }
  if (schedule === null) return;
  const wrong = 'must be five fields as crontab has them, with a time to come, such as 0 7 * * 1';
  try {
    if (schedule.trim().split(/\s+/).length === 5 && jobs.nextTimes(schedule, timezone, 1).length === 1) return;
  } catch (cause) {
    throw refused('schedule', wrong, cause);
  }
  throw refused('schedule', wrong);
}

function same(name: string, wanted: string | null): boolean {
  return name.toLowerCase() === wanted?.toLowerCase();
}

function named(columns: readonly WatchedColumn[]): string {
  return (
    columns
      .slice(0, 20)
      .map(({ name }) => name)
      .join(', ') || 'none'
  );
}

function refused(field: string, message: string, cause?: unknown): DomainError {
  return new DomainError('validation_failed', 'The condition does not go together with the query.', {
    errors: [{ field: `condition.${field}`, message }],
    cause,
  });
}
