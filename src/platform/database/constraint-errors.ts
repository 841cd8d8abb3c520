/** What PostgreSQL says when a statement breaks a rule of the schema. */
import { QueryFailedError } from 'typeorm';

const UNIQUE_VIOLATION = '23505';
/** Since PostgreSQL 18 `ON DELETE RESTRICT` has a code of its own. */
const STILL_REFERENCED = new Set(['23001', '23503']);

/** There is already a row with these values. */
export function isDuplicate(error: unknown): boolean {
  return codeOf(error) === UNIQUE_VIOLATION;
}

/** Other rows refer to the row that was to go, or a row that is referred to is not there. */
export function isStillReferenced(error: unknown): boolean {
  return STILL_REFERENCED.has(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof QueryFailedError && 'code' in error.driverError ? String(error.driverError.code) : '';
}
