import type { CatalogColumn, CatalogTable, ColumnRef, ColumnType, Relationship } from './catalog.js';
import { looksUnique, namesKey } from './key-columns.js';
import { isKeyWord, nameWords, stem } from './name-words.js';

/**
 * Gives the share, 0 to 1, of the distinct values of `from` (nulls aside) that are found in `to`; null when `from` has
 * no value.
 */
export type InclusionProbe = (from: ColumnRef, to: ColumnRef) => Promise<number | null>;

interface Side {
  table: CatalogTable;
  column: CatalogColumn;
  /** Words of the column's name. */
  words: string[];
  /** Words of the table's name. */
  tableWords: string[];
}

interface Candidate {
  from: Side;
  to: Side;
  /** How strongly the names speak for it, 0 to 1. */
  nameEvidence: number;
}

/** A few dangling values are dirt; more mean that the column refers to something else. */
const MIN_INCLUSION = 0.98;
/** Below this a coincidence of names is likelier than a reference. */
const MIN_NAME_EVIDENCE = 0.5;

/** Columns that refer to another row of their own table. */
const SELF_REFERENCES = (
  'report to, manager, supervisor, boss, parent, mentor, predecessor, successor, reply to, replied to, referred by, ' +
  'superior, root, previous, next'
).split(', ');

/** What people are called in a column that refers to one of them. */
const ROLES = new Set(
  'rep representative manager supervisor agent owner salesperson seller assignee creator approver reviewer handler lead'.split(
    ' ',
  ),
);
/** Tables of people who do such things. */
const PEOPLE = new Set('employee staff user person worker agent salesperson personnel'.split(' '));
/** The ends of names such as `ship_via`, `sold_by`, `assigned_to`. */
const TIES = new Set(['via', 'by', 'through', 'to']);
/** Letters that a verb and who does it share: "ship", "shipper". */
const LEAST_ROOT = 4;

/**
 * Finds which columns refer to rows of which tables, from names and then from values: a pair is only looked at when the
 * names speak for it, and only kept when at least 98 % of the distinct values on the one side are found on the other,
 * whose own values are unique. Each column refers to at most one table.
 *
 * The two steps follow the common treatment of inclusion dependencies as candidates for foreign keys (Rostin et al., "A
 * Machine Learning Approach to Foreign Key Discovery", WebDB 2009): inclusion alone proves little among small integers.
 *
 * @throws what the probe throws
 */
export async function inferRelationships(
  tables: readonly CatalogTable[],
  probe: InclusionProbe,
): Promise<Relationship[]> {
  const sides = tables.flatMap((table) => {
    const tableWords = nameWords(table.name);
    return table.columns.map((column) => ({ table, column, words: nameWords(column.name), tableWords }));
  });
  const targets = sides.filter(({ table, column }) => looksUnique(column, table.rowCount));
  const found: Relationship[] = [];
  for (const from of sides) {
    for (const { to, nameEvidence } of candidatesFor(from, targets)) {
      const inclusion = await probe(reference(from), reference(to));
      if (inclusion === null || inclusion < MIN_INCLUSION) continue;
      found.push({
        from: reference(from),
        to: reference(to),
        origin: 'inferred',
        confidence: Math.round(nameEvidence * inclusion * 100) / 100,
      });
      break;
    }
  }
  return withoutReverses(found);
}

/** Where the column of `from` may point, the likeliest first. */
function candidatesFor(from: Side, targets: readonly Side[]): Candidate[] {
  return targets
    .filter((to) => to !== from && compatible(from.column.type, to.column.type))
    .map((to) => ({ from, to, nameEvidence: nameEvidence(from, to) }))
    .filter((candidate) => candidate.nameEvidence >= MIN_NAME_EVIDENCE)
    .sort((a, b) => b.nameEvidence - a.nameEvidence || a.to.tableWords.length - b.to.tableWords.length);
}

