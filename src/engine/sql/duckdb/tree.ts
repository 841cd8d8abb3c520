/**
 * The statement tree as DuckDB's `json_serialize_sql` gives it (version 1.5), without source positions.
 * Field names are DuckDB's own, because the same objects go back through `json_deserialize_sql`.
 */

/** A number that JavaScript cannot hold exactly, kept as DuckDB wrote it. */
export interface ExactNumber {
  $number: string;
}

export interface LogicalType {
  id: string;
  type_info: TypeInfo | null;
}

interface TypeInfoBase<Type extends string> {
  type: Type;
  alias: string;
  extension_info: null;
}

export type TypeInfo =
  | (TypeInfoBase<'DECIMAL_TYPE_INFO'> & { width: number; scale: number })
  | (TypeInfoBase<'LIST_TYPE_INFO'> & { child_type: LogicalType })
  | (TypeInfoBase<'ARRAY_TYPE_INFO'> & { child_type: LogicalType; size: number })
  | (TypeInfoBase<'STRUCT_TYPE_INFO'> & { child_types: { first: string; second: LogicalType }[] })
  | (TypeInfoBase<'UNBOUND_TYPE_INFO'> & {
      name: string;
      catalog: string;
      schema: string;
      user_type_modifiers: Value[];
    });

type WholeNumber = number | ExactNumber;

export interface Value {
  type: LogicalType;
  is_null: boolean;
  value?: string | boolean | WholeNumber | { upper: WholeNumber; lower: WholeNumber } | { children: never[] };
}

interface ExpressionBase<Class extends string, Type extends string = Class> {
  class: Class;
  type: Type;
  alias: string;
}

export interface OrderBy {
  type: string;
  null_order: string;
  expression: Expression;
}

interface QualifiedColumn {
  catalog: string;
  schema: string;
  table: string;
  column: string;
}

export type Between = ExpressionBase<'BETWEEN', string> & { input: Expression; lower: Expression; upper: Expression };
export type Case = ExpressionBase<'CASE', string> & {
  case_checks: { when_expr: Expression; then_expr: Expression }[];
  else_expr: Expression;
};
export type Cast = ExpressionBase<'CAST', string> & { child: Expression; cast_type: LogicalType; try_cast: boolean };
export type Collate = ExpressionBase<'COLLATE'> & { child: Expression; collation: string };
export type ColumnReference = ExpressionBase<'COLUMN_REF'> & { column_names: string[] };
export type Comparison = ExpressionBase<'COMPARISON', string> & { left: Expression; right: Expression };
export type Conjunction = ExpressionBase<'CONJUNCTION', string> & { children: Expression[] };
export type Constant = ExpressionBase<'CONSTANT', string> & { value: Value };
export type FunctionCall = ExpressionBase<'FUNCTION'> & {
  function_name: string;
  schema: string;
  catalog: string;
  children: Expression[];
  filter: Expression | null;
  order_bys: OrderModifier;
  distinct: boolean;
  is_operator: boolean;
  export_state: boolean;
};
export type Lambda = ExpressionBase<'LAMBDA'> & { lhs: Expression; expr: Expression };
export type Operator = ExpressionBase<'OPERATOR', string> & { children: Expression[] };
export type PositionalReference = ExpressionBase<'POSITIONAL_REFERENCE'> & { index: number };
export type Star = ExpressionBase<'STAR'> & {
  relation_name: string;
  exclude_list: string[];
  replace_list: { key: string; value: Expression }[];
  columns: boolean;
  expr: Expression | null;
  qualified_exclude_list: QualifiedColumn[];
  rename_list: { key: QualifiedColumn; value: string }[];
};
export type SubqueryExpression = ExpressionBase<'SUBQUERY'> & {
  subquery_type: string;
  subquery: SelectStatement;
  child: Expression | null;
  comparison_type: string;
};
export type WindowCall = ExpressionBase<'WINDOW', string> & {
  function_name: string;
  schema: string;
  catalog: string;
  children: Expression[];
  partitions: Expression[];
  orders: OrderBy[];
  start: string;
  end: string;
  start_expr: Expression | null;
  end_expr: Expression | null;
  offset_expr: Expression | null;
  default_expr: Expression | null;
  ignore_nulls: boolean;
  filter_expr: Expression | null;
  exclude_clause: string;
  distinct: boolean;
  arg_orders: OrderBy[];
};

