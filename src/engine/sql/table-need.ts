/** What a statement reads of a table, in terms that every dialect can say. Plain data. */

/** A value as a statement writes it. Numbers keep their digits; text may be a date where it is compared with one. */
export type Literal =
  | { kind: 'integer' | 'decimal' | 'text' | 'date' | 'timestamp'; text: string }
  | { kind: 'boolean'; text: 'true' | 'false' };

export type Comparison = '=' | '<>' | '<' | '<=' | '>' | '>=';

/** A condition on one column: `between` has two values, `in` and `not in` any number, `is null` none, the others one. */
export interface ColumnFilter {
  column: string;
  operator: Comparison | 'between' | 'in' | 'not in' | 'like' | 'is null' | 'is not null';
  values: Literal[];
}

export interface TableNeed {
  /** As statements name it. */
  table: string;
  /** The columns that are read, in the order of the table. */
  columns: string[];
  /**
   * Rows of which all filters of one of these hold are enough; a list that is empty asks for all rows. There is one for each
   * place in which the statement reads the table.
   */
  places: ColumnFilter[][];
  /**
   * Set when the rows of the table become the rows of the result one by one, in any order: `limit` of them, after `offset`
   * others, are enough.
   */
  passesThrough: { limit: number | null; offset: number } | null;
  /** The conditions of the table's own row rules; null for one that is not made of a column and values. */
  rules: (ColumnFilter | null)[];
}
