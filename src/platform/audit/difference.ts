import type { AuditEntry } from './audit-log.js';

/**
 * The fields of an object that a change has given another value, before and after.
 *
 * @param fields those that may be told: what is left out, such as a password's hash, never gets into the trail
 * @returns null when none of them has changed
 */
export function difference<T extends object>(
  before: T,
  after: T,
  fields: readonly (keyof T & string)[],
): Pick<AuditEntry, 'before' | 'after'> | null {
  const changed = fields.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
  return changed.length === 0 ? null : { before: pick(before, changed), after: pick(after, changed) };
}

/** Some fields of an object, under the names that they have on the wire. */
export function pick<T extends object>(object: T, fields: readonly (keyof T & string)[]): Record<string, unknown> {
  return Object.fromEntries(fields.map((field) => [snakeCase(field), object[field] ?? null]));
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
