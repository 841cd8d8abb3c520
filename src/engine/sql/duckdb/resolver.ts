/**
 * Resolves the names of a statement: every table must be one of the scope's or a CTE visible where it is used, and
 * columns are followed back to the tables they come from.
 */
import type { ColumnRef } from '../../catalog/catalog.js';
import { EngineError } from '../../errors.js';
import type { GuardScope } from '../guard.js';
import {
  derivedRelation,
  type Frame,
  lookUpName,
  type OutputNames,
  type Relation,
  renamed,
  tableRelation,
} from './frame.js';
import { LAMBDA_FUNCTIONS, SESSION_NAMES } from './functions.js';
import { foldName } from './names.js';
import { functionNotAllowed } from './policy.js';
import type {
  BaseTable,
  ColumnReference,
  Expression,
  Join,
  Modifier,
  QueryNode,
  SelectNode,
  SelectStatement,
  Star,
  TableReference,
  TreeNode,
} from './tree.js';
import { childrenOf, isExpression, isQuery } from './walker.js';

type ScopeTable = GuardScope['tables'][number];

/** CTEs visible at one place, by folded name. */
type VisibleCtes = ReadonlyMap<string, OutputNames>;

/** Tables and columns that a statement reads, as the scope spells them, in the order of their first use. */
export interface Lineage {
  tables: string[];
  columns: ColumnRef[];
}

/** Is told where tables of the scope stand, and what names mean in a SELECT once its FROM is known. */
export interface ResolutionObserver {
  table(reference: BaseTable, table: ScopeTable, relation: Relation): void;
  select(node: SelectNode, frame: Frame): void;
}

/**
 * Resolves a normalised statement and takes the `main.` off its tables.
 *
 * @throws EngineError `sql_table_not_allowed`, or `sql_function_not_allowed` for `current_user` and its like
 */
export function resolveNames(statement: SelectStatement, scope: GuardScope, observer?: ResolutionObserver): Lineage {
  const resolver = new Resolver(scope, observer);
  resolver.query(statement.node, new Map(), null);
  return resolver.lineage();
}

class Resolver {
  private readonly scope: Map<string, ScopeTable>;
  private readonly tables = new Set<string>();
  private readonly columns = new Map<string, ColumnRef>();

  constructor(
    scope: GuardScope,
    private readonly observer?: ResolutionObserver,
  ) {
    this.scope = new Map(scope.tables.map((table) => [foldName(table.name), table]));
  }

  lineage(): Lineage {
    return { tables: [...this.tables], columns: [...this.columns.values()] };
  }

  query(node: QueryNode, outerCtes: VisibleCtes, outer: Frame | null): OutputNames {
    const ctes = this.ctesOf(node, outerCtes, outer);
    switch (node.type) {
      case 'SELECT_NODE':
        return this.select(node, ctes, outer);
      case 'SET_OPERATION_NODE': {
        const left = this.query(node.left, ctes, outer);
        this.query(node.right, ctes, outer);
        // What is sorted here is the output of both sides.
        const frame: Frame = { relations: [derivedRelation('', null, [])], aliases: new Set(), outer };
        this.modifiers(node.modifiers, ctes, frame);
        return node.setop_type === 'UNION_BY_NAME' ? null : left;
      }
      case 'RECURSIVE_CTE_NODE': {
        const left = this.query(node.left, ctes, outer);
        // Only the repeated part may refer to the CTE itself.
        const own = renamed(left, node.aliases);
        const name = foldName(node.cte_name);
        this.query(node.right, new Map([...ctes, [name, own], [recurringName(name), own]]), outer);
        return left;
      }
    }
  }

  /** A CTE sees those before it, and a table whose name it takes, but not itself. */
  private ctesOf(node: QueryNode, outerCtes: VisibleCtes, outer: Frame | null): VisibleCtes {
    if (node.cte_map.map.length === 0) return outerCtes;
    const ctes = new Map(outerCtes);
    for (const { key, value } of node.cte_map.map) {
      const output = this.query(value.query.node, ctes, outer);
      ctes.set(foldName(key), renamed(output, value.aliases));
    }
    return ctes;
  }

