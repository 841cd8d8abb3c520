/** Finds what names mean, and keeps account of what is read. */
import type { ColumnRef } from '../../catalog/catalog.js';
import { EngineError } from '../../errors.js';
import type { SelectDialect } from './dialect.js';
import type { Column, Frame, Relation } from './frame.js';
import { unknownColumn } from './refusal.js';
import type { Column as ColumnReference, Star } from './tree.js';

export class Lookup {
  private readonly read = new Map<string, ColumnRef>();

  constructor(private readonly dialect: SelectDialect) {}

  /** The columns of tables that were read so far, in the order of their first use. */
  columns(): ColumnRef[] {
    return [...this.read.values()];
  }

  /**
   * A column where a value is expected. Takes the schema off a name that has one, since what stands in the place of a
   * table has none.
   *
   * @throws EngineError `sql_invalid` when there is nothing of that name
   */
  reference(reference: ColumnReference, frame: Frame): void {
    const { path } = reference;
    const [first = '', second, third] = path;
    if (second === undefined) return this.unqualified(first, frame);
    const relation = this.relation([first], frame);
    if (relation !== null) return this.columnOf(relation, path.slice(1));
    const inSchema = third === undefined ? null : this.relation([first, second], frame);
    if (inSchema !== null) {
      reference.path = path.slice(1);
      return this.columnOf(inSchema, path.slice(2));
    }
    if (!this.hasFields) throw unknownColumn(path.join('.'));
    if (!this.isFound(path.join('.'), frame)) this.unqualified(first, frame);
  }

  /** @throws EngineError `sql_invalid` when there is no column of that name */
  unqualified(name: string, frame: Frame): void {
    if (!this.isFound(name, frame)) throw unknownColumn(name);
  }

  /**
   * The relations whose columns `*` or `t.*` stands for, all of which are read then.
   *
   * @throws EngineError `sql_invalid` when there is none
   */
  starred(star: Star, frame: Frame): readonly Relation[] {
    const relation = star.path.length === 0 ? null : this.relation(star.path, frame);
    if (relation === null && star.path.length > 0) {
      throw new EngineError(
        'sql_invalid',
        `There is no ${star.path.join('.')} in FROM here. Use the alias of a table.`,
      );
    }
    star.path = star.path.slice(-1);
    const relations = relation === null ? frame.relations : [relation];
    for (const { columns } of relations) this.markRead(columns);
    return relations;
  }

  /** Whether something of that name is there: a column, an alias, or what may be a column. */
  private isFound(name: string, from: Frame): boolean {
    for (let frame: Frame | null = from; frame !== null; frame = frame.outer) {
      const hits = frame.relations.flatMap(({ columns }) => columns.filter((column) => this.isSame(column.name, name)));
      this.markRead(hits);
      const isThere = hits.length > 0 || frame.aliases.has(this.fold(name));
      if (isThere || frame.relations.some(({ certain }) => !certain)) return true;
    }
    return false;
  }

  private columnOf(relation: Relation, path: readonly string[]): void {
    const [name = ''] = path;
    const hits = relation.columns.filter(
      (column) => this.isSame(column.name, name) || (this.hasFields && this.isSame(column.name, path.join('.'))),
    );
    this.markRead(hits);
    const isField = path.length > 1 && !this.hasFields;
    if ((hits.length === 0 && relation.certain) || isField)
      throw unknownColumn([relation.alias ?? '', ...path].join('.'));
  }

  /** The nearest relation that `orders` or `sales.orders` names. */
  private relation(path: readonly string[], from: Frame): Relation | null {
    const [alias = '', schema] = [...path].reverse();
    for (let frame: Frame | null = from; frame !== null; frame = frame.outer) {
      const hit = frame.relations.find(
        (relation) =>
          relation.alias !== null &&
          this.isSame(relation.alias, alias) &&
          (schema === undefined || (relation.schema !== null && this.isSame(relation.schema, schema))),
      );
      if (hit !== undefined) return hit;
    }
    return null;
  }

  private markRead(columns: readonly Column[]): void {
    for (const { sources } of columns) {
      for (const source of sources) this.read.set(`${source.table}\0${source.column}`, source);
    }
  }

  private get hasFields(): boolean {
    return this.dialect.features.has('row-fields');
  }

  private isSame(one: string, other: string): boolean {
    return this.fold(one) === this.fold(other);
  }

  private fold(name: string): string {
    return this.dialect.foldsNames ? name.toLowerCase() : name;
  }
}
