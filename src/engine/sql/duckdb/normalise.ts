/**
 * Brings a tree into a form that DuckDB's printer writes faithfully. Each step keeps the meaning; each answers a case in
 * which `json_deserialize_sql` of DuckDB 1.5 prints something that parses to another tree.
 */
import { foldName } from './names.js';
import type {
  Cast,
  Constant,
  Expression,
  FunctionCall,
  Join,
  LogicalType,
  QueryNode,
  SelectNode,
  SelectStatement,
  TableReference,
  TreeNode,
} from './tree.js';
import { isExpression, isQuery, isTable, replaceChildren } from './walker.js';

/** Normalises the whole statement in place. Normalising twice changes nothing. */
export function normalise(statement: SelectStatement): void {
  normaliseNode(statement.node);
  wrapSummary(statement.node);
}

function normaliseNode(node: TreeNode): TreeNode {
  replaceChildren(node, normaliseNode);
  if (isExpression(node)) return normaliseExpression(node);
  if (isTable(node)) return node.type === 'JOIN' ? printableJoin(node) : node;
  if (isQuery(node) && node.type === 'SELECT_NODE') normaliseSelect(node);
  return node;
}

function normaliseExpression(expression: Expression): Expression {
  switch (expression.class) {
    case 'CONSTANT':
      return printableConstant(expression);
    case 'FUNCTION':
      return methodAsFunction(expression);
    default:
      return expression;
  }
}

/**
 * A DOUBLE is printed as a DECIMAL (`1e3` as `1000.0`), a DECIMAL without decimals as an INTEGER, and TRUE as the word,
 * which parses to a cast. A cast from text says exactly what is meant.
 */
function printableConstant(constant: Constant): Expression {
  const { type, is_null: isNull, value } = constant.value;
  if (isNull || value === undefined) return constant;
  if (type.id === 'BOOLEAN') return castFromText(constant, value === true ? 't' : 'f');
  if (type.id === 'DOUBLE') {
    return castFromText(
      constant,
      typeof value === 'object' && '$number' in value ? value.$number : JSON.stringify(value),
    );
  }
  if (type.id === 'DECIMAL' && typeof value === 'number' && type.type_info?.type === 'DECIMAL_TYPE_INFO') {
    const { width, scale } = type.type_info;
    if (scale === 0) return castFromText(constant, String(value));
    // Leading zeros (`007.5`) widen the type when read, but are not printed.
    const digits = String(Math.abs(value)).length;
    const withZero = width === scale ? scale : scale + 1;
    type.type_info.width = digits > scale ? digits : withZero;
  }
  return constant;
}

function castFromText(constant: Constant, text: string): Cast {
  const varchar: LogicalType = { id: 'VARCHAR', type_info: null };
  return {
    class: 'CAST',
    type: 'OPERATOR_CAST',
    alias: constant.alias,
    child: {
      class: 'CONSTANT',
      type: 'VALUE_CONSTANT',
      alias: '',
      value: { type: varchar, is_null: false, value: text },
    },
    cast_type: constant.value.type,
    try_cast: false,
  };
}

/** Real schemas; a column of such a name has to be quoted by its table. */
const SCHEMAS_WITH_FUNCTIONS = new Set(['main', 'pg_catalog', 'information_schema']);

/**
 * `name.upper()` is parsed as the function `upper` of the schema `name`; DuckDB finds out later that `name` is a column.
 * Written as `upper(name)` the column is seen by everyone who reads the tree.
 */
function methodAsFunction(call: FunctionCall): Expression {
  if (call.schema === '' || (call.catalog === '' && SCHEMAS_WITH_FUNCTIONS.has(foldName(call.schema)))) return call;
  const path = call.catalog === '' ? [call.schema] : [call.catalog, call.schema];
  const subject: Expression = { class: 'COLUMN_REF', type: 'COLUMN_REF', alias: '', column_names: path };
  return { ...call, catalog: '', schema: '', children: [subject, ...call.children] };
}

/**
 * A cross join is printed as a comma, which binds less tightly than JOIN. Inside another join, or on the right of a
 * comma, it is written as a join on TRUE.
 */
function printableJoin(join: Join): Join {
  if (join.ref_type === 'CROSS') return { ...join, right: crossAsInner(join.right) };
  return { ...join, left: crossAsInner(join.left), right: crossAsInner(join.right) };
}

function crossAsInner(table: TableReference): TableReference {
  if (table.type !== 'JOIN' || table.ref_type !== 'CROSS') return table;
  const boolean: LogicalType = { id: 'BOOLEAN', type_info: null };
  const yes: Constant = {
    class: 'CONSTANT',
    type: 'VALUE_CONSTANT',
    alias: '',
    value: { type: boolean, is_null: false, value: true },
  };
  const left = crossAsInner(table.left);
  return { ...table, left, ref_type: 'REGULAR', condition: printableConstant(yes) };
}

function normaliseSelect(select: SelectNode): void {
  numberGroups(select);
  select.from_table = bareValues(select.from_table);
}

/** Grouping expressions are numbered in the order in which the printed grouping sets name them. */
function numberGroups(select: SelectNode): void {
  const used = [...new Set(select.group_sets.flat())];
  if (used.length !== select.group_expressions.length) return;
  const position = new Map(used.map((old, index) => [old, index]));
  const expressions = used.map((old) => select.group_expressions[old]);
  if (expressions.some((expression) => expression === undefined)) return;
  select.group_expressions = expressions.filter((expression) => expression !== undefined);
  select.group_sets = select.group_sets.map((set) => set.map((old) => position.get(old) ?? old).sort((a, b) => a - b));
}

/** `FROM (VALUES …) AS valueslist` is how VALUES is printed; read again it is wrapped once more each time. */
function bareValues(table: TableReference): TableReference {
  if (table.type !== 'SUBQUERY' || table.alias !== 'valueslist') return table;
  if (table.column_name_alias.length > 0 || table.sample !== null) return table;
  const inner = table.subquery.node;
  return isBareStar(inner) && inner.from_table.type === 'EXPRESSION_LIST' ? inner.from_table : table;
}

/** `SUMMARIZE t` is a statement of its own when printed; `SELECT * FROM (SUMMARIZE t)` can stand anywhere. */
function wrapSummary(root: QueryNode): void {
  if (!isBareStar(root) || root.from_table.type !== 'SHOW_REF') return;
  const inner: SelectNode = { ...root };
  root.from_table = {
    type: 'SUBQUERY',
    alias: '',
    sample: null,
    subquery: { node: inner, named_param_map: [] },
    column_name_alias: [],
  };
}

/** Is it `SELECT * FROM …` and nothing more? */
function isBareStar(query: QueryNode): query is SelectNode {
  if (query.type !== 'SELECT_NODE' || query.modifiers.length > 0 || query.cte_map.map.length > 0) return false;
  const [item, ...others] = query.select_list;
  const plainStar =
    item?.class === 'STAR' &&
    others.length === 0 &&
    item.relation_name === '' &&
    item.alias === '' &&
    item.expr === null &&
    !item.columns &&
    item.exclude_list.length + item.qualified_exclude_list.length + item.replace_list.length === 0 &&
    item.rename_list.length === 0;
  return (
    plainStar &&
    query.where_clause === null &&
    query.group_sets.length === 0 &&
    query.aggregate_handling === 'STANDARD_HANDLING' &&
    query.having === null &&
    query.sample === null &&
    query.qualify === null
  );
}