  private select(node: SelectNode, ctes: VisibleCtes, outer: Frame | null): OutputNames {
    const aliases = node.select_list.map((item) => foldName(item.alias)).filter((alias) => alias !== '');
    const frame: Frame = { relations: [], aliases: new Set(aliases), outer };
    this.table(node.from_table, ctes, frame);
    this.observer?.select(node, frame);
    const clauses = [node.where_clause, ...node.group_expressions, node.having, node.qualify, ...node.select_list];
    for (const clause of clauses) if (clause !== null) this.expression(clause, ctes, frame);
    this.modifiers(node.modifiers, ctes, frame);
    return outputOf(node.select_list, frame);
  }

  private modifiers(modifiers: Modifier[], ctes: VisibleCtes, frame: Frame): void {
    for (const child of modifiers.flatMap(childrenOf)) {
      // In ORDER BY an output name goes before a column of the same name.
      const named = isExpression(child) && child.class === 'COLUMN_REF' && child.column_names.length === 1;
      if (!named || !frame.aliases.has(foldName(child.column_names.join()))) this.node(child, ctes, frame);
    }
  }

  // FROM: each adds what it brings to the frame.

  private table(table: TableReference, ctes: VisibleCtes, frame: Frame): void {
    switch (table.type) {
      case 'EMPTY':
        return;
      case 'BASE_TABLE':
        frame.relations.push(this.baseTable(table, ctes));
        return;
      case 'SUBQUERY': {
        const output = this.query(table.subquery.node, ctes, frame);
        frame.relations.push(derivedRelation(table.alias, output, table.column_name_alias));
        return;
      }
      case 'JOIN':
        return this.join(table, ctes, frame);
      case 'PIVOT': {
        const source: Frame = { relations: [], aliases: new Set(), outer: frame };
        this.table(table.source, ctes, source);
        // Whatever is not pivoted becomes a group, so every column of the source is read.
        this.readRows(source.relations);
        for (const child of childrenOf(table)) if (isExpression(child)) this.expression(child, ctes, source);
        frame.relations.push(derivedRelation(table.alias, null, []));
        return;
      }
      case 'SHOW_REF':
      case 'EXPRESSION_LIST':
      case 'TABLE_FUNCTION':
        for (const child of childrenOf(table)) this.node(child, ctes, frame);
        frame.relations.push(derivedRelation(table.alias, null, []));
        return;
    }
  }

  private baseTable(table: BaseTable, ctes: VisibleCtes): Relation {
    const name = foldName(table.table_name);
    const alias = table.alias || table.table_name;
    const schema = foldName(table.schema_name);
    const cte = ctes.get(schema === 'recurring' ? recurringName(name) : name);
    if (cte !== undefined && table.catalog_name === '' && (schema === '' || schema === 'recurring')) {
      return derivedRelation(alias, cte, table.column_name_alias);
    }

    const found = this.scope.get(name);
    if (table.catalog_name !== '' || (schema !== '' && schema !== 'main') || found === undefined) {
      const path = [table.catalog_name, table.schema_name, table.table_name].filter((part) => part !== '');
      throw new EngineError(
        'sql_table_not_allowed',
        `The table ${path.join('.')} is not part of this data source. Use one of its tables.`,
      );
    }
    if (schema === 'main') {
      // Without its schema the name would come to mean the CTE.
      if (cte !== undefined) {
        throw new EngineError('sql_table_not_allowed', `${table.table_name} is also a CTE here. Rename the CTE.`);
      }
      table.schema_name = '';
    }
    this.tables.add(found.name);
    const relation = tableRelation(alias, found.name, found.columns, table.column_name_alias);
    this.observer?.table(table, found, relation);
    return relation;
  }

  private join(join: Join, ctes: VisibleCtes, frame: Frame): void {
    const start = frame.relations.length;
    this.table(join.left, ctes, frame);
    const middle = frame.relations.length;
    this.table(join.right, ctes, frame);
    const left = frame.relations.slice(start, middle);
    const right = frame.relations.slice(middle);
    const shared = join.using_columns.map(foldName);
    if (join.ref_type === 'NATURAL') {
      const leftNames = new Set(columnNamesOf(left));
      shared.push(...columnNamesOf(right).filter((name) => leftNames.has(name)));
    }
    for (const name of shared) this.readColumn([...left, ...right], name);
    if (join.condition !== null) this.expression(join.condition, ctes, frame);
  }

