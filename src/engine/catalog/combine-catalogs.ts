/** One catalogue of tables from several. */
import type { Catalog, CatalogColumn, CatalogTable, ColumnRef, Relationship } from './catalog.js';
import { inferRelationships } from './infer-relationships.js';

/** A table of a source, under the name that it gets beside the others. */
export interface CatalogPart {
  name: string;
  /** Tells the sources apart. */
  source: number;
  /** With the name that it has in its source. */
  table: CatalogTable;
}

/** Values were not looked up for these, so they are less sure than what is found within a source. */
const ACROSS_SOURCES = 0.9;

/**
 * Puts tables of several sources together. How tables of one source relate is kept where both are there; what people have said
 * there counts as declared here. Columns that refer to nothing in their own source are related to keys of the others when
 * the names speak for it and nothing that is known of the values speaks against it.
 *
 * @param relationships of every source, in its own names
 */
export async function combineCatalogs(
  parts: readonly CatalogPart[],
  relationships: ReadonlyMap<number, readonly Relationship[]>,
): Promise<Catalog> {
  const tables = parts.map(({ name, table }) => ({ ...table, name }));
  const kept = [...relationships].flatMap(([source, ofSource]) => renamed(ofSource, partsOf(parts, source)));
  const across = await relateAcross(parts, tables, kept);
  return { tables, relationships: [...kept, ...across] };
}

function partsOf(parts: readonly CatalogPart[], source: number): CatalogPart[] {
  return parts.filter((part) => part.source === source);
}

/** A table that is there twice, under two names, has the relationships twice. */
function renamed(relationships: readonly Relationship[], parts: readonly CatalogPart[]): Relationship[] {
  const namesOf = ({ table }: ColumnRef): string[] =>
    parts.filter((part) => part.table.name === table).map(({ name }) => name);
  return relationships.flatMap(({ from, to, origin, confidence }) =>
    namesOf(from).flatMap((fromName) =>
      namesOf(to).map((toName) => ({
        from: { ...from, table: fromName },
        to: { ...to, table: toName },
        origin: origin === 'user' ? ('declared' as const) : origin,
        confidence,
      })),
    ),
  );
}

async function relateAcross(
  parts: readonly CatalogPart[],
  tables: readonly CatalogTable[],
  kept: readonly Relationship[],
): Promise<Relationship[]> {
  const sources = new Map(parts.map(({ name, source }) => [name, source]));
  const columns = new Map(
    tables.flatMap((table) => table.columns.map((column) => [key(table.name, column.name), column])),
  );
  const related = new Set(kept.map(({ from }) => key(from.table, from.column)));
  const found = await inferRelationships(tables, (from, to) => {
    const isAcross = sources.get(from.table) !== sources.get(to.table);
    const [referring, referred] = [from, to].map(({ table, column }) => columns.get(key(table, column)));
    if (!isAcross || related.has(key(from.table, from.column)) || !referring || !referred) return Promise.resolve(null);
    return Promise.resolve(knownInclusion(referring, referred));
  });
  return found.map((one) => ({ ...one, confidence: Math.round(one.confidence * ACROSS_SOURCES * 100) / 100 }));
}

const key = (table: string, column: string): string => JSON.stringify([table, column]);

/**
 * The share of the values of one column that can be in another, as far as the catalogue tells: exactly where both have few
 * values, otherwise all of them unless samples or ranges say that it cannot be. Null when there are no values.
 */
function knownInclusion(from: CatalogColumn, to: CatalogColumn): number | null {
  if (from.stats.distinct === 0) return null;
  if (from.values !== null && from.values.length > 0 && to.values !== null) return share(from.values, to.values);
  if (from.stats.distinct !== null && to.stats.distinct !== null && from.stats.distinct > to.stats.distinct) return 0;
  if (to.values !== null && share(from.stats.samples, to.values) < 1) return 0;
  return isNumeric(from) && isNumeric(to) && !isWithin(from, to) ? 0 : 1;
}

function share(values: readonly string[], among: readonly string[]): number {
  if (values.length === 0) return 1;
  const known = new Set(among);
  return values.filter((value) => known.has(value)).length / values.length;
}

const isNumeric = ({ type }: CatalogColumn): boolean => type === 'integer' || type === 'decimal';

function isWithin(from: CatalogColumn, to: CatalogColumn): boolean {
  const bounds = [from.stats.min, from.stats.max, to.stats.min, to.stats.max];
  if (bounds.includes(null)) return true;
  const [low = 0, high = 0, lowest = 0, highest = 0] = bounds.map(Number);
  return low >= lowest && high <= highest;
}
