import { tableName } from '../../engine/connectors/duckdb/index.js';

/** A table that is to be a part of a combined source. */
export interface NamedPart {
  table: string;
  /** What people call the source that it is in. */
  sourceName: string;
  /** What it shall be called; left to us when undefined. */
  name?: string | undefined;
}

/**
 * Names that are easy to write in SQL: `orders` for the tables Orders and sales.orders, and `crm_orders` for that of a source
 * named CRM when there is more than one. Names that people have chosen stay as they are.
 */
export function namesOfParts(parts: readonly NamedPart[]): string[] {
  const taken = new Set(parts.flatMap(({ name }) => name?.toLowerCase() ?? []));
  const plain = parts.map(({ table }) => tableName(table.split('.').at(-1) ?? table));
  return parts.map(({ table, sourceName, name }, index) => {
    if (name !== undefined) return name;
    const wanted = plain[index] ?? table;
    const isClear = parts.every((part, other) => other === index || part.name !== undefined || plain[other] !== wanted);
    const chosen = isClear && !taken.has(wanted) ? wanted : tableName(`${sourceName}_${wanted}`, taken);
    taken.add(chosen);
    return chosen;
  });
}
