/** Finds what names mean, as PostgreSQL does, and keeps account of what is read. */
import type { ColumnRef as ColumnReference } from 'libpg-query';
import type { ColumnRef } from '../../catalog/catalog.js';
import { EngineError } from '../../errors.js';
import { type Column, confine, type Frame, isCertain, type Relation } from './frame.js';
import { refuseConstruct } from './shape.js';
import { nameParts } from './walker.js';

const SYSTEM_COLUMNS: ReadonlySet<string> = new Set(['cmax', 'cmin', 'ctid', 'oid', 'tableoid', 'xmax', 'xmin']);

/**
 * A name that is not found where the server would look first makes the tables there confined, so that what the server
 * finds is what was found here, whatever other columns its tables have.
 */
export class Lookup {
  private readonly read = new Map<string, ColumnRef>();
  /** Those who want to know which columns are named. */
  private watchers: Set<Column>[] = [];

  /** The columns of tables that were read so far, in the order of their first use. */
  columns(): ColumnRef[] {
    return [...this.read.values()];
  }

  /** The columns that are named while something is resolved. */
  watch(work: () => void): ReadonlySet<Column> {
    const named = new Set<Column>();
    const before = this.watchers;
    this.watchers = [...before, named];
    work();
    this.watchers = before;
    return named;
  }

  unwatched(work: () => void): void {
    const before = this.watchers;
    this.watchers = [];
    work();
    this.watchers = before;
  }

  /** Takes note of columns that are named or listed. */
  found(columns: readonly Column[]): void {
    for (const column of columns) {
      this.markRead(column.sources);
      for (const watcher of this.watchers) watcher.add(column);
    }
  }

  markRead(sources: readonly ColumnRef[]): void {
    for (const source of sources) this.read.set(`${source.table}\0${source.column}`, source);
  }

  /** The whole row of a relation, as one value. */
  markRow(relation: Relation): void {
    if (relation.base !== null) relation.base.confined = true;
    for (const { sources } of relation.columns) this.markRead(sources);
  }

  /**
   * A column, or a row, where a value is expected. Takes the schema off a name that has one, since a confined table
   * has none.
   *
   * @throws EngineError `sql_invalid` when there is nothing of that name
   */
  reference(reference: ColumnReference, frame: Frame): void {
    const fields = reference.fields ?? [];
    const parts = nameParts(fields);
    const isRow = fields.some((field) => 'A_Star' in field);
    const [first = '', second] = parts;
    if (isRow) {
      if (second === undefined) refuseConstruct('The sign * as a value');
      const relation = this.relationOf(parts.slice(0, -1), frame);
      reference.fields = fields.slice(-2);
      return this.markRow(relation);
    }
    if (second === undefined) return this.unqualified(reference, first, frame);
    const relation = this.relationOf(parts.slice(0, -1), frame);
    reference.fields = fields.slice(-2);
    this.columnOf(relation, parts.at(-1) ?? '');
  }

  /** Where a name alone stands for a column or a row: the nearest column wins, then the nearest row. */
  private unqualified(reference: ColumnReference, name: string, from: Frame): void {
    let mayBeElsewhere = false;
    for (let frame: Frame | null = from; frame !== null; frame = frame.outer) {
      const hits = frame.columns.filter((column) => column.name === name);
      this.found(hits);
      if (hits.length > 0 && isCertain(frame)) {
        const [hit, another] = hits;
        const owner = another === undefined && hit !== undefined ? ownerOf(hit, from, frame) : null;
        if (owner !== null) reference.fields = [{ String: { sval: owner } }, { String: { sval: name } }];
        return;
      }
      confine(frame);
      mayBeElsewhere ||= hits.length > 0 || !isCertain(frame);
    }
    for (let frame: Frame | null = from; frame !== null; frame = frame.outer) {
      const row = frame.relations.find(({ alias }) => alias === name);
      if (row !== undefined) return this.markRow(row);
    }
    if (!mayBeElsewhere) throw unknownColumn(name);
  }

  /**
   * The relation that `orders` or `sales.orders` names.
   *
   * @throws EngineError `sql_invalid` when there is none, or not exactly one
   */
  relationOf(path: readonly string[], from: Frame): Relation {
    const alias = path.at(-1) ?? '';
    const schema = path.length > 1 ? path[0] : null;
    for (let frame: Frame | null = from; frame !== null; frame = frame.outer) {
      const hits = frame.relations.filter((relation) => relation.alias === alias);
      const [hit, another] = hits;
      if (hit === undefined) continue;
      // A name without its schema would then be taken for something else.
      const isMeant = another === undefined && (schema === null || hit.schema === schema) && path.length < 3;
      if (isMeant) return hit;
      break;
    }
    throw new EngineError(
      'sql_invalid',
      `There is no single ${path.join('.')} in FROM here. Use the alias of a table in FROM.`,
    );
  }

  columnOf(relation: Relation, name: string): void {
    const hits = relation.columns.filter((column) => column.name === name);
    this.found(hits);
    // Whatever else stands behind the dot, the server would take for a function: `q.f` is `f(q)`.
    if (hits.length === 0) throw unknownColumn(`${relation.alias ?? ''}.${name}`);
  }
}

/**
 * The name to put before a column, so that it stays the only one where another table has a column of that name that the
 * scope does not have; null when that cannot be, or there is no name that means its relation from here.
 */
function ownerOf(column: Column, from: Frame, found: Frame): string | null {
  if (!found.relations.some(({ base, columns }) => base !== null && !columns.includes(column))) return null;
  const alias = found.relations.find(({ columns }) => columns.includes(column))?.alias ?? null;
  for (let frame: Frame | null = from; frame !== null; frame = frame.outer) {
    const namesakes = frame.relations.filter((relation) => relation.alias === alias).length;
    if (namesakes > (frame === found ? 1 : 0)) return null;
    if (frame === found) break;
  }
  return alias;
}

/** Also for columns that are there but not for this caller: the two must look the same. */
export function unknownColumn(name: string): EngineError {
  const column = name.split('.').at(-1) ?? name;
  if (SYSTEM_COLUMNS.has(column)) {
    return new EngineError('sql_construct_not_allowed', `The system column ${name} is not allowed here.`);
  }
  // Other databases take "x" for a text where there is no column x.
  const hint = /^[\w.]+$/.test(name) ? '' : ' Texts stand in single quotes.';
  return new EngineError(
    'sql_invalid',
    `There is no column ${name} here. Use the columns of the tables in FROM.${hint}`,
  );
}
