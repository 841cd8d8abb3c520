/**
 * Every node, field and keyword of PostgreSQL's parse tree that a statement may hold. A reviewed allow-list: what is not
 * written here is refused, also what a later version of the grammar adds.
 */
import {
  checkShape,
  either,
  empty,
  type Fields,
  flag,
  inline,
  integer,
  list,
  node,
  refused,
  text,
  type Visit,
  word,
} from './shape.js';

const EXPRESSIONS = `
  A_ArrayExpr A_Const A_Expr A_Indirection BoolExpr BooleanTest CaseExpr CoalesceExpr CollateClause ColumnRef FuncCall
  GroupingFunc JsonIsPredicate MinMaxExpr NamedArgExpr NullTest RowExpr SQLValueFunction SubLink TypeCast`;
const expression = node('The expression', EXPRESSIONS);
const expressions = list(expression);
/** The right side of IN and BETWEEN is a list. */
const operand = node('The expression', `List ${EXPRESSIONS}`);
const constant = node('A value that is not a literal', 'A_Const TypeCast');
const names = list(node('The name', 'String'));
const select = node('Only SELECT can be read from:', 'SelectStmt');
const fromItem = node('The source in FROM', 'JoinExpr RangeFunction RangeSubselect RangeTableSample RangeVar');
const columnDefinitions = list(node('The column', 'ColumnDef'));
const sorting = list(node('The sorting', 'SortBy'));

