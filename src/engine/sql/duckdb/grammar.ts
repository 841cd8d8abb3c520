/**
 * Every node, field and keyword that a statement may hold. A reviewed allow-list: what is not written here is refused,
 * also what a later version of DuckDB adds.
 */
import { literal, logicalType } from './literal-shapes.js';
import {
  checkFields,
  either,
  type Family,
  type Fields,
  flag,
  integer,
  type JsonObject,
  list,
  lookUpFields,
  node,
  none,
  nothing,
  number,
  optional,
  record,
  refuseConstruct,
  type Shape,
  text,
  withFields,
  word,
} from './shape.js';
import type { SelectStatement } from './tree.js';

const expression = node('expression');
const expressions = list(expression);
const table = node('table');
const query = node('query');
const names = list(text);

const statement = record({ node: query, named_param_map: none('A parameter') });

// Parts that several nodes share

const order = record({
  type: word('The sort direction', 'ORDER_DEFAULT | ASCENDING | DESCENDING'),
  null_order: word('The order of nulls', 'ORDER_DEFAULT | NULLS FIRST | NULLS LAST'),
  expression,
});

const sample = optional(
  record({
    sample_size: literal,
    is_percentage: flag,
    method: word('The sampling method', 'System | Bernoulli | Reservoir'),
    seed: number,
  }),
);

const qualifiedColumn = record({ catalog: text, schema: text, table: text, column: text });

const frameBound = word(
  'The window frame',
  `
      UNBOUNDED_PRECEDING | UNBOUNDED_FOLLOWING | CURRENT_ROW_RANGE | CURRENT_ROW_ROWS |
      CURRENT_ROW_GROUPS | EXPR_PRECEDING_ROWS | EXPR_FOLLOWING_ROWS | EXPR_PRECEDING_RANGE |
      EXPR_FOLLOWING_RANGE | EXPR_PRECEDING_GROUPS | EXPR_FOLLOWING_GROUPS`,
);

const comparisonType = word(
  'The comparison',
  `
      COMPARE_EQUAL | COMPARE_NOTEQUAL | COMPARE_LESSTHAN | COMPARE_GREATERTHAN |
      COMPARE_LESSTHANOREQUALTO | COMPARE_GREATERTHANOREQUALTO | COMPARE_DISTINCT_FROM |
      COMPARE_NOT_DISTINCT_FROM`,
);

/** `NOCASE`, `de.NFC`: the collation is looked up by name when the statement runs. */
const collation = either((value) =>
  typeof value === 'string' && /^[\w.]+$/.test(value) ? text : refuseConstruct(`The collation ${String(value)}`),
);

const only = (value: string): Shape => word('The node', value);

// Nodes

const EXPRESSIONS = withFields(
  { class: text, alias: text },
  {
    BETWEEN: { type: only('COMPARE_BETWEEN'), input: expression, lower: expression, upper: expression },
    CASE: {
      type: only('CASE_EXPR'),
      case_checks: list(record({ when_expr: expression, then_expr: expression })),
      else_expr: expression,
    },
    CAST: { type: only('OPERATOR_CAST'), child: expression, cast_type: logicalType, try_cast: flag },
    COLLATE: { type: only('COLLATE'), child: expression, collation },
    COLUMN_REF: { type: only('COLUMN_REF'), column_names: names },
    COMPARISON: { type: comparisonType, left: expression, right: expression },
    CONJUNCTION: { type: word('The operator', 'CONJUNCTION_AND | CONJUNCTION_OR'), children: expressions },
    CONSTANT: { type: only('VALUE_CONSTANT'), value: literal },
    FUNCTION: {
      type: only('FUNCTION'),
      function_name: text,
      schema: text,
      catalog: text,
      children: expressions,
      filter: optional(expression),
      order_bys: node('modifier'),
      distinct: flag,
      is_operator: flag,
      export_state: either((value) => (value === false ? flag : refuseConstruct('EXPORT_STATE'))),
    },
    LAMBDA: { type: only('LAMBDA'), lhs: expression, expr: expression },
    OPERATOR: {
      type: word(
        'The operator',
        `
      OPERATOR_NOT | OPERATOR_IS_NULL | OPERATOR_IS_NOT_NULL | OPERATOR_COALESCE | OPERATOR_NULLIF |
      OPERATOR_TRY | OPERATOR_UNPACK | COMPARE_IN | COMPARE_NOT_IN | GROUPING_FUNCTION |
      ARRAY_EXTRACT | ARRAY_SLICE | ARRAY_CONSTRUCTOR | STRUCT_EXTRACT`,
      ),
      children: expressions,
    },
    POSITIONAL_REFERENCE: { type: only('POSITIONAL_REFERENCE'), index: integer },
    STAR: {
      type: only('STAR'),
      relation_name: text,
      exclude_list: names,
      replace_list: list(record({ key: text, value: expression })),
      columns: flag,
      expr: optional(expression),
      qualified_exclude_list: list(qualifiedColumn),
      rename_list: list(record({ key: qualifiedColumn, value: text })),
    },
    SUBQUERY: {
      type: only('SUBQUERY'),
      subquery_type: word('The sub-query', 'SCALAR | EXISTS | NOT_EXISTS | ANY'),
      subquery: statement,
      child: optional(expression),
      comparison_type: either((value) => (value === 'INVALID' ? text : comparisonType)),
    },
    WINDOW: {
      type: word(
        'The window function',
        `
      WINDOW_AGGREGATE | WINDOW_ROW_NUMBER | WINDOW_RANK | WINDOW_RANK_DENSE | WINDOW_PERCENT_RANK |
      WINDOW_CUME_DIST | WINDOW_NTILE | WINDOW_LEAD | WINDOW_LAG | WINDOW_FIRST_VALUE |
      WINDOW_LAST_VALUE | WINDOW_NTH_VALUE | WINDOW_FILL`,
      ),
      function_name: text,
      schema: text,
      catalog: text,
      children: expressions,
      partitions: expressions,
      orders: list(order),
      start: frameBound,
      end: frameBound,
      start_expr: optional(expression),
      end_expr: optional(expression),
      offset_expr: optional(expression),
      default_expr: optional(expression),
      ignore_nulls: flag,
      filter_expr: optional(expression),
      exclude_clause: word('The window frame', 'NO_OTHER | CURRENT_ROW | GROUP | TIES'),
      distinct: flag,
      arg_orders: list(order),
    },
  },
);

