/** What stands in FROM. */
import type { Alias, JoinExpr, Node, RangeFunction, RangeSubselect, RangeVar } from 'libpg-query';
import { EngineError } from '../../errors.js';
import type { GuardedTable, GuardScope } from '../guard.js';
import { type Ctes, outputOf, type Queries } from './ctes.js';
import {
  type BaseTable,
  type Column,
  confine,
  derived,
  type Frame,
  inFrame,
  isCertain,
  named,
  namesOf,
  type Namespace,
  NO_NAMES,
  type Relation,
  renamed,
  together,
} from './frame.js';
import { isRuled } from './grouping.js';
import { FUNCTION_COLUMNS, SCALAR_SETS } from './functions.js';
import { unknownColumn } from './lookup.js';
import { eachChild, nameParts } from './walker.js';

export class FromClause {
  /** Every reference to a table of the scope. */
  readonly bases: BaseTable[] = [];
  private readonly tables: ReadonlyMap<string, GuardedTable>;
  private readonly defaultSchema: string | undefined;

  constructor(
    private readonly queries: Queries,
    scope: GuardScope,
  ) {
    this.defaultSchema = scope.defaultSchema;
    this.tables = new Map(scope.tables.map((table) => [this.keyOf(...schemaAndName(table.name)), table]));
  }

  /** @param beside what stands before it in FROM, which a lateral item may use */
  item(node: Node, ctes: Ctes, beside: Frame): Namespace {
    if ('RangeVar' in node) return namesOf(this.table(node, node.RangeVar, ctes));
    if ('RangeTableSample' in node) {
      const { relation } = node.RangeTableSample;
      return relation !== undefined && 'RangeVar' in relation
        ? namesOf(this.table(node, relation.RangeVar, ctes))
        : NO_NAMES;
    }
    if ('RangeSubselect' in node) return namesOf(this.subselect(node.RangeSubselect, ctes, beside));
    if ('RangeFunction' in node) return namesOf(this.functions(node.RangeFunction, ctes, beside));
    return 'JoinExpr' in node ? this.join(node.JoinExpr, ctes, beside) : NO_NAMES;
  }

  private table(place: Node, reference: RangeVar, ctes: Ctes): Relation {
    const { schemaname, relname = '', alias } = reference;
    const cte = schemaname === undefined ? ctes.get(relname) : undefined;
    if (cte !== undefined) return aliased(derived(relname, outputOf(this.queries, cte)), alias);

    const table = this.tables.get(this.keyOf(schemaname, relname));
    if (table === undefined) {
      const name = schemaname === undefined ? relname : `${schemaname}.${relname}`;
      throw new EngineError(
        'sql_table_not_allowed',
        `The table ${name} is not part of this data source. Use one of its tables.`,
      );
    }
    if (schemaname === undefined && this.defaultSchema !== undefined) reference.schemaname = this.defaultSchema;
    // New names for columns go by their order, which may be another on the server.
    const confined = isRuled(table) || alias?.colnames !== undefined;
    const base: BaseTable = { table, place, reference, confined };
    this.bases.push(base);
    const columns = table.columns.map((column) => ({ name: column, sources: [{ table: table.name, column }] }));
    const schema = alias === undefined ? (reference.schemaname ?? null) : null;
    return { ...aliased({ alias: relname, schema, columns, certain: true, base }, alias), base };
  }

  private subselect({ lateral, subquery, alias }: RangeSubselect, ctes: Ctes, beside: Frame): Relation {
    const output = this.queries.subquery(subquery, ctes, lateral ? beside : beside.outer);
    return aliased(derived(null, output), alias);
  }

  /** Functions may use what stands before them, as if they were lateral. */
  private functions(range: RangeFunction, ctes: Ctes, beside: Frame): Relation {
    const { functions = [], ordinality, alias, coldeflist } = range;
    const calls = functions.map((item) => ('List' in item ? (item.List.items ?? []) : []));
    for (const [call] of calls) if (call !== undefined) this.queries.expression(call, ctes, beside);
    const outputs = calls.map(([call, definitions]) =>
      functionColumns(call, coldeflist ?? definitions, alias?.aliasname),
    );
    const columns = outputs.flatMap((output) => output.columns);
    if (ordinality) columns.push('ordinality');
    const relation = derived(null, { columns: named(...columns), certain: outputs.every(({ certain }) => certain) });
    const [first] = calls[0] ?? [];
    const name = first !== undefined && 'FuncCall' in first ? nameParts(first.FuncCall.funcname).at(-1) : undefined;
    return aliased({ ...relation, alias: name ?? null }, alias);
  }

