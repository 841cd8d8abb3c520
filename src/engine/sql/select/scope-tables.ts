/** The tables of a scope by the names that statements give them. */
import { EngineError } from '../../errors.js';
import type { GuardedTable, GuardScope } from '../guard.js';
import type { SelectDialect } from './dialect.js';

export class ScopeTables {
  private readonly exact = new Map<string, GuardedTable>();
  private readonly folded = new Map<string, GuardedTable>();

  constructor(
    private readonly scope: GuardScope,
    private readonly dialect: SelectDialect,
  ) {
    for (const table of scope.tables) {
      const [name = '', schema, ...more] = partsOf(table).reverse();
      // A name with more dots could mean several things and fits no table.
      if (more.length > 0) continue;
      const key = this.keyOf(schema, name);
      this.exact.set(key, table);
      this.folded.set(key.toLowerCase(), table);
    }
  }

  /**
   * The table that `orders` or `sales.orders` names.
   *
   * @throws EngineError `sql_table_not_allowed`
   */
  find(path: readonly string[]): GuardedTable {
    const [name = '', schema, ...more] = [...path].reverse();
    const key = this.keyOf(schema, name);
    const folded = this.dialect.foldsNames ? this.folded.get(key.toLowerCase()) : undefined;
    const table = more.length > 0 ? undefined : (this.exact.get(key) ?? folded);
    if (table !== undefined) return table;
    throw new EngineError(
      'sql_table_not_allowed',
      `The table ${path.join('.')} is not part of this data source. Use one of its tables.`,
    );
  }

  /** What the server finds the table by, whatever its session's default is. */
  pathOf(table: GuardedTable): string[] {
    const parts = partsOf(table);
    const { defaultSchema } = this.scope;
    return parts.length === 1 && defaultSchema !== undefined ? [defaultSchema, ...parts] : parts;
  }

  nameOf(table: GuardedTable): string {
    return partsOf(table).at(-1) ?? '';
  }

  private keyOf(schema: string | undefined, name: string): string {
    return `${schema === undefined || schema === this.scope.defaultSchema ? '' : schema}\0${name}`;
  }
}

/** `sales.orders` is a table of another schema. */
const partsOf = ({ name }: GuardedTable): string[] => name.split('.');
