/**
 * Resolves the names of a statement: every table must be one of the scope's or a CTE visible where it is used, every
 * column one that the scope has. Tables give way to sub-selects of the columns of the scope afterwards, so the server
 * cannot find anything that was not found here.
 */
import type { ColumnRef } from '../../catalog/catalog.js';
import { EngineError } from '../../errors.js';
import type { GuardedTable, GuardScope } from '../guard.js';
import type { SelectDialect } from './dialect.js';
import {
  type Column,
  derived,
  type Frame,
  frameOf,
  named,
  type Output,
  type Relation,
  renamed,
  type Source,
} from './frame.js';
import { Lookup } from './lookup.js';
import { refuseConstruct } from './refusal.js';
import { ScopeTables } from './scope-tables.js';
import type {
  Body,
  Chain,
  Cte,
  Expression,
  FromItem,
  Item,
  Join,
  Query,
  Select,
  TableReference,
  With,
} from './tree.js';
import { eachChild, nodesOf } from './walker.js';

/** What a statement reads, as the scope spells it, in the order of first use; and where. */
export interface Lineage {
  tables: string[];
  columns: ColumnRef[];
  sources: readonly Source[];
  /** Where there is a WITH. */
  clauses: readonly { with: With | null }[];
}

/** CTEs visible at one place, by their folded names. */
type Ctes = ReadonlyMap<string, VisibleCte>;

interface VisibleCte {
  definition: Cte;
  /** Null while it cannot refer to itself yet. */
  output: Output | null;
}

/** A resolved SELECT: what it gives, and what names mean behind it. */
interface Resolved {
  output: Output;
  frame: Frame;
  ctes: Ctes;
}

/** @throws EngineError `sql_table_not_allowed`, `sql_invalid` or `sql_construct_not_allowed` */
export function resolveNames(query: Query, scope: GuardScope, dialect: SelectDialect): Lineage {
  const resolver = new Resolver(scope, dialect);
  resolver.query(query, new Map(), null);
  return resolver.lineage(query);
}

class Resolver {
  private readonly sources: Source[] = [];
  private readonly clauses: { with: With | null }[] = [];
  private readonly tables: ScopeTables;
  private readonly lookup: Lookup;

  constructor(
    scope: GuardScope,
    private readonly dialect: SelectDialect,
  ) {
    this.tables = new ScopeTables(scope, dialect);
    this.lookup = new Lookup(dialect);
  }

  /** @throws Error when a reference to a table was not looked at, which would be a mistake in this file */
  lineage(query: Query): Lineage {
    const places = new Set(this.sources.map(({ place }) => place));
    if (nodesOf('table', query).some((place) => !places.has(place)))
      throw new Error('A table of the statement was not resolved.');
    const tables = this.sources.flatMap(({ of }) => ('columns' in of ? of.name : []));
    return {
      tables: [...new Set(tables)],
      columns: this.lookup.columns(),
      sources: this.sources,
      clauses: this.clauses,
    };
  }

  /** @param onFirst is told the output of the first part of a set operation, before the others are resolved */
  query(query: Query, outerCtes: Ctes, outer: Frame | null, onFirst?: (output: Output) => void): Output {
    const ctes = this.with(query, outerCtes, outer);
    const first = this.body(query.body, ctes, outer);
    onFirst?.(first.output);
    // The WITH of ClickHouse's first SELECT holds for those behind it as well.
    const shared = this.dialect.inlinesCtes ? first.ctes : ctes;
    const last = query.others.reduce((_before, { body }) => this.body(body, shared, outer), first);
    const behind = this.behind(query, first, last, ctes, outer);
    this.within([query.orderBy, query.tails], behind.ctes, behind.frame);
    return first.output;
  }

  /** In ClickHouse, ORDER BY behind a set operation belongs to its last SELECT. */
  private behind({ others }: Query, first: Resolved, last: Resolved, ctes: Ctes, outer: Frame | null): Resolved {
    if (others.length === 0 || this.dialect.features.has('scalar-with')) return last;
    return { output: first.output, ctes, frame: frameOf([{ ...first.output, alias: null, schema: null }], outer) };
  }