function nameEvidence(from: Side, to: Side): number {
  if (from.table === to.table) return selfReference(from, to);
  const own = isOwnKey(from);
  const fromName = from.words.join(' ');
  const toName = to.words.join(' ');
  const toTable = to.tableWords.join(' ');
  const toStem = stem(to.words).join(' ');
  const isKey = isPrimaryKey(to) || namesKey(to.column.name);
  if (!isKey) return fromName === toName && isCodeLike(to) ? 0.6 : 0;
  const namesTarget = toStem === '' || toStem === toTable;
  // customer_id → customers.customer_id
  if (fromName === toName && toStem !== '') {
    if (own) return 0;
    if (namesTarget) return 0.97;
    return isPrimaryKey(to) ? 0.75 + 0.15 * overlap(stem(to.words), to.tableWords) : 0.5;
  }
  if (own) return 0;
  // customer_id → customers.id
  const target = `${toTable} ${toStem === '' ? toName : to.words.slice(stem(to.words).length).join(' ')}`;
  if (fromName === target) return 0.95;
  // billing_customer_id → customers.id or customers.customer_id
  if (fromName.endsWith(` ${target}`) || (toStem !== '' && fromName.endsWith(` ${toName}`))) return 0.85;
  if (!isPrimaryKey(to)) return 0;
  const fromStem = stem(from.words);
  const referring = fromStem.join(' ');
  if (referring === '') return 0;
  // customer → customers.id; country_code → countries.id
  if (referring === toTable || referring === toStem) return 0.75;
  if (namesActor(from, to)) return 0.6;
  const lastOfTable = to.tableWords.at(-1);
  if (fromStem.length === 1 && to.tableWords.length > 1 && referring === lastOfTable) return 0.7;
  return 0;
}

/** support_rep_id, created_by → employees; ship_via → shippers */
function namesActor({ words, column }: Side, to: Side): boolean {
  const [first = ''] = words;
  const last = words.at(-1) ?? '';
  const table = to.tableWords.at(-1) ?? '';
  const named = stem(words).at(-1) ?? '';
  if (ROLES.has(named) && namesKey(column.name)) return PEOPLE.has(table);
  if (words.length < 2 || !TIES.has(last)) return false;
  const isDoer = to.tableWords.length === 1 && first.length >= LEAST_ROOT && table !== first && table.startsWith(first);
  return (
    isDoer || (last !== 'via' && last !== 'through' && PEOPLE.has(table) && /(?:ed|ld|ne|en)$/.test(words.at(-2) ?? ''))
  );
}

/** reports_to, manager_id, parent_category_id → the key of the same table */
function selfReference(from: Side, to: Side): number {
  if (!isPrimaryKey(to)) return 0;
  const words = stem(from.words);
  const phrase = words.join(' ');
  if (SELF_REFERENCES.some((known) => phrase === known)) return 0.85;
  const marked = SELF_REFERENCES.some((known) => phrase.startsWith(`${known} `));
  const rest = words.slice(1).join(' ');
  return marked && (rest === to.tableWords.join(' ') || rest === stem(to.words).join(' ')) ? 0.85 : 0;
}

/** The column is what its own table is known by, and so not a reference: customers.customer_id, customers.id. */
function isOwnKey({ table, column, words, tableWords }: Side): boolean {
  const named = stem(words).join(' ');
  if (named === '') return words.every(isKeyWord);
  return named === tableWords.join(' ') && table.primaryKey.includes(column.name);
}

function isPrimaryKey({ table, column }: Side): boolean {
  return table.primaryKey.length === 1 && table.primaryKey[0] === column.name;
}

/** Short texts that are used to name things: airport codes, symbols, abbreviations. */
function isCodeLike({ column }: Side): boolean {
  return column.type === 'text' && column.stats.samples.length > 0 && column.stats.samples.every((v) => v.length <= 12);
}

function compatible(from: ColumnType, to: ColumnType): boolean {
  const kind = (type: ColumnType): ColumnType => (type === 'decimal' ? 'integer' : type);
  return kind(from) === kind(to);
}

/** Share of the first words that are also among the second. */
function overlap(words: readonly string[], others: readonly string[]): number {
  if (words.length === 0) return 0;
  return words.filter((word) => others.includes(word)).length / words.length;
}

/** Two unique columns may each lie in the other: the surer direction stays. */
function withoutReverses(relationships: readonly Relationship[]): Relationship[] {
  const same = (a: ColumnRef, b: ColumnRef): boolean => a.table === b.table && a.column === b.column;
  return relationships.filter(
    (relationship, index) =>
      !relationships.some(
        (other, otherIndex) =>
          same(other.from, relationship.to) &&
          same(other.to, relationship.from) &&
          (other.confidence > relationship.confidence ||
            (other.confidence === relationship.confidence && otherIndex < index)),
      ),
  );
}

function reference({ table, column }: Side): ColumnRef {
  return { table: table.name, column: column.name };
}
