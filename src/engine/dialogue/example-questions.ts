import type { Catalog, CatalogColumn, CatalogTable } from '../catalog/catalog.js';

const TABLES_LOOKED_AT = 4;
const NUMBERS = new Set(['integer', 'decimal', 'float']);
const TIMES = new Set(['date', 'timestamp', 'timestamptz']);

/**
 * Questions that one might ask of this data, the most telling first. They are made from names and types alone: no value of
 * the data is in them. Whether each can be answered is for the engine to say.
 */
export function exampleCandidates({ tables }: Catalog): string[] {
  const seen = tables
    .filter(({ hidden }) => !hidden)
    .toSorted((a, b) => b.columns.length - a.columns.length || a.name.localeCompare(b.name))
    .slice(0, TABLES_LOOKED_AT);
  const ofEach = seen.map(candidatesOf);
  const longest = Math.max(0, ...ofEach.map(({ length }) => length));
  // In turns, so that the first few are about several tables.
  return Array.from({ length: longest }, (_, nth) => ofEach.flatMap((some) => some[nth] ?? [])).flat();
}

function candidatesOf(table: CatalogTable): string[] {
  const columns = table.columns.filter(({ hidden, sensitivity }) => !hidden && sensitivity === 'none');
  const name = inWords(table.name);
  const measure = columns.find((column) => isMeasure(column, table));
  const time = columns.find(({ type }) => TIMES.has(type));
  const group = columns.find(isGroup);
  return [
    ...(measure && group ? [`Total ${inWords(measure.name)} by ${inWords(group.name)}`] : []),
    `How many ${name} are there?`,
    ...(time ? [`How many ${name} per month?`] : []),
    ...(group ? [`How many ${name} per ${inWords(group.name)}?`] : []),
    ...(measure ? [`Average ${inWords(measure.name)} of ${name}`] : []),
  ];
}

function isMeasure({ name, type }: CatalogColumn, { primaryKey }: CatalogTable): boolean {
  return NUMBERS.has(type) && !primaryKey.includes(name) && !/(^|_)(id|key|code|year|number|no|zip)$/i.test(name);
}

/** Has few values, more than one. */
function isGroup({ type, values, stats }: CatalogColumn): boolean {
  const distinct = values?.length ?? stats.distinct;
  return type === 'text' && distinct !== null && distinct > 1 && distinct <= 50;
}

/** `order_items`, `OrderItems` and `shop.order_items` are "order items". */
function inWords(name: string): string {
  const own = name.slice(name.lastIndexOf('.') + 1);
  return own
    .replaceAll(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ')
    .replaceAll('_', ' ')
    .toLowerCase()
    .trim();
}