  private body(body: Body, ctes: Ctes, outer: Frame | null): Resolved {
    switch (body.kind) {
      case 'select':
        return this.select(body, ctes, outer);
      case 'bracketed': {
        const output = this.query(body.query, ctes, outer);
        return { output, ctes, frame: frameOf([{ ...output, alias: null, schema: null }], outer) };
      }
      case 'values': {
        const frame = frameOf([], outer);
        this.within(body.rows, ctes, frame);
        return { output: { columns: [], certain: false }, ctes, frame };
      }
    }
  }

  /** The CTEs that a query with this WITH sees. Each sees those before it; a recursive one itself, too. */
  private with(place: { with: With | null }, outerCtes: Ctes, outer: Frame | null): Ctes {
    const { with: clause } = place;
    if (clause === null) return outerCtes;
    this.clauses.push(place);
    const ctes = new Map(outerCtes);
    const own = new Set<string>();
    for (const definition of clause.ctes) {
      const { name, columns, query } = definition;
      const key = this.fold(name);
      if (own.has(key)) throw new EngineError('sql_invalid', `There are two CTEs called ${name}. Rename one.`);
      own.add(key);
      const cte: VisibleCte = { definition, output: null };
      const visible = clause.recursive ? new Map(ctes).set(key, cte) : new Map(ctes);
      const finish = (output: Output): void => {
        cte.output = renamed(derived(output), columns);
      };
      finish(this.query(query, visible, outer, clause.recursive ? finish : undefined));
      ctes.set(key, cte);
    }
    return ctes;
  }

  private select(select: Select, outerCtes: Ctes, outer: Frame | null): Resolved {
    const ctes = this.with(select, outerCtes, outer);
    let frame = frameOf([], outer);
    for (const item of select.from) {
      frame = frameOf([...frame.relations, ...this.from(item, ctes, frame)], outer);
    }
    const values = this.aliasesOf(select.with?.values ?? []);
    const outputs = this.aliasesOf(select.items);
    const everywhere = this.dialect.aliasesSeen === 'everywhere' ? new Set([...values, ...outputs]) : values;
    frame = { ...frame, aliases: everywhere };
    if (select.arrayJoin !== null) {
      this.within(select.arrayJoin.items, ctes, frame);
      const unfolded = named([...this.aliasesOf(select.arrayJoin.items)]);
      frame = {
        ...frame,
        relations: [...frame.relations, { alias: null, schema: null, columns: unfolded, certain: true }],
      };
    }
    this.within(select.with?.values ?? [], ctes, frame);
    const output = this.outputs(select.items, ctes, frame);
    if (select.where !== null) this.expression(select.where, ctes, frame);
    const behind: Frame = { ...frame, aliases: new Set([...values, ...outputs]) };
    this.within([select.groupBy, select.having, select.windows, select.qualify], ctes, behind);
    return { output, frame: behind, ctes };
  }

  private aliasesOf(items: readonly Item[]): Set<string> {
    return new Set(items.flatMap(({ alias }) => (alias === null ? [] : this.fold(alias))));
  }

  private outputs(items: readonly Item[], ctes: Ctes, frame: Frame): Output {
    const columns: Column[] = [];
    let certain = true;
    for (const { value, alias } of items) {
      if (value.kind === 'star') {
        const relations = this.lookup.starred(value, frame);
        columns.push(...relations.flatMap((relation) => relation.columns));
        certain &&= relations.every((relation) => relation.certain);
        continue;
      }
      this.expression(value, ctes, frame);
      const name = alias ?? (value.kind === 'column' ? value.path.at(-1) : undefined);
      if (name === undefined) certain = false;
      else columns.push({ name, sources: [] });
    }
    return { columns: named(columns.map(({ name }) => name)), certain };
  }

  // FROM

