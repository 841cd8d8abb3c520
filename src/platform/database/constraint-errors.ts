/** What PostgreSQL says when a statement breaks a rule of the schema, or is in the way of another. */
import { QueryFailedError } from 'typeorm';

const UNIQUE_VIOLATION = '23505';
/** Since PostgreSQL 18 `ON DELETE RESTRICT` has a code of its own. */
const STILL_REFERENCED = new Set(['23001', '23503']);
/** A failed serialisation, and a deadlock. */
const COLLISIONS = new Set(['40001', '40P01']);

/** There is already a row with these values. */
export function isDuplicate(error: unknown): boolean {
  return codeOf(error) === UNIQUE_VIOLATION;
}

/** Other rows refer to the row that was to go, or a row that is referred to is not there. */
export function isStillReferenced(error: unknown): boolean {
  return STILL_REFERENCED.has(codeOf(error));
}

/** Two transactions were in each other's way, and this one had to give in: it may well succeed when it is tried again. */
export function isCollision(error: unknown): boolean {
  return COLLISIONS.has(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof QueryFailedError && 'code' in error.driverError ? String(error.driverError.code) : '';
}
