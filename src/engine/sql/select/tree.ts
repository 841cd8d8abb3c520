/**
 * A SELECT as a tree, for dialects without a parser that could be trusted with it. Operators and brackets are kept in the
 * order in which they were written: which operator binds tighter is the engine's business, and nothing that the guard
 * decides depends on it.
 */

export interface Statement {
  /** `EXPLAIN FORMAT = JSON`; null when the query itself is to run. */
  explain: string | null;
  query: Query;
}

export interface Query {
  kind: 'query';
  with: With | null;
  body: Body;
  /** Set operations, from left to right. */
  others: { operation: string; body: Body }[];
  orderBy: Sorting[];
  tails: Tail[];
}

export type Body = Select | Values | Bracketed;

export interface Bracketed {
  kind: 'bracketed';
  query: Query;
}

export interface Values {
  kind: 'values';
  rows: Expression[];
}

export interface Select {
  kind: 'select';
  /** In ClickHouse, WITH belongs to one SELECT. */
  with: With | null;
  words: string[];
  items: Item[];
  from: FromItem[];
  arrayJoin: { words: string; items: Item[] } | null;
  where: Expression | null;
  groupBy: { items: Expression[]; end: string } | null;
  having: Expression | null;
  windows: { name: string; window: Window }[];
  qualify: Expression | null;
}

export interface With {
  recursive: boolean;
  ctes: Cte[];
  /** ClickHouse: `WITH 10 AS n`. */
  values: Item[];
}

export interface Cte {
  name: string;
  columns: string[];
  query: Query;
}

/** An output, or another expression with a name. */
export interface Item {
  value: Expression;
  alias: string | null;
}

export interface Sorting {
  value: Expression;
  /** `DESC NULLS LAST` */
  direction: string;
  /** ClickHouse: the parts of WITH FILL; null without. */
  fill: { word: string; value: Expression }[] | null;
}

/** A clause at the end: `LIMIT 10`, `LIMIT 3 BY country`, `OFFSET 5 ROWS`. */
export interface Tail {
  before: string;
  value: Expression;
  after: string;
  by: Expression[];
}

// FROM

export type FromItem = TableReference | Derived | FromCall | Join | FromBrackets;

export interface TableReference {
  kind: 'table';
  path: string[];
  alias: string | null;
  columns: string[];
  /** `FINAL` */
  end: string;
  sample: string | null;
}

export interface Derived {
  kind: 'derived';
  lateral: boolean;
  query: Query;
  alias: string | null;
  columns: string[];
}

/** A function that gives rows. */
export interface FromCall {
  kind: 'from-call';
  name: string;
  args: Expression[];
  /** What stands behind the arguments within the brackets, as it is printed, and behind them. */
  inside: string;
  end: string;
  /** The names of its columns where they are known without an alias. */
  gives: string[];
  alias: string | null;
  columns: string[];
}

export interface Join {
  kind: 'join';
  words: string;
  left: FromItem;
  right: FromItem;
  on: Expression | null;
  using: string[];
}

export interface FromBrackets {
  kind: 'from-brackets';
  item: FromItem;
}

// Expressions

export type Expression =
  | Constant
  | Text
  | Column
  | Star
  | Call
  | Cast
  | Case
  | Interval
  | Brackets
  | List
  | Lambda
  | Subquery
  | GroupingSets
  | Chain;

/** A number or a word, as it is printed. */
export interface Constant {
  kind: 'constant';
  text: string;
}

export interface Text {
  kind: 'text';
  value: string;
  /** `DATE` */
  type: string;
}

export interface Column {
  kind: 'column';
  path: string[];
}

export interface Star {
  kind: 'star';
  path: string[];
}

export interface Argument {
  /** What stands before it: `, `, ` FROM `; nothing before the first. */
  join: string;
  /** Words that belong to it: `LEADING`. */
  lead: string;
  value: Expression | null;
}

export interface Call {
  kind: 'call';
  name: string;
  /** ClickHouse: the first brackets of `quantile(0.9)(x)`. */
  parameters: Expression[] | null;
  distinct: boolean;
  args: Argument[];
  orderBy: Sorting[];
  /** At the end of the brackets, as it is printed: `SEPARATOR ';'`. */
  inside: string;
  withinGroup: Sorting[];
  filter: Expression | null;
  /** `IGNORE NULLS` */
  nulls: string;
  over: Window | string | null;
}

export interface Window {
  base: string | null;
  partitionBy: Expression[];
  orderBy: Sorting[];
  frame: { unit: string; bounds: { value: Expression | null; word: string }[] } | null;
}

export interface Cast {
  kind: 'cast';
  word: string;
  value: Expression;
  type: string;
}

export interface Case {
  kind: 'case';
  of: Expression | null;
  branches: { when: Expression; value: Expression }[];
  otherwise: Expression | null;
}

export interface Interval {
  kind: 'interval';
  value: Expression;
  unit: string;
}

/** One expression in brackets, or several as a row. */
export interface Brackets {
  kind: 'brackets';
  items: Expression[];
}

/** `[1, 2]`, `ARRAY[1, 2]`. */
export interface List {
  kind: 'list';
  word: string;
  items: Expression[];
}

export interface Lambda {
  kind: 'lambda';
  parameters: string[];
  body: Expression;
}

export interface Subquery {
  kind: 'subquery';
  /** `EXISTS`, `ANY` */
  word: string;
  query: Query;
}

export interface GroupingSets {
  kind: 'grouping-sets';
  sets: Expression[];
}

/** Operands with what stands between, before and behind them. */
export interface Chain {
  kind: 'chain';
  parts: Part[];
}

export type Part = Expression | Operator | Subscript | Member | Conversion;

export interface Operator {
  kind: 'operator';
  text: string;
  place: 'prefix' | 'infix' | 'postfix';
}

/** `[i]` behind an operand. */
export interface Subscript {
  kind: 'subscript';
  index: Expression;
}

/** `.1` or `.name` behind an operand. */
export interface Member {
  kind: 'member';
  text: string;
}

/** `::type` or `COLLATE name` behind an operand. */
export interface Conversion {
  kind: 'conversion';
  text: string;
}