  // Expressions

  private node(node: TreeNode, ctes: VisibleCtes, frame: Frame): void {
    if (isQuery(node)) this.query(node, ctes, frame);
    else if (isExpression(node)) this.expression(node, ctes, frame);
    else for (const child of childrenOf(node)) this.node(child, ctes, frame);
  }

  private expression(expression: Expression, ctes: VisibleCtes, frame: Frame): void {
    if (expression.class === 'COLUMN_REF') return this.columnReference(expression, frame);
    if (expression.class === 'STAR') this.star(expression, frame);
    if (expression.class === 'POSITIONAL_REFERENCE') this.readRows(frame.relations);

    const takesLambdas = expression.class === 'FUNCTION' && LAMBDA_FUNCTIONS.has(foldName(expression.function_name));
    for (const child of childrenOf(expression)) {
      if (takesLambdas && isExpression(child) && child.class === 'LAMBDA') {
        const parameters = new Set(parametersOf(child.lhs).map(foldName));
        this.expression(child.expr, ctes, { relations: [], aliases: parameters, outer: frame });
      } else {
        this.node(child, ctes, frame);
      }
    }
  }

  private columnReference(reference: ColumnReference, frame: Frame): void {
    const path = reference.column_names.map(foldName);
    const meaning = lookUpName(path, frame);
    if (meaning.kind === 'column') this.readColumn(meaning.relations, meaning.column);
    if (meaning.kind === 'row') this.readRows(meaning.relations);
    const name = path.join('.');
    if (meaning.kind === 'unknown' && SESSION_NAMES.has(name)) throw functionNotAllowed(name);
  }

  private star(star: Star, frame: Frame): void {
    const excluded = new Set(
      [...star.exclude_list, ...star.qualified_exclude_list.map(({ column }) => column)].map(foldName),
    );
    for (const relation of starRelations(star, frame)) {
      for (const name of columnNamesOf([relation])) if (!excluded.has(name)) this.readColumn([relation], name);
    }
  }

  // What is read

  private readColumn(relations: Relation[], name: string): void {
    for (const { columns } of relations) {
      const source = columns?.get(name);
      if (source) this.columns.set(`${source.table}\0${source.column}`, source);
    }
  }

  private readRows(relations: Relation[]): void {
    for (const relation of relations) {
      for (const name of columnNamesOf([relation])) this.readColumn([relation], name);
    }
  }
}

/** `recurring.c` is what a recursive CTE with USING KEY has collected so far. No CTE can be named like this. */
const recurringName = (name: string): string => `recurring\0${name}`;

const columnNamesOf = (relations: Relation[]): string[] =>
  relations.flatMap(({ columns }) => (columns === null ? [] : [...columns.keys()]));

function starRelations(star: Star, frame: Frame): Relation[] {
  const wanted = foldName(star.relation_name);
  return wanted === '' ? frame.relations : frame.relations.filter(({ name }) => name === wanted);
}

function outputOf(items: Expression[], frame: Frame): OutputNames {
  const output: string[] = [];
  for (const item of items) {
    if (item.class === 'STAR') {
      const relations = starRelations(item, frame);
      const unknown = item.columns || item.rename_list.length > 0 || relations.some(({ columns }) => columns === null);
      if (unknown) return null;
      output.push(...columnNamesOf(relations));
    } else {
      const name = item.class === 'COLUMN_REF' ? item.column_names.at(-1) : undefined;
      output.push(item.alias || (name ?? ''));
    }
  }
  return output;
}

/** The parameters of a lambda: one name, or `row(a, b)`. */
function parametersOf(lhs: Expression): string[] {
  if (lhs.class === 'COLUMN_REF') return lhs.column_names;
  return lhs.class === 'FUNCTION' ? lhs.children.flatMap(parametersOf) : [];
}
