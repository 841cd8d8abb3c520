/**
 * Resolves the names of a statement: every table must be one of the scope's or a CTE visible where it is used, every
 * column one that the scope has, and columns are followed back to the tables they come from.
 */
import type { Node, ResTarget, SelectStmt } from 'libpg-query';
import type { ColumnRef } from '../../catalog/catalog.js';
import type { GuardScope } from '../guard.js';
import { type Ctes, CteList, type Queries } from './ctes.js';
import {
  type BaseTable,
  confine,
  derived,
  type Frame,
  inFrame,
  isCertain,
  named,
  namesOf,
  NO_NAMES,
  type Output,
  together,
} from './frame.js';
import { FromClause } from './from.js';
import { isAggregate } from './functions.js';
import { groupDependents } from './grouping.js';
import { Lookup } from './lookup.js';
import { outputName } from './output-names.js';
import { eachChild, nameParts } from './walker.js';

/** What a statement reads, as the scope spells it, in the order of first use; and where. */
export interface Lineage {
  tables: string[];
  columns: ColumnRef[];
  bases: readonly BaseTable[];
}

/**
 * Resolves a statement, and edits it where a name could mean more to the server than it does here: `*` over a table
 * becomes a list of columns, NATURAL becomes USING.
 *
 * @throws EngineError `sql_table_not_allowed` or `sql_invalid`
 */
export function resolveNames(statement: SelectStmt, scope: GuardScope): Lineage {
  const resolver = new Resolver(scope);
  resolver.query(statement, new Map(), null);
  return resolver.lineage();
}

class Resolver implements Queries {
  readonly lookup = new Lookup();
  private readonly from: FromClause;
  private readonly ctes = new CteList(this);
  /** The name of the first output of queries that were resolved. */
  private readonly firstOutputs = new WeakMap<SelectStmt, string>();

  constructor(scope: GuardScope) {
    this.from = new FromClause(this, scope);
  }

  lineage(): Lineage {
    const { bases } = this.from;
    return { tables: [...new Set(bases.map(({ table }) => table.name))], columns: this.lookup.columns(), bases };
  }

  query(select: SelectStmt, outerCtes: Ctes, outer: Frame | null, onFirstBranch?: (output: Output) => void): Output {
    const ctes = select.withClause === undefined ? outerCtes : this.ctes.declare(select.withClause, outerCtes, outer);
    const output =
      select.larg !== undefined && select.rarg !== undefined
        ? this.setOperation(select, select.larg, select.rarg, ctes, outer, onFirstBranch)
        : this.select(select, ctes, outer);
    this.firstOutputs.set(select, output.columns[0]?.name ?? '');
    return output;
  }

  subquery(node: Node | undefined, ctes: Ctes, outer: Frame | null): Output {
    return node !== undefined && 'SelectStmt' in node
      ? this.query(node.SelectStmt, ctes, outer)
      : { columns: [], certain: false };
  }

  expression(node: Node, ctes: Ctes, frame: Frame): void {
    if ('ColumnRef' in node) return this.lookup.reference(node.ColumnRef, frame);
    if ('SubLink' in node) {
      if (node.SubLink.testexpr !== undefined) this.expression(node.SubLink.testexpr, ctes, frame);
      this.subquery(node.SubLink.subselect, ctes, frame);
      return;
    }
    const resolveParts = (): void => eachChild(node, (child) => this.expression(child, ctes, frame));
    // What an aggregate is given need not be grouped.
    if (isAggregate(node)) this.lookup.unwatched(resolveParts);
    else resolveParts();
  }

  private setOperation(
    select: SelectStmt,
    left: SelectStmt,
    right: SelectStmt,
    ctes: Ctes,
    outer: Frame | null,
    onFirstBranch?: (output: Output) => void,
  ): Output {
    const output = this.query(left, ctes, outer);
    onFirstBranch?.(output);
    this.query(right, ctes, outer);
    const frame = inFrame(namesOf(derived(null, output)), outer);
    this.tail(select, output, ctes, frame);
    return output;
  }

  private select(select: SelectStmt, ctes: Ctes, outer: Frame | null): Output {
    let frame = inFrame(NO_NAMES, outer);
    for (const item of select.fromClause ?? []) {
      frame = inFrame(together(frame, this.from.item(item, ctes, frame)), outer);
    }
    if (select.valuesLists !== undefined) {
      eachChild(select.valuesLists, (row) => this.expression(row, ctes, frame));
      const output = valuesOutput(select);
      this.tail(select, output, ctes, frame);
      return output;
    }
    let output: Output = { columns: [], certain: true };
    const used = this.lookup.watch(() => {
      output = this.targets(select, ctes, frame);
      if (select.havingClause !== undefined) this.expression(select.havingClause, ctes, frame);
      this.tail(select, output, ctes, frame);
    });
    if (select.whereClause !== undefined) this.expression(select.whereClause, ctes, frame);
    const grouped = this.lookup.watch(() => {
      for (const item of select.groupClause ?? []) this.grouping(item, output, ctes, frame);
      for (const item of select.groupClause ?? []) this.groupedOutput(item, select, ctes, frame);
    });
    groupDependents(select, frame, used, grouped);
    eachChild(select.windowClause, (window) => this.expression(window, ctes, frame));
    return output;
  }

