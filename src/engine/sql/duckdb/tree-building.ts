/** New pieces of trees. */
import type { Expression, SelectNode, SelectStatement, TableReference } from './tree.js';

/** `SELECT items FROM table`, and nothing else. */
export function selectOf(items: Expression[], table: TableReference): SelectStatement {
  const node: SelectNode = {
    type: 'SELECT_NODE',
    modifiers: [],
    cte_map: { map: [] },
    select_list: items,
    from_table: table,
    where_clause: null,
    group_expressions: [],
    group_sets: [],
    aggregate_handling: 'STANDARD_HANDLING',
    having: null,
    sample: null,
    qualify: null,
  };
  return { node, named_param_map: [] };
}

/** `*` */
export function star(): Expression {
  return {
    class: 'STAR',
    type: 'STAR',
    alias: '',
    relation_name: '',
    exclude_list: [],
    replace_list: [],
    columns: false,
    expr: null,
    qualified_exclude_list: [],
    rename_list: [],
  };
}