const QUERY_BASE: Fields = {
  type: text,
  modifiers: list(node('modifier')),
  cte_map: record({
    map: list(
      record({
        key: text,
        value: record({
          aliases: names,
          query: statement,
          materialized: word(
            'The CTE option',
            `
      CTE_MATERIALIZE_DEFAULT | CTE_MATERIALIZE_ALWAYS | CTE_MATERIALIZE_NEVER`,
          ),
          key_targets: expressions,
        }),
      }),
    ),
  }),
};

const QUERIES = withFields(QUERY_BASE, {
  SELECT_NODE: {
    select_list: expressions,
    from_table: table,
    where_clause: optional(expression),
    group_expressions: expressions,
    group_sets: list(list(integer)),
    aggregate_handling: word('The grouping', 'STANDARD_HANDLING | FORCE_AGGREGATES'),
    having: optional(expression),
    sample,
    qualify: optional(expression),
  },
  SET_OPERATION_NODE: {
    setop_type: word('The set operation', 'UNION | UNION_BY_NAME | EXCEPT | INTERSECT'),
    left: query,
    right: query,
    setop_all: flag,
  },
  RECURSIVE_CTE_NODE: {
    cte_name: text,
    union_all: flag,
    left: query,
    right: query,
    aliases: names,
    key_targets: expressions,
  },
});

const TABLES = withFields(
  { type: text, alias: text, sample },
  {
    BASE_TABLE: {
      catalog_name: text,
      schema_name: text,
      table_name: text,
      column_name_alias: names,
      at_clause: either((value) => (value === null ? nothing : refuseConstruct('AT (time travel)'))),
    },
    EMPTY: {},
    EXPRESSION_LIST: { expected_names: names, expected_types: list(logicalType), values: list(expressions) },
    JOIN: {
      left: table,
      right: table,
      condition: optional(expression),
      join_type: word('The join', 'INNER | LEFT | RIGHT | FULL | OUTER | SEMI | ANTI'),
      ref_type: word('The join', 'REGULAR | NATURAL | CROSS | POSITIONAL | ASOF'),
      using_columns: names,
      delim_flipped: flag,
      duplicate_eliminated_columns: expressions,
    },
    PIVOT: {
      source: table,
      aggregates: expressions,
      unpivot_names: names,
      pivots: list(
        record({
          pivot_expressions: expressions,
          unpivot_names: names,
          entries: list(record({ values: list(literal), star_expr: optional(expression), alias: text })),
          pivot_enum: either((value) => (value === '' ? text : refuseConstruct('PIVOT … IN with the name of an ENUM'))),
        }),
      ),
      groups: names,
      column_name_alias: names,
      include_nulls: flag,
    },
    SHOW_REF: {
      catalog_name: text,
      schema_name: text,
      table_name: text,
      // Without a query it is SHOW TABLES, SHOW DATABASES and the like, which list the whole catalogue.
      query: either((value) => (value === null ? refuseConstruct('SHOW without a table') : query)),
      show_type: word('The statement SHOW', 'SUMMARY | DESCRIBE'),
    },
    SUBQUERY: { subquery: statement, column_name_alias: names },
    TABLE_FUNCTION: {
      function: expression,
      column_name_alias: names,
      with_ordinality: word('The option', 'WITHOUT_ORDINALITY | WITH_ORDINALITY'),
    },
  },
);

const MODIFIERS = withFields(
  { type: text },
  {
    ORDER_MODIFIER: { orders: list(order) },
    LIMIT_MODIFIER: { limit: optional(expression), offset: optional(expression) },
    LIMIT_PERCENT_MODIFIER: { limit: optional(expression), offset: optional(expression) },
    DISTINCT_MODIFIER: { distinct_on_targets: expressions },
  },
);

function fieldsOf(family: Family, value: JsonObject): Fields {
  const type = value['type'];
  switch (family) {
    case 'expression':
      if (value['class'] === 'PARAMETER') refuseConstruct('A parameter');
      return lookUpFields(EXPRESSIONS, value['class'], 'The expression');
    case 'query':
      return lookUpFields(QUERIES, type, 'The query');
    case 'table':
      return lookUpFields(TABLES, type, 'The source');
    case 'modifier':
      return lookUpFields(MODIFIERS, type, 'The clause');
  }
}

/**
 * Proves that a value is a statement made only of known nodes.
 *
 * @throws EngineError `sql_construct_not_allowed`, naming the part that is not known
 */
export function assertStatement(value: unknown): asserts value is SelectStatement {
  const visit = (family: Family, found: JsonObject): void =>
    checkFields(fieldsOf(family, found), found, String(found['class'] ?? found['type']), visit);
  checkFields({ statement }, { statement: value }, 'statement', visit);
}
