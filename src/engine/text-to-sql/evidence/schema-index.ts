/** The tables and columns of a catalogue, prepared for being named in a question. */
import type { Catalog, CatalogColumn, CatalogTable, ColumnStats, ColumnType } from '../../catalog/catalog.js';
import type { Lexicon } from '../lexicon/lexicon.js';
import { fold } from '../language/tokens.js';
import type { ColumnEntry, NamedEntry, TableEntry } from './entries.js';
import type { GlossaryTerm } from '../contract.js';
import { type Metric, readFormula } from '../knowledge/metric-formulas.js';
import { revenueOf } from './revenue.js';
import { gluedWords, NameReader, splitName } from './names.js';

export type { ColumnEntry, NamedEntry, TableEntry } from './entries.js';

const NUMERIC: ReadonlySet<ColumnType> = new Set(['integer', 'decimal', 'float']);
const TEMPORAL: ReadonlySet<ColumnType> = new Set(['date', 'timestamp', 'timestamptz']);
const NUMBER_TEXT = /^\s*-?\d+(?:\.\d+)?\s*$/;
const DATE_TEXT = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?$/;

export const isNumeric = (entry: ColumnEntry): boolean => NUMERIC.has(entry.column.type);
export const isTemporal = (entry: ColumnEntry): boolean => TEMPORAL.has(entry.column.type);
/** True for a flag: a boolean column, or one that holds only 0 and 1, yes and no, and the like. */
export function flagValue(entry: ColumnEntry): string | number | boolean | null {
  if (entry.column.type === 'boolean') return true;
  const { min, max, distinct } = entry.column.stats;
  if (isNumeric(entry)) return distinct !== null && distinct <= 2 && min === '0' && max === '1' ? 1 : null;
  const values = entry.column.values ?? [];
  if (!isText(entry) || values.length === 0 || values.length > 2) return null;
  const yes = values.find((value) => /^(?:y|yes|t|true|1)$/i.test(value));
  return yes !== undefined && values.every((value) => /^(?:y|yes|t|true|1|n|no|f|false|0)$/i.test(value)) ? yes : null;
}

export const isText = (entry: ColumnEntry): boolean => entry.column.type === 'text';

/** True for a column of parts of one, such as 0.25 for a quarter: they cannot be added up. */
export function holdsShares({ column }: ColumnEntry): boolean {
  const { min, max } = column.stats;
  if (column.type !== 'decimal' && column.type !== 'float') return false;
  return min !== null && max !== null && Number(min) >= 0 && Number(max) > 0 && Number(max) <= 1;
}

/** True for a text column whose known values are all numbers. */
export function holdsNumberText(entry: ColumnEntry): boolean {
  return isText(entry) && everySample(entry, NUMBER_TEXT);
}

/** True for a text column whose known values are all ISO 8601 dates. */
export function holdsDateText(entry: ColumnEntry): boolean {
  return isText(entry) && everySample(entry, DATE_TEXT);
}

/** Words of names that four-digit numbers under them are years. */
const YEAR_NAMES: ReadonlySet<string> = new Set(
  'year season born birth founded established built opened released published created started joined hired since debut'.split(
    ' ',
  ),
);

/** True for a column of calendar years: four-digit numbers under a name that says so. */
export function holdsYears(entry: ColumnEntry): boolean {
  if (!isNumeric(entry) && !holdsNumberText(entry)) return false;
  const isYear = (text: string | null): boolean => text === null || /^(?:1[5-9]|20|21)\d\d(?:\.0+)?$/.test(text);
  const { min, max, samples } = entry.column.stats;
  const inRange = isYear(min) && isYear(max) && samples.every(isYear);
  return (
    inRange &&
    [...entry.words, ...splitName(entry.column.name)].some((word) => YEAR_NAMES.has(word)) &&
    (min !== null || samples.length > 0)
  );
}

function everySample(entry: ColumnEntry, pattern: RegExp): boolean {
  const samples = entry.column.stats.samples.length > 0 ? entry.column.stats.samples : (entry.column.values ?? []);
  return samples.length > 0 && samples.slice(0, 20).every((sample) => pattern.test(sample));
}