  /** @param beside what stands before it in FROM, which a lateral item may use */
  private from(item: FromItem, ctes: Ctes, beside: Frame): readonly Relation[] {
    switch (item.kind) {
      case 'table':
        return [this.table(item, ctes)];
      case 'derived': {
        const output = this.query(item.query, ctes, item.lateral ? beside : beside.outer);
        return [{ ...renamed(derived(output), item.columns), alias: item.alias, schema: null }];
      }
      case 'from-call': {
        this.within(item.args, ctes, beside);
        const names = item.columns.length > 0 ? item.columns : item.gives;
        return [{ columns: named(names), certain: names.length > 0, alias: item.alias, schema: null }];
      }
      case 'from-brackets':
        return this.from(item.item, ctes, beside);
      case 'join':
        return this.join(item, ctes, beside);
    }
  }

  private table(reference: TableReference, ctes: Ctes): Relation {
    const { path, alias, columns } = reference;
    const [name = ''] = path;
    const cte = path.length === 1 ? ctes.get(this.fold(name)) : undefined;
    if (cte !== undefined) {
      const { definition, output } = cte;
      if (output === null) {
        throw new EngineError(
          'sql_invalid',
          `The CTE ${name} refers to itself before its first part. Use UNION behind a first part.`,
        );
      }
      if (reference.end !== '' || reference.sample !== null) refuseConstruct('A sample of a CTE');
      this.sources.push({ place: reference, of: definition.query });
      return { ...renamed(output, columns), alias: alias ?? name, schema: null };
    }
    const table = this.tables.find(path);
    reference.path = this.tables.pathOf(table);
    this.sources.push({ place: reference, of: table });
    return {
      ...renamed(baseOutput(table), columns),
      alias: alias ?? this.tables.nameOf(table),
      schema: reference.path.at(-2) ?? null,
    };
  }

  private join(join: Join, ctes: Ctes, beside: Frame): readonly Relation[] {
    const left = this.from(join.left, ctes, beside);
    const right = this.from(join.right, ctes, frameOf([...beside.relations, ...left], beside.outer));
    const relations = [...left, ...right];
    for (const name of join.using) for (const side of [left, right]) this.lookup.unqualified(name, frameOf(side, null));
    if (join.on !== null) this.expression(join.on, ctes, frameOf(relations, beside.outer));
    return relations;
  }

  // Expressions

  private expression(node: Expression, ctes: Ctes, frame: Frame): void {
    switch (node.kind) {
      case 'column':
        return this.lookup.reference(node, frame);
      case 'subquery':
        this.query(node.query, ctes, frame);
        return;
      case 'lambda': {
        const parameters = { columns: named(node.parameters), certain: true, alias: null, schema: null };
        return this.expression(node.body, ctes, frameOf([parameters], frame));
      }
      case 'chain':
        if (this.dialect.features.has('tables-in-values')) refuseTableNames(node);
    }
    this.within(node, ctes, frame);
  }

  /** Resolves the expressions that something holds; not itself, should it be one. */
  private within(holder: object, ctes: Ctes, frame: Frame): void {
    eachChild(holder, (child) => this.expression(child, ctes, frame));
  }

  private fold(name: string): string {
    return this.dialect.foldsNames ? name.toLowerCase() : name;
  }
}

const baseOutput = ({ name, columns }: GuardedTable): Output => ({
  columns: columns.map((column) => ({ name: column, sources: [{ table: name, column }] })),
  certain: true,
});

/** `x IN y` reads the table y in ClickHouse. */
export function refuseTableNames({ parts }: Chain): void {
  parts.forEach((part, index) => {
    const before = parts[index - 1];
    if (before?.kind !== 'operator' || !/\bIN$/.test(before.text)) return;
    let operand = part;
    while (operand.kind === 'brackets' && operand.items.length === 1 && operand.items[0] !== undefined) {
      [operand] = operand.items;
    }
    if (operand.kind === 'column') refuseConstruct('A name behind IN');
  });
}