export type Expression =
  | Between
  | Case
  | Cast
  | Collate
  | ColumnReference
  | Comparison
  | Conjunction
  | Constant
  | FunctionCall
  | Lambda
  | Operator
  | PositionalReference
  | Star
  | SubqueryExpression
  | WindowCall;

export interface OrderModifier {
  type: 'ORDER_MODIFIER';
  orders: OrderBy[];
}

export type Modifier =
  | OrderModifier
  | { type: 'LIMIT_MODIFIER' | 'LIMIT_PERCENT_MODIFIER'; limit: Expression | null; offset: Expression | null }
  | { type: 'DISTINCT_MODIFIER'; distinct_on_targets: Expression[] };

export interface Sample {
  sample_size: Value;
  is_percentage: boolean;
  method: string;
  seed: WholeNumber;
}

interface TableReferenceBase<Type extends string> {
  type: Type;
  alias: string;
  sample: Sample | null;
}

export type BaseTable = TableReferenceBase<'BASE_TABLE'> & {
  catalog_name: string;
  schema_name: string;
  table_name: string;
  column_name_alias: string[];
  at_clause: null;
};
export type EmptyFrom = TableReferenceBase<'EMPTY'>;
export type ExpressionList = TableReferenceBase<'EXPRESSION_LIST'> & {
  expected_names: string[];
  expected_types: LogicalType[];
  values: Expression[][];
};
export type Join = TableReferenceBase<'JOIN'> & {
  left: TableReference;
  right: TableReference;
  condition: Expression | null;
  join_type: string;
  ref_type: string;
  using_columns: string[];
  delim_flipped: boolean;
  duplicate_eliminated_columns: Expression[];
};
export type Pivot = TableReferenceBase<'PIVOT'> & {
  source: TableReference;
  aggregates: Expression[];
  unpivot_names: string[];
  pivots: {
    pivot_expressions: Expression[];
    unpivot_names: string[];
    entries: { values: Value[]; star_expr: Expression | null; alias: string }[];
    pivot_enum: string;
  }[];
  groups: string[];
  column_name_alias: string[];
  include_nulls: boolean;
};
/** `DESCRIBE`, `SUMMARIZE` and `SHOW`. */
export type Show = TableReferenceBase<'SHOW_REF'> & {
  catalog_name: string;
  schema_name: string;
  table_name: string;
  query: QueryNode | null;
  show_type: string;
};
export type SubqueryTable = TableReferenceBase<'SUBQUERY'> & { subquery: SelectStatement; column_name_alias: string[] };
export type TableFunction = TableReferenceBase<'TABLE_FUNCTION'> & {
  function: Expression;
  column_name_alias: string[];
  with_ordinality: string;
};

export type TableReference =
  BaseTable | EmptyFrom | ExpressionList | Join | Pivot | Show | SubqueryTable | TableFunction;

export interface CommonTableExpression {
  aliases: string[];
  query: SelectStatement;
  materialized: string;
  key_targets: Expression[];
}

interface QueryNodeBase<Type extends string> {
  type: Type;
  modifiers: Modifier[];
  /** In the order written: each sees the ones before it. */
  cte_map: { map: { key: string; value: CommonTableExpression }[] };
}

export type SelectNode = QueryNodeBase<'SELECT_NODE'> & {
  select_list: Expression[];
  from_table: TableReference;
  where_clause: Expression | null;
  group_expressions: Expression[];
  /** Each set holds positions in `group_expressions`. */
  group_sets: number[][];
  aggregate_handling: string;
  having: Expression | null;
  sample: Sample | null;
  qualify: Expression | null;
};
export type SetOperationNode = QueryNodeBase<'SET_OPERATION_NODE'> & {
  setop_type: string;
  left: QueryNode;
  right: QueryNode;
  setop_all: boolean;
};
export type RecursiveCteNode = QueryNodeBase<'RECURSIVE_CTE_NODE'> & {
  cte_name: string;
  union_all: boolean;
  left: QueryNode;
  right: QueryNode;
  aliases: string[];
  key_targets: Expression[];
};

export type QueryNode = SelectNode | SetOperationNode | RecursiveCteNode;

export interface SelectStatement {
  node: QueryNode;
  /** Always empty: parameters are refused. */
  named_param_map: never[];
}

/** Whatever the walker stops at. */
export type TreeNode = Expression | QueryNode | TableReference | Modifier;