export class SchemaIndex {
  readonly tables: TableEntry[] = [];
  /** Entries by a word of their name, in dictionary form. */
  readonly byWord = new Map<string, NamedEntry[]>();
  /** What was earned with the rows of a table, where that is worked out from its columns. */
  readonly revenues = new Map<TableEntry, ColumnEntry>();
  /** Words of names by their stem. */
  readonly wordsByStem = new Map<string, string[]>();

  constructor(
    readonly catalog: Catalog,
    private readonly lexicon: Lexicon,
    glossary: readonly GlossaryTerm[] = [],
    translate: (name: string) => string | null = () => null,
  ) {
    const tables = catalog.tables.filter((table) => !table.hidden);
    const reader = new NameReader(lexicon, apartWords(tables));
    const prefix = reader.sharedPrefix(tables.map((table) => table.name));
    const foreign = new Set(catalog.relationships.map(({ from }) => JSON.stringify([from.table, from.column])));
    const referred = new Set(catalog.relationships.map(({ to }) => JSON.stringify([to.table, to.column])));
    for (const table of tables) {
      const entry = tableEntry(table, prefix, reader, lexicon, translate);
      const columns = table.columns.filter((column) => !column.hidden);
      const columnPrefix = reader.sharedPrefix(columns.map((column) => column.name));
      for (const column of columns) {
        const reference = JSON.stringify([table.name, column.name]);
        const name = column.name.slice(columnPrefix.length);
        const meant = translate(name);
        entry.columns.push({
          kind: 'column',
          table: entry,
          column,
          words: reader.words(meant ?? name),
          otherNames: [
            ...(meant === null ? [] : [reader.words(name)]),
            ...column.synonyms.map((name) => reader.words(name)),
            ...keyNames(entry, column),
            ...gluedNames(column.name, lexicon),
            ...timeNames(column, reader.words(meant ?? name)),
          ],
          isKey: table.primaryKey.includes(column.name) || foreign.has(reference) || referred.has(reference),
          isForeignKey: foreign.has(reference),
          formula: null,
          metric: null,
        });
      }
      this.tables.push(entry);
      this.add(entry);
      for (const column of entry.columns) this.add(column);
    }
    for (const entry of this.tables) {
      const revenue = revenueOf(entry, this.neighbours(entry), lexicon);
      if (!revenue) continue;
      this.add(revenue);
      this.revenues.set(entry, revenue);
    }
    for (const { term, formula } of glossary) {
      const metric = formula === null ? null : readFormula(formula, this.tables);
      if (metric) this.add(metricEntry(term, metric, reader));
    }
    for (const word of this.byWord.keys()) {
      const stem = lexicon.stem(word);
      const words = this.wordsByStem.get(stem);
      if (words) words.push(word);
      else this.wordsByStem.set(stem, [word]);
    }
  }

  table(name: string): TableEntry | undefined {
    return this.tables.find((entry) => entry.table.name === name);
  }

  /** The columns that tell rows apart: the declared key, or else a column that is referred to or unique. */
  keyColumns(table: TableEntry): ColumnEntry[] {
    const declared = table.columns.filter((column) => table.table.primaryKey.includes(column.column.name));
    if (declared.length > 0) return declared;
    const isUnique = (column: ColumnEntry): boolean =>
      table.table.rowCount > 0 && column.column.stats.distinct === table.table.rowCount;
    const unique = table.columns.find((column) => column.isKey && !column.isForeignKey && isUnique(column));
    return unique ? [unique] : [];
  }

  /** The column that names a row to people: "name", "title", or a text column whose values tell all rows apart. */
  nameColumn(table: TableEntry): ColumnEntry | null {
    let best: ColumnEntry | null = null;
    let bestScore = 0;
    for (const entry of table.columns) {
      const score = this.nameScore(entry);
      if (score > bestScore) {
        best = entry;
        bestScore = score;
      }
    }
    return best;
  }

  private neighbours(entry: TableEntry): TableEntry[] {
    const { name } = entry.table;
    const names = this.catalog.relationships.flatMap(({ from, to }) =>
      from.table === name ? [to.table] : to.table === name ? [from.table] : [],
    );
    return this.tables.filter((table) => names.includes(table.table.name));
  }