  private join(join: JoinExpr, ctes: Ctes, beside: Frame): Namespace {
    const left = join.larg === undefined ? NO_NAMES : this.item(join.larg, ctes, beside);
    const lateral = inFrame(together(beside, left), beside.outer);
    const right = join.rarg === undefined ? NO_NAMES : this.item(join.rarg, ctes, lateral);
    if (join.isNatural) spellOut(join, left, right);
    const shared = nameParts(join.usingClause);
    const names = shared.length > 0 ? this.joinedUsing(shared, left, right) : together(left, right);
    if (join.quals !== undefined) this.queries.expression(join.quals, ctes, inFrame(names, beside.outer));
    if (join.alias === undefined) return names;
    // What the join has in all depends on every column of its tables.
    confine(names);
    const output = { columns: names.columns, certain: isCertain(names) };
    return namesOf(aliased({ alias: null, schema: null, base: null, ...output }, join.alias));
  }

  private joinedUsing(shared: readonly string[], left: Namespace, right: Namespace): Namespace {
    const merged = shared.map((name): Column => {
      const sources = [left, right].flatMap((side) => this.columnToShare(side, name));
      return { name, sources };
    });
    const others = together(left, right);
    const rest = others.columns.filter(({ name }) => !shared.includes(name));
    return { relations: others.relations, columns: [...merged, ...rest], merged: true };
  }

  private columnToShare(side: Namespace, name: string): Column['sources'] {
    const hits = side.columns.filter((column) => column.name === name);
    if (hits.length === 0 && isCertain(side)) throw unknownColumn(name);
    if (!isCertain(side)) confine(side);
    const sources = hits.flatMap((hit) => hit.sources);
    this.queries.lookup.markRead(sources);
    return sources;
  }

  private keyOf(schema: string | undefined, name: string): string {
    return `${schema === undefined || schema === this.defaultSchema ? '' : schema}\0${name}`;
  }
}

/** `sales.orders` is a table of another schema. A name with more dots could mean several things and fits no table. */
function schemaAndName(name: string): [schema: string | undefined, name: string] {
  const dot = name.indexOf('.');
  if (dot < 0) return [undefined, name];
  return name.includes('.', dot + 1) ? ['\0', name] : [name.slice(0, dot), name.slice(dot + 1)];
}

/** Gives a relation the name and the column names of an alias. */
function aliased(relation: Relation, alias: Alias | undefined): Relation {
  if (alias === undefined) return relation;
  const output = renamed(relation, nameParts(alias.colnames));
  return { ...relation, ...output, alias: alias.aliasname ?? null };
}

/** NATURAL compares all columns of the same name, also those that the scope does not have. */
function spellOut(join: JoinExpr, left: Namespace, right: Namespace): void {
  if (!isCertain(left) || !isCertain(right)) {
    confine(left);
    confine(right);
    return;
  }
  const names = new Set(right.columns.map(({ name }) => name));
  const shared = [...new Set(left.columns.map(({ name }) => name))].filter((name) => names.has(name));
  delete join.isNatural;
  if (shared.length > 0) join.usingClause = shared.map((name) => ({ String: { sval: name } }));
  else join.quals = { A_Const: { boolval: { boolval: true } } };
}

/** The columns that a function in FROM has. What gives rows of some type may have others. */
function functionColumns(
  call: Node | undefined,
  definitions: Node | Node[] | undefined,
  alias: string | undefined,
): { columns: string[]; certain: boolean } {
  const defined: string[] = [];
  eachChild([definitions], (node) => {
    if ('ColumnDef' in node) defined.push(node.ColumnDef.colname ?? '');
    else eachChild(node, (child) => 'ColumnDef' in child && defined.push(child.ColumnDef.colname ?? ''));
  });
  if (defined.length > 0) return { columns: defined, certain: true };
  const name = call !== undefined && 'FuncCall' in call ? (nameParts(call.FuncCall.funcname).at(-1) ?? '') : '';
  const fixed = FUNCTION_COLUMNS[name];
  if (fixed !== undefined) return { columns: [...fixed], certain: true };
  return { columns: [alias ?? name], certain: SCALAR_SETS.has(name) };
}