const NODES: Readonly<Record<string, Fields>> = {
  // Statements

  ExplainStmt: { query: select, options: list(node('The option', 'DefElem')) },
  DefElem: {
    defname: word('The EXPLAIN option', 'costs format summary verbose'),
    arg: node('The value of the option', 'String'),
    defaction: word('The option', 'DEFELEM_UNSPEC'),
  },
  SelectStmt: {
    distinctClause: list(either(empty, expression)),
    intoClause: refused('SELECT INTO'),
    targetList: list(node('The output', 'ResTarget')),
    fromClause: list(fromItem),
    whereClause: expression,
    groupClause: list(node('The grouping', `GroupingSet ${EXPRESSIONS}`)),
    groupDistinct: flag,
    havingClause: expression,
    windowClause: list(node('The window', 'WindowDef')),
    valuesLists: list(node('VALUES', 'List')),
    sortClause: sorting,
    limitOffset: expression,
    limitCount: expression,
    limitOption: word('The limit', 'LIMIT_OPTION_DEFAULT LIMIT_OPTION_COUNT LIMIT_OPTION_WITH_TIES'),
    lockingClause: refused('Locking rows (FOR UPDATE, FOR SHARE)'),
    withClause: inline('WithClause'),
    op: word('The set operation', 'SETOP_NONE SETOP_UNION SETOP_INTERSECT SETOP_EXCEPT'),
    all: flag,
    larg: inline('SelectStmt'),
    rarg: inline('SelectStmt'),
  },
  WithClause: { ctes: list(node('The CTE', 'CommonTableExpr')), recursive: flag },
  CommonTableExpr: {
    ctename: text,
    aliascolnames: names,
    ctematerialized: word('The CTE', 'CTEMaterializeDefault CTEMaterializeAlways CTEMaterializeNever'),
    ctequery: select,
    search_clause: inline('CTESearchClause'),
    cycle_clause: inline('CTECycleClause'),
  },
  CTESearchClause: { search_col_list: names, search_breadth_first: flag, search_seq_column: text },
  CTECycleClause: {
    cycle_col_list: names,
    cycle_mark_column: text,
    cycle_mark_value: constant,
    cycle_mark_default: constant,
    cycle_path_column: text,
  },
  ResTarget: { name: text, val: expression },
  // A function in FROM is a list of its call and the list of its columns.
  List: { items: list(either(expression, node('The list', 'List ColumnDef'), empty)) },

  // FROM

  RangeVar: {
    catalogname: refused('The name of a database'),
    schemaname: text,
    relname: text,
    inh: flag,
    relpersistence: word('The table', 'p'),
    alias: inline('Alias'),
  },
  RangeSubselect: { lateral: flag, subquery: select, alias: inline('Alias') },
  RangeFunction: {
    lateral: flag,
    ordinality: flag,
    is_rowsfrom: flag,
    functions: list(node('The function', 'List')),
    alias: inline('Alias'),
    coldeflist: columnDefinitions,
  },
  ColumnDef: { colname: text, typeName: inline('TypeName'), is_local: flag, collClause: inline('CollateClause') },
  RangeTableSample: {
    relation: node('A sample of', 'RangeVar'),
    method: names,
    args: list(constant),
    repeatable: constant,
  },
  JoinExpr: {
    jointype: word('The join', 'JOIN_INNER JOIN_LEFT JOIN_FULL JOIN_RIGHT'),
    isNatural: flag,
    larg: fromItem,
    rarg: fromItem,
    usingClause: names,
    join_using_alias: refused('An alias behind USING'),
    quals: expression,
    alias: inline('Alias'),
  },
  Alias: { aliasname: text, colnames: names },

  // Expressions

  A_Const: {
    ival: inline('Integer'),
    fval: inline('Float'),
    sval: inline('String'),
    boolval: inline('Boolean'),
    bsval: inline('BitString'),
    isnull: flag,
  },
  Integer: { ival: integer },
  Float: { fval: text },
  String: { sval: text },
  Boolean: { boolval: flag },
  BitString: { bsval: text },
  ColumnRef: { fields: list(node('The name', 'String A_Star')) },
  A_Star: {},
  A_Expr: {
    kind: word(
      'The operator',
      `AEXPR_OP AEXPR_OP_ANY AEXPR_OP_ALL AEXPR_DISTINCT AEXPR_NOT_DISTINCT AEXPR_NULLIF AEXPR_IN AEXPR_LIKE AEXPR_ILIKE
      AEXPR_SIMILAR AEXPR_BETWEEN AEXPR_NOT_BETWEEN AEXPR_BETWEEN_SYM AEXPR_NOT_BETWEEN_SYM`,
    ),
    name: names,
    lexpr: expression,
    rexpr: operand,
  },
  BoolExpr: { boolop: word('The operator', 'AND_EXPR OR_EXPR NOT_EXPR'), args: expressions },
  NullTest: { arg: expression, nulltesttype: word('The test', 'IS_NULL IS_NOT_NULL') },
  BooleanTest: {
    arg: expression,
    booltesttype: word('The test', 'IS_TRUE IS_NOT_TRUE IS_FALSE IS_NOT_FALSE IS_UNKNOWN IS_NOT_UNKNOWN'),
  },
  FuncCall: {
    funcname: names,
    args: expressions,
    agg_order: sorting,
    agg_filter: expression,
    over: inline('WindowDef'),
    agg_within_group: flag,
    agg_star: flag,
    agg_distinct: flag,
    func_variadic: flag,
    funcformat: word('The call', 'COERCE_EXPLICIT_CALL COERCE_SQL_SYNTAX'),
  },
  NamedArgExpr: { name: text, arg: expression, argnumber: integer },
  WindowDef: {
    name: text,
    refname: text,
    partitionClause: expressions,
    orderClause: sorting,
    frameOptions: integer,
    startOffset: expression,
    endOffset: expression,
  },
  SortBy: {
    node: expression,
    sortby_dir: word('The sort direction', 'SORTBY_DEFAULT SORTBY_ASC SORTBY_DESC'),
    sortby_nulls: word('The order of nulls', 'SORTBY_NULLS_DEFAULT SORTBY_NULLS_FIRST SORTBY_NULLS_LAST'),
  },
  TypeCast: { arg: expression, typeName: inline('TypeName') },
  TypeName: {
    names,
    setof: refused('SETOF'),
    pct_type: refused('The type of a column'),
    typmods: list(node('The size of a type', 'A_Const')),
    typemod: integer,
    arrayBounds: list(node('The bounds', 'Integer')),
  },
  CaseExpr: { arg: expression, args: list(node('The branch', 'CaseWhen')), defresult: expression },
  CaseWhen: { expr: expression, result: expression },
  CoalesceExpr: { args: expressions },
  MinMaxExpr: { op: word('The function', 'IS_GREATEST IS_LEAST'), args: expressions },
  SubLink: {
    subLinkType: word('The sub-query', 'EXISTS_SUBLINK ALL_SUBLINK ANY_SUBLINK EXPR_SUBLINK ARRAY_SUBLINK'),
    testexpr: expression,
    operName: names,
    subselect: select,
  },
  SQLValueFunction: {
    op: word(
      'The name',
      `SVFOP_CURRENT_DATE SVFOP_CURRENT_TIME SVFOP_CURRENT_TIME_N SVFOP_CURRENT_TIMESTAMP SVFOP_CURRENT_TIMESTAMP_N
      SVFOP_LOCALTIME SVFOP_LOCALTIME_N SVFOP_LOCALTIMESTAMP SVFOP_LOCALTIMESTAMP_N`,
    ),
    typmod: integer,
  },
  A_ArrayExpr: { elements: expressions },
  RowExpr: { args: expressions, row_format: word('The row', 'COERCE_EXPLICIT_CALL COERCE_IMPLICIT_CAST') },
  A_Indirection: { arg: expression, indirection: list(node('The part of a value', 'A_Indices')) },
  A_Indices: { is_slice: flag, lidx: expression, uidx: expression },
  CollateClause: { arg: expression, collname: names },
  GroupingFunc: { args: expressions },
  GroupingSet: {
    kind: word(
      'The grouping',
      'GROUPING_SET_EMPTY GROUPING_SET_SIMPLE GROUPING_SET_ROLLUP GROUPING_SET_CUBE GROUPING_SET_SETS',
    ),
    content: list(node('The grouping', `GroupingSet ${EXPRESSIONS}`)),
  },
  JsonIsPredicate: {
    expr: expression,
    format: inline('JsonFormat'),
    item_type: word('The kind of JSON', 'JS_TYPE_ANY JS_TYPE_OBJECT JS_TYPE_ARRAY JS_TYPE_SCALAR'),
    unique_keys: flag,
  },
  JsonFormat: {
    format_type: word('The format', 'JS_FORMAT_DEFAULT'),
    encoding: word('The encoding', 'JS_ENC_DEFAULT'),
  },
};

/**
 * Checks that a tree is one SELECT, or an EXPLAIN of one, of known nodes only.
 *
 * @throws EngineError `sql_construct_not_allowed` or `sql_too_large`
 */
export function assertStatement(tree: unknown, visit: Visit): void {
  checkShape(NODES, node('The statement', 'ExplainStmt SelectStmt'), tree, visit);
}