  private nameScore(entry: ColumnEntry): number {
    if (!isText(entry) || entry.isForeignKey || holdsNumberText(entry)) return 0;
    const rest = entry.words.filter((word) => !entry.table.words.includes(word));
    const last = entry.words.at(-1);
    if (rest.length === 1 && rest[0] === 'name') return 10;
    const isPerson = entry.table.columns.some(
      (column) => column.words.includes('last') && column.words.includes('name'),
    );
    if (rest.length === 1 && rest[0] === 'title') return isPerson ? 0 : 9;
    if (rest.length === 0) return 8;
    if (rest.length === 2 && rest.includes('name') && (rest.includes('full') || rest.includes('last')))
      return rest.includes('full') ? 7.5 : 7;
    const { distinct } = entry.column.stats;
    const tellsApart = distinct === null || distinct * 2 >= entry.table.table.rowCount;
    if ((last === 'name' || last === 'title') && tellsApart)
      return entry.words.includes('first') ? 4.5 : 6 - rest.length * 0.1;
    return 0;
  }

  private add(entry: NamedEntry): void {
    for (const word of new Set([...entry.words, ...entry.otherNames.flat()])) {
      const entries = this.byWord.get(word);
      if (entries) entries.push(entry);
      else this.byWord.set(word, [entry]);
    }
  }
}

/** A key such as `aid` of `author` is the id of the table it begins like. */
function keyNames(table: TableEntry, column: CatalogColumn): string[][] {
  const match = /^(\p{L}{1,3})_?id$/iu.exec(column.name);
  const isOwn = match !== null && table.words.join('').startsWith(fold(match[1] ?? '')) && table.columns.length === 0;
  return isOwn ? [[...table.words, 'id'], ['id']] : [];
}

/** "CO2" is one word to people, though its letters and its digit are read apart. */
function gluedNames(name: string, lexicon: Lexicon): string[][] {
  const words = gluedWords(name);
  return words ? [words.map((word) => lexicon.lemma(word))] : [];
}

/** A date column is a date and a time whatever it is called: `created` is a "created date". */
function timeNames(column: CatalogColumn, words: readonly string[]): string[][] {
  if (!TEMPORAL.has(column.type)) return [];
  return ['date', 'time'].filter((word) => !words.includes(word)).map((word) => [...words, word]);
}

function tableEntry(
  table: CatalogTable,
  prefix: string,
  reader: NameReader,
  lexicon: Lexicon,
  translate: (name: string) => string | null,
): TableEntry {
  const name = table.name.slice(prefix.length);
  const meant = translate(name);
  const words = reader.words(meant ?? name);
  const telling = words.filter((word) => !lexicon.emptyNameWords.has(word));
  return {
    kind: 'table',
    table,
    words: telling.length > 0 ? telling : words,
    isShortened: telling.length > 0 && telling.length < words.length,
    otherNames: [
      ...(meant === null ? [] : [reader.words(name)]),
      ...table.synonyms.map((synonym) => reader.words(synonym)),
      ...gluedNames(table.name, lexicon),
    ],
    columns: [],
  };
}

/** Words that some name of the catalogue shows apart from others. */
function apartWords(tables: readonly CatalogTable[]): Set<string> {
  const words = new Set<string>();
  for (const name of tables.flatMap((table) => [table.name, ...table.columns.map((column) => column.name)])) {
    const parts = splitName(name);
    if (parts.length > 1) for (const part of parts) if (part.length >= 3 && !/\p{N}/u.test(part)) words.add(part);
  }
  return words;
}

/** A metric under the words of its term, as a column of the table that it is worked out from first. */
function metricEntry(term: string, { expression, columns }: Metric, reader: NameReader): ColumnEntry {
  const [first] = columns;
  if (!first) throw new Error('a metric reads a column');
  return {
    ...first,
    column: { ...first.column, name: term, type: 'decimal', values: null, stats: NO_STATS },
    words: reader.words(term),
    otherNames: [splitName(term)],
    isKey: false,
    isForeignKey: false,
    formula: { factors: columns, discount: null },
    metric: expression,
  };
}

const NO_STATS: ColumnStats = { distinct: null, nulls: null, min: null, max: null, samples: [] };
