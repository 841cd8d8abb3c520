/** What a query reads. */
import type { ColumnRef } from '../../catalog/catalog.js';
import type { Query } from '../planning/algebra.js';

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