  /** DISTINCT ON, ORDER BY and LIMIT. */
  private tail(select: SelectStmt, output: Output, ctes: Ctes, frame: Frame): void {
    const sorted = (select.sortClause ?? []).map((item) => ('SortBy' in item ? item.SortBy.node : undefined));
    for (const node of [...(select.distinctClause ?? []), ...sorted]) {
      if (node === undefined) continue;
      // An output goes before a column of the same name.
      const name = nameAlone(node);
      const isOutput = name !== null && output.columns.some((column) => column.name === name);
      if (!isOutput) this.expression(node, ctes, frame);
    }
    for (const node of [select.limitCount, select.limitOffset]) {
      if (node !== undefined) this.expression(node, ctes, frame);
    }
  }

  /** In GROUP BY a column goes before an output of the same name. */
  private grouping(node: Node, output: Output, ctes: Ctes, frame: Frame): void {
    if ('GroupingSet' in node) {
      for (const item of node.GroupingSet.content ?? []) this.grouping(item, output, ctes, frame);
      return;
    }
    if ('RowExpr' in node) {
      for (const item of node.RowExpr.args ?? []) this.grouping(item, output, ctes, frame);
      return;
    }
    const name = nameAlone(node);
    const isColumn = frame.columns.some((column) => column.name === name);
    if (name !== null && !isColumn && output.columns.some((column) => column.name === name)) confine(frame);
    else this.expression(node, ctes, frame);
  }

  /** An output that is grouped by its position or name names its column. */
  private groupedOutput(item: Node, select: SelectStmt, ctes: Ctes, frame: Frame): void {
    const position = 'A_Const' in item ? item.A_Const.ival?.ival : undefined;
    const name = nameAlone(item);
    const target = (select.targetList ?? []).find(
      (one, index) => 'ResTarget' in one && (index + 1 === position || (name !== null && one.ResTarget.name === name)),
    );
    const value = target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined;
    const isListed = value !== undefined && 'ColumnRef' in value && nameParts(value.ColumnRef.fields).at(-1) !== '*';
    if (isListed) this.expression(value, ctes, frame);
  }

  // Outputs

  private targets(select: SelectStmt, ctes: Ctes, frame: Frame): Output {
    const columns: { name: string }[] = [];
    let certain = true;
    const targets: Node[] = [];
    for (const target of select.targetList ?? []) {
      if (!('ResTarget' in target)) continue;
      const star = this.star(target.ResTarget, frame);
      if (star !== null) {
        targets.push(...star.targets);
        columns.push(...star.output.columns);
        certain &&= star.output.certain;
        continue;
      }
      targets.push(target);
      const { name, val } = target.ResTarget;
      if (val === undefined) continue;
      this.expression(val, ctes, frame);
      const spreads = 'A_Indirection' in val && val.A_Indirection.indirection?.some((part) => 'A_Star' in part);
      if (spreads) certain = false;
      else columns.push({ name: name ?? outputName(val, (query) => this.firstOutputOf(query)) });
    }
    if (select.targetList !== undefined) select.targetList = targets;
    return { columns: named(...columns.map(({ name }) => name)), certain };
  }

  /** `*` and `t.*`: over a table, the columns of the scope take its place. */
  private star(target: ResTarget, frame: Frame): { targets: Node[]; output: Output } | null {
    const reference = target.val !== undefined && 'ColumnRef' in target.val ? target.val.ColumnRef : null;
    const fields = reference?.fields ?? [];
    if (!fields.some((field) => 'A_Star' in field)) return null;
    const path = nameParts(fields).slice(0, -1);
    const relations = path.length === 0 ? frame.relations : [this.lookup.relationOf(path, frame)];
    this.lookup.found(relations.flatMap(({ columns }) => columns));

    const open = relations.filter(({ base }) => base !== null && !base.confined);
    const cannotList = path.length === 0 && (frame.merged || relations.some(({ alias }) => alias === null));
    if (open.length === 0 || cannotList) {
      confine({ ...NO_NAMES, relations });
      if (path.length > 0) target.val = { ColumnRef: { fields: fields.slice(-2) } };
      const columns = path.length === 0 ? frame.columns : relations.flatMap((relation) => relation.columns);
      return { targets: [{ ResTarget: target }], output: { columns, certain: isCertain({ ...NO_NAMES, relations }) } };
    }
    const targets = relations.flatMap(({ alias, base, columns }) => {
      const listed = base === null || base.confined ? [null] : columns.map(({ name }) => name);
      return listed.map((name) => columnTarget(alias ?? '', name));
    });
    return {
      targets,
      output: { columns: relations.flatMap(({ columns }) => columns), certain: isCertain({ ...NO_NAMES, relations }) },
    };
  }

  private firstOutputOf(query: Node): string | null {
    const name = 'SelectStmt' in query ? this.firstOutputs.get(query.SelectStmt) : undefined;
    return name === undefined || name === '' ? null : name;
  }
}

/** The name when a node is nothing but one. */
function nameAlone(node: Node): string | null {
  const fields = 'ColumnRef' in node ? (node.ColumnRef.fields ?? []) : [];
  const [first, second] = fields;
  return first !== undefined && second === undefined && 'String' in first ? (first.String.sval ?? '') : null;
}

const columnTarget = (table: string, column: string | null): Node => ({
  ResTarget: {
    val: {
      ColumnRef: {
        fields: [{ String: { sval: table } }, column === null ? { A_Star: {} } : { String: { sval: column } }],
      },
    },
  },
});

function valuesOutput({ valuesLists }: SelectStmt): Output {
  const [first] = valuesLists ?? [];
  const width = first !== undefined && 'List' in first ? (first.List.items?.length ?? 0) : 0;
  return { columns: named(...Array.from({ length: width }, (_, index) => `column${index + 1}`)), certain: true };
}
