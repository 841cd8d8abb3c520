/** Builds one query from a frame whose phrases the resolver ties to the catalogue. */
import { EngineError } from '../../errors.js';
import type { ColumnEntry, TableEntry } from '../evidence/schema-index.js';
import {
  flagValue,
  holdsDateText,
  holdsNumberText,
  holdsYears,
  isNumeric,
  isTemporal,
  isText,
} from '../evidence/schema-index.js';
import { normalizeValue } from '../language/tokens.js';
import type { AggregateName, Comparison } from '../lexicon/lexicon.js';
import type { Condition, Frame, Measure, Mention, Operand, Superlative } from '../reading/frame.js';
import { BOTH, columnScore, tableScore } from '../reading/parser.js';
import type { Evidence } from '../reading/segments.js';
import {
  allOf,
  type Expression,
  isAggregate,
  type Predicate,
  type Query,
  sameExpression,
  type SelectItem,
} from './algebra.js';
import type { JoinGraph, Step } from './join-graph.js';
import type { Resolver } from './resolver.js';

/** Says why a frame cannot become a query. */
export class PlanningFailure extends Error {
  constructor(
    readonly reason: 'nothing-asked' | 'unranked' | 'unrelated' | 'unknown-column' | 'unknown-value' | 'unsupported',
    readonly phrase: string,
  ) {
    super(`${reason}: ${phrase}`);
  }
}

type Target = { kind: 'table'; table: TableEntry } | { kind: 'column'; column: ColumnEntry };

interface Term {
  predicate: Predicate;
  /** The table that the predicate speaks of. */
  table: TableEntry;
  joiner: 'and' | 'or';
  closesOr: boolean;
  negatedValue: boolean;
  both: boolean;
}

/** What rows are put together by, and what is shown of it. */
interface GroupPlan {
  key: Expression[];
  show: SelectItem[];
  /** The entity that the group is, when it is one. */
  table: TableEntry | null;
  trailing: boolean;
}

export interface Plan {
  query: Query;
  main: TableEntry;
  /** Plain sentences about choices the planner made that a reader should know. */
  notes: string[];
}

export class Planner {
  private readonly joined = new Set<string>();
  private readonly notes: string[] = [];
  private main: TableEntry | null = null;
  /** What "in each …" divides rows by, where nothing is worked out over them. */
  private partition: Expression[] = [];

  constructor(
    private readonly evidence: Evidence,
    private readonly graph: JoinGraph,
    private readonly resolver: Resolver,
  ) {}

  plan(frame: Frame): Plan {
    this.resolver.anchor(frame);
    const outputs = frame.outputs.map((output) => ({ output, target: this.target(output.of, output) }));
    const main = this.mainTable(frame, outputs);
    this.main = main;
    const groups = this.groups(frame, main);
    const query = this.emptyQuery(main);
    this.joined.add(main.table.name);
    const isAggregated = this.select(query, frame, outputs, groups, main);
    if (!isAggregated) this.partition = groups.flatMap((group) => group.key);
    const superlatives = frame.superlatives.filter(
      (superlative) => !this.isNested(superlative, frame, isAggregated, main),
    );
    const nested = frame.superlatives.filter((superlative) => !superlatives.includes(superlative));
    for (const superlative of superlatives)
      this.applySuperlative(query, superlative, frame, main, isAggregated || groups.length > 0);
    this.applyOrders(query, frame, main);
    const terms = frame.conditions.flatMap((condition) => this.condition(condition, main, query));
    for (const superlative of nested) terms.push(this.nestedSuperlative(superlative, main));
    if (!frame.outputs[0]?.of?.owner) this.liftToLabel(terms, query, main);
    query.where = this.where(terms, frame, main, query);
    if (frame.share) this.readAsShare(query, frame);
    this.sortByTime(query);
    this.applyLimit(query, frame);
    this.connect(query, main);
    this.finishGrouping(query);
    this.countOncePerRow(query);
    return { query, main, notes: this.notes };
  }

  /**
   * "Countries that have no …" and "countries where one is above 40 and one below 30" speak of the country and not of
   * one row: where a label that many rows share is all that is shown, such conditions hold for the label.
   */
  private liftToLabel(terms: Term[], query: Query, main: TableEntry): void {
    const [only] = query.select;
    if (
      query.select.length !== 1 ||
      only?.expression.kind !== 'column' ||
      query.groupBy.length > 0 ||
      query.orderBy.length > 0
    )
      return;
    const label = only.expression;
    const entry = main.columns.find((column) => column.column.name === label.column);
    const distinct = entry?.column.stats.distinct ?? null;
    if (
      label.table !== main.table.name ||
      !entry ||
      distinct === null ||
      distinct >= main.table.rowCount ||
      entry === this.evidence.schema.nameColumn(main)
    )
      return;
    const lift = (predicate: Predicate, negated: boolean): Predicate => {
      const inner = this.emptyQuery(main);
      inner.select = [{ expression: label, alias: null }];
      inner.where = negated ? allOf([predicate, { kind: 'missing', of: label, negated: true }]) : predicate;
      return { kind: 'member', left: label, query: inner, negated };
    };
    for (const [index, term] of terms.entries()) {
      const { predicate } = term;
      if (term.table !== main || term.joiner === 'or' || terms[index + 1]?.joiner === 'or') continue;
      if (predicate.kind === 'member' && predicate.negated) {
        term.predicate = lift({ ...predicate, negated: false }, true);
        query.distinct = true;
      } else if (
        predicate.kind === 'compare' &&
        terms.some((other) => other !== term && excludes(predicate, other.predicate))
      ) {
        term.predicate = lift(predicate, false);
        query.distinct = true;
      }
    }
  }

  /** "What percentage of orders were shipped to …": the part of all rows that fulfils the conditions. */
  private readAsShare(query: Query, frame: Frame): void {
    const shown = query.select.filter((item) => query.groupBy.some((group) => sameExpression(group, item.expression)));
    const isPlain = frame.outputs.length <= 1 && frame.superlatives.length === 0 && query.limit === null;
    if (!query.where || !isPlain) throw new PlanningFailure('unsupported', 'share');
    query.select = [...shown, { expression: { kind: 'percentage', part: query.where, of: null }, alias: null }];
    query.where = null;
    query.distinct = false;
  }

  private emptyQuery(main: TableEntry): Query {
    return {
      select: [],
      distinct: false,
      from: main.table.name,
      joins: [],
      where: null,
      groupBy: [],
      having: null,
      orderBy: [],
      limit: null,
      perGroup: null,
    };
  }

  // ---- what is asked for --------------------------------------------------------------------------------------------

  /** Whether a phrase names the rows of a table or one of their columns. */
  private target(
    mention: Mention | null,
    measure: Measure | null = null,
    near: TableEntry | null = null,
  ): Target | null {
    if (!mention) return null;
    if (mention.segment.names.length === 0) {
      const hit = this.resolver.value(mention, null);
      return hit ? { kind: 'table', table: hit.column.table } : null;
    }
    // Things are counted, so where rows are counted a table's name weighs more.
    const counts = measure?.aggregate === 'count' && !measure.distinct;
    const tables = tableScore(mention.segment) + (counts ? 0.12 : 0);
    const columns = columnScore(mention.segment);
    const owner = this.resolver.ownerTable(mention);
    const ofOwner =
      owner &&
      mention.segment.names.some(
        (reading) =>
          reading.entry.kind === 'column' &&
          reading.entry.table === owner &&
          reading.score > 0.6 &&
          !reading.entry.isForeignKey,
      );
    const wantsValue =
      measure?.aggregate !== null && measure?.aggregate !== 'count' && measure !== null && !measure.quantity;
    const prefersColumn =
      (ofOwner && columns > tables - 0.35) || columns > tables + 0.02 || (wantsValue && columns > 0.6);
    if (tables > 0.5 && !prefersColumn && !mention.isEntity) {
      const table = this.resolver.table(mention);
      if (table) return { kind: 'table', table };
    }
    if (mention.isEntity && tables > 0.5) {
      const table = this.resolver.table(mention);
      if (table) return { kind: 'table', table };
    }
    const accepts =
      wantsValue && measure?.aggregate !== 'min' && measure?.aggregate !== 'max'
        ? (column: ColumnEntry): boolean => isNumeric(column) || holdsNumberText(column)
        : undefined;
    const column = (accepts && this.resolver.column(mention, near, accepts)) ?? this.resolver.column(mention, near);
    if (column) return { kind: 'column', column };
    const table = this.resolver.table(mention);
    return table ? { kind: 'table', table } : null;
  }

  private mainTable(frame: Frame, outputs: { output: Measure; target: Target | null }[]): TableEntry {
    const tableOf = (target: Target | null): TableEntry | null =>
      target === null ? null : target.kind === 'table' ? target.table : target.column.table;
    const aggregated = outputs.find(
      ({ output, target }) => target !== null && (output.aggregate !== null || output.quantity),
    );
    const entity = frame.superlatives
      .map((superlative) => superlative.entity)
      .find((mention) => mention && tableScore(mention.segment) > 0.5);
    const candidates = [
      tableOf(aggregated?.target ?? null),
      tableOf(outputs.find(({ target }) => target !== null)?.target ?? null),
      entity ? this.resolver.table(entity) : null,
      ...frame.subjects.map((subject) => tableOf(this.target(subject))),
      ...frame.superlatives.map((superlative) => tableOf(this.target(superlative.measure.of))),
      this.resolver.anchors[0] ?? null,
    ];
    const main = candidates.find((candidate) => candidate !== null);
    if (main) return main;
    for (const condition of frame.conditions) {
      if (condition.kind !== 'value') continue;
      const hit = condition.mentions
        .map((mention) => this.resolver.value(mention, condition.column))
        .find((candidate) => candidate !== null);
      if (hit) return hit.column.table;
    }
    throw new PlanningFailure('nothing-asked', '');
  }

  private column(entry: ColumnEntry): Expression {
    this.joined.add(entry.table.table.name);
    return { kind: 'column', table: entry.table.table.name, column: entry.column.name };
  }

  private bare(entry: ColumnEntry): Expression {
    return { kind: 'column', table: entry.table.table.name, column: entry.column.name };
  }

  /** A column as a number, also where it is stored as text. */
  private numeric(entry: ColumnEntry, expression: Expression = this.column(entry)): Expression {
    return isText(entry) ? { kind: 'cast', to: 'number', of: expression } : expression;
  }

  /** What a list of a table's rows shows: their name, or all their columns. */
  private display(table: TableEntry): ColumnEntry[] {
    const name = this.evidence.schema.nameColumn(table);
    if (name) {
      if (name.words.includes('first') || name.words.includes('last')) {
        const first = table.columns.find((column) => column.words.includes('first') && column.words.includes('name'));
        const last = table.columns.find((column) => column.words.includes('last') && column.words.includes('name'));
        if (first && last) return [first, last];
      }
      return [name];
    }
    return table.columns;
  }

  private groups(frame: Frame, main: TableEntry): GroupPlan[] {
    const groups: GroupPlan[] = [];
    for (const group of frame.groups) {
      if (group.unit) {
        const expression = this.timeUnit(group.unit, main);
        groups.push({ key: [expression], show: [{ expression, alias: group.unit }], table: null, trailing: false });
        continue;
      }
      const target = this.entityBehind(group.mention, this.target(group.mention));
      if (!target || !group.mention) continue;
      const { trailing } = group;
      if (target.kind === 'column') {
        const expression = this.column(target.column);
        groups.push({ key: [expression], show: [{ expression, alias: null }], table: null, trailing });
      } else {
        const key =
          target.table.table.primaryKey.length > 0
            ? target.table.columns.filter((column) => target.table.table.primaryKey.includes(column.column.name))
            : [];
        const name = this.evidence.schema.nameColumn(target.table);
        const show = name ? this.display(target.table) : key.length > 0 ? key : target.table.columns.slice(0, 1);
        groups.push({
          key: [...key, ...show].map((column) => this.column(column)),
          show: show.map((column) => ({ expression: this.column(column), alias: null })),
          table: target.table,
          trailing,
        });
      }
    }
    return groups;
  }

  /** "each maker" is each row of a table of makers, also where the table has a column of that name. */
  private entityBehind(mention: Mention | null, target: Target | null): Target | null {
    if (!mention || target?.kind !== 'column' || tableScore(mention.segment) < 0.6) return target;
    const { table } = target.column;
    return this.evidence.schema.nameColumn(table) === target.column && this.resolver.table(mention) === table
      ? { kind: 'table', table }
      : target;
  }

  /** All tables that are related to one, nearest first. */
  private nearTables(main: TableEntry): TableEntry[] {
    const distance = (table: TableEntry): number => this.graph.distance(main.table.name, table.table.name);
    return this.evidence.schema.tables.filter((table) => distance(table) < 4).sort((a, b) => distance(a) - distance(b));
  }

  private timeUnit(unit: 'day' | 'week' | 'month' | 'quarter' | 'year', main: TableEntry): Expression {
    const tables = [main, ...this.resolver.anchors];
    for (const table of tables) {
      const column = table.columns.find((candidate) => candidate.words.includes(unit) && !candidate.isForeignKey);
      if (column && !isTemporal(column)) return this.column(column);
    }
    const column = this.timeColumn(tables);
    if (!column) throw new PlanningFailure('unknown-column', unit);
    return { kind: 'truncate', unit, of: this.asDate(column) };
  }

  private asDate(column: ColumnEntry): Expression {
    const expression = this.column(column);
    return isText(column) ? { kind: 'cast', to: 'date', of: expression } : expression;
  }

  /** The date that a row of these tables happened on, when one column is that for sure. */
  private timeColumn(tables: readonly TableEntry[]): ColumnEntry | null {
    for (const table of tables) {
      const all = table.columns.filter((column) => isTemporal(column) || holdsDateText(column));
      const usual = all.filter((column) => !column.words.some((word) => this.evidence.lexicon.sideDateWords.has(word)));
      const candidates = usual.length > 0 ? usual : all;
      const own = candidates.find((column) => column.words.some((word) => table.words.includes(word)));
      const plain = candidates.find((column) => column.words.length === 1);
      const best = own ?? plain ?? candidates[0];
      if (best) return best;
    }
    const main = tables[0];
    if (!main) return null;
    for (const table of this.evidence.schema.tables) {
      const path = this.graph.path(main.table.name, table.table.name);
      if (!path || path.length !== 1 || path.some((step) => step.fansOut)) continue;
      const column = table.columns.find((candidate) => isTemporal(candidate) || holdsDateText(candidate));
      if (column) return column;
    }
    return null;
  }

  /** Fills the select list; returns whether the query aggregates. */
  private select(
    query: Query,
    frame: Frame,
    outputs: { output: Measure; target: Target | null }[],
    groups: GroupPlan[],
    main: TableEntry,
  ): boolean {
    const hasSuperlative = frame.superlatives.length > 0;
    const grouped = groups.length > 0;
    const items: { item: SelectItem; aggregate: boolean; key: Expression[] }[] = [];
    for (const { output, target } of outputs) {
      const isPlainQuantity =
        output.quantity &&
        output.aggregate === 'count' &&
        target?.kind === 'column' &&
        isNumeric(target.column) &&
        !target.column.isKey;
      if (output.quantity && output.aggregate === null && target?.kind === 'column') {
        const aggregate =
          isNumeric(target.column) &&
          !hasSuperlative &&
          frame.conditions.every((condition) => condition.kind !== 'value');
        const expression = this.column(target.column);
        items.push({
          item: {
            expression: aggregate ? { kind: 'aggregate', name: 'sum', distinct: false, of: expression } : expression,
            alias: null,
          },
          aggregate,
          key: [],
        });
        continue;
      }
      if (isPlainQuantity && target.kind === 'column' && (hasSuperlative || frame.conditions.length > 0) && !grouped) {
        items.push({ item: { expression: this.column(target.column), alias: null }, aggregate: false, key: [] });
        continue;
      }
      if (output.aggregate !== null) {
        if (isPlainQuantity && target.kind === 'column') {
          items.push({
            item: {
              expression: { kind: 'aggregate', name: 'sum', distinct: false, of: this.column(target.column) },
              alias: null,
            },
            aggregate: true,
            key: [],
          });
          continue;
        }
        items.push({
          item: { expression: this.aggregate(output, target, main, grouped || outputs.length > 1), alias: null },
          aggregate: true,
          key: [],
        });
        continue;
      }
      if (!target && output.concept !== null) {
        const found = this.resolver.concept(output.concept, [main, ...this.resolver.anchors, ...this.nearTables(main)]);
        if (!found) throw new PlanningFailure('unknown-column', output.segment?.phrase ?? output.concept);
        items.push({ item: { expression: this.column(found.column), alias: null }, aggregate: false, key: [] });
        continue;
      }
      if (!target) continue;
      const names = this.splitNames(output, target);
      if (names) {
        const key = this.primaryKey(names.table).map((column) => this.bare(column));
        for (const column of names.columns)
          items.push({ item: { expression: this.column(column), alias: null }, aggregate: false, key });
        continue;
      }
      if (target.kind === 'column') {
        items.push({
          item: { expression: this.column(target.column), alias: null },
          aggregate: false,
          key: this.keyOf(target.column, frame),
        });
      } else {
        const key = this.primaryKey(target.table).map((column) => this.bare(column));
        for (const column of this.display(target.table))
          items.push({ item: { expression: this.column(column), alias: null }, aggregate: false, key });
      }
    }
    if (groups.length > 0 && !hasSuperlative) sumMeasures(items, outputs);
    this.readAsArgMax(query, items, groups, hasSuperlative);
    const isAggregated = items.some((entry) => entry.aggregate);
    const trailing: SelectItem[] = [];
    for (const group of groups) {
      const shown = group.show.every((show) =>
        items.some((entry) => sameExpression(entry.item.expression, show.expression)),
      );
      const isShownByColumn =
        group.table !== null &&
        items.some(
          (entry) =>
            !entry.aggregate &&
            entry.item.expression.kind === 'column' &&
            entry.item.expression.table === group.table?.table.name,
        );
      const divides =
        hasSuperlative && frame.superlatives.every((superlative) => superlative.measure.aggregate !== 'count');
      if ((!isAggregated && items.length > 0 && !divides) || shown || isShownByColumn) continue;
      const onlyMeasures = frame.outputs.every((output) => output.aggregate !== null && output.aggregate !== 'count');
      (group.trailing && onlyMeasures ? trailing : query.select).push(...group.show);
    }
    query.select.push(...items.map((entry) => entry.item), ...trailing);
    if (items.length === 0 && groups.length === 0) {
      for (const column of this.display(main)) query.select.push({ expression: this.column(column), alias: null });
    }
    query.distinct = frame.distinct && !isAggregated;
    if (isAggregated) {
      const keys = groups.flatMap((group) => group.key);
      for (const entry of items) if (!entry.aggregate) keys.push(...entry.key, entry.item.expression);
      for (const key of keys) if (!query.groupBy.some((known) => sameExpression(known, key))) query.groupBy.push(key);
    } else if (groups.length > 0 && hasSuperlative === false) {
      if (items.length === 0) query.distinct = true;
    }
    if (query.select.length === 0) throw new PlanningFailure('nothing-asked', '');
    return isAggregated;
  }

  /** "The largest weight and the model" asks for the row that has it: sorted by the weight, the first row. */
  private readAsArgMax(
    query: Query,
    items: { item: SelectItem; aggregate: boolean; key: Expression[] }[],
    groups: readonly GroupPlan[],
    hasSuperlative: boolean,
  ): void {
    const [first, ...rest] = items;
    const expression = first?.item.expression;
    if (!first || rest.length === 0 || rest.some((entry) => entry.aggregate) || groups.length > 0 || hasSuperlative)
      return;
    if (expression?.kind !== 'aggregate' || !expression.of || (expression.name !== 'min' && expression.name !== 'max'))
      return;
    query.orderBy.push({ expression: expression.of, direction: expression.name === 'max' ? 'desc' : 'asc' });
    query.limit = 1;
    first.item = { expression: expression.of.kind === 'cast' ? expression.of.of : expression.of, alias: null };
    first.aggregate = false;
  }

  /** Where a row's name is shown beside an aggregate, rows of the same name stay apart by their key. */
  private keyOf(column: ColumnEntry, frame: Frame): Expression[] {
    const isEntity = column === this.evidence.schema.nameColumn(column.table) || frame.outputs.length > 2;
    return isEntity && !column.isKey ? this.primaryKey(column.table).map((key) => this.bare(key)) : [];
  }

  /** "name" of a person whose first and last name stand apart. */
  private splitNames(output: Measure, target: Target): { table: TableEntry; columns: ColumnEntry[] } | null {
    if (target.kind !== 'column' || !output.of) return null;
    const { lexicon, schema } = this.evidence;
    const { table } = target.column;
    const isName = lexicon.displayWords.has(lexicon.lemma(output.of.segment.phrase.toLowerCase()));
    if (!isName || schema.nameColumn(table) !== target.column) return null;
    const columns = this.display(table);
    return columns.length > 1 ? { table, columns } : null;
  }

  private primaryKey(table: TableEntry): ColumnEntry[] {
    return table.columns.filter((column) => table.table.primaryKey.includes(column.column.name));
  }

  private aggregate(output: Measure, target: Target | null, main: TableEntry, inContext: boolean): Expression {
    const name: AggregateName = output.aggregate ?? 'count';
    if (target === null) return { kind: 'aggregate', name: 'count', distinct: false, of: null };
    if (target.kind === 'table') {
      if (name === 'count') {
        this.joined.add(target.table.table.name);
        return this.countRows(target.table, main);
      }
      const measures = target.table.columns.filter((column) => isNumeric(column) && !column.isKey);
      const only = measures[0];
      if (measures.length === 1 && only) return { kind: 'aggregate', name, distinct: false, of: this.column(only) };
      throw new PlanningFailure('unknown-column', output.of?.segment.phrase ?? name);
    }
    const { column } = target;
    if (name === 'count') {
      const isCategory = output.distinct || (!inContext && !column.isKey && !isNumeric(column));
      return { kind: 'aggregate', name, distinct: isCategory, of: this.column(column) };
    }
    const isPlain = name === 'min' || name === 'max';
    if (!isPlain && !isNumeric(column) && !holdsNumberText(column))
      throw new PlanningFailure('unsupported', output.of?.segment.phrase ?? name);
    const of = holdsNumberText(column) ? this.numeric(column) : this.column(column);
    return { kind: 'aggregate', name, distinct: output.distinct, of };
  }

  private countRows(table: TableEntry, main: TableEntry): Expression {
    if (table === main) return { kind: 'aggregate', name: 'count', distinct: false, of: null };
    const key = this.primaryKey(table);
    const only = key[0];
    if (key.length === 1 && only) return { kind: 'aggregate', name: 'count', distinct: false, of: this.column(only) };
    return { kind: 'aggregate', name: 'count', distinct: false, of: null };
  }

  // ---- superlatives and order -----------------------------------------------------------------------------------------

  /** A superlative about another thing than what is asked for picks that thing first, in a query of its own. */
  private isNested(superlative: Superlative, frame: Frame, isAggregated: boolean, main: TableEntry): boolean {
    if (superlative.measure.aggregate === 'count') return false;
    const column = this.superlativeColumn(superlative, main)?.column;
    if (!column) return false;
    if (isAggregated && frame.groups.length === 0) return frame.outputs.every((output) => output.aggregate !== null);
    if (column.table === main || isAggregated || frame.groups.length > 0) return false;
    const path = this.graph.path(main.table.name, column.table.table.name);
    const isOne = path?.every((step) => !step.fansOut) === true && path.length > 0;
    const shown = this.joined.has(column.table.table.name);
    return isOne && !shown && superlative.limit === 1 && path.some((step) => !step.edge.oneToOne);
  }

  private superlativeColumn(
    superlative: Superlative,
    main: TableEntry,
  ): { column: ColumnEntry; reversed: boolean } | null {
    const { measure } = superlative;
    if (measure.concept !== null) {
      const entity = superlative.entity ? this.resolver.table(superlative.entity) : null;
      const near = [...(entity ? [entity] : []), main, ...this.resolver.anchors];
      const related = this.nearTables(main);
      return this.resolver.concept(measure.concept, [...near, ...related]);
    }
    if (!measure.of) return null;
    const target = this.target(measure.of, null, main);
    return target?.kind === 'column' ? { column: target.column, reversed: false } : null;
  }

  private nestedSuperlative(superlative: Superlative, main: TableEntry): Term {
    const found = this.superlativeColumn(superlative, main);
    if (!found) throw new PlanningFailure('unknown-column', phraseOf(superlative));
    const { column, reversed } = found;
    const table = column.table;
    const direction = reversed === (superlative.direction === 'asc') ? 'desc' : 'asc';
    if (table === main) {
      const key = this.primaryKey(main)[0];
      if (!key) throw new PlanningFailure('unsupported', phraseOf(superlative));
      const query = this.emptyQuery(main);
      query.select = [{ expression: this.bare(key), alias: null }];
      query.orderBy = [{ expression: this.bare(column), direction }];
      query.limit = superlative.limit;
      return {
        predicate: { kind: 'member', left: this.bare(key), query, negated: false },
        table: main,
        joiner: 'and',
        closesOr: false,
        negatedValue: false,
        both: false,
      };
    }
    const path = this.graph.path(main.table.name, table.table.name);
    const last = path?.at(-1);
    const pair = last?.edge.pairs[0];
    if (!path || !last || !pair) throw new PlanningFailure('unrelated', phraseOf(superlative));
    const forward = last.edge.from === last.source;
    const query = this.emptyQuery(table);
    query.select = [
      { expression: { kind: 'column', table: table.table.name, column: forward ? pair.to : pair.from }, alias: null },
    ];
    query.orderBy = [{ expression: this.bare(column), direction }];
    query.limit = superlative.limit;
    const source = this.evidence.schema.table(last.source);
    if (!source) throw new PlanningFailure('unrelated', phraseOf(superlative));
    const left: Expression = { kind: 'column', table: last.source, column: forward ? pair.from : pair.to };
    return {
      predicate: { kind: 'member', left, query, negated: false },
      table: source,
      joiner: 'and',
      closesOr: false,
      negatedValue: false,
      both: false,
    };
  }

  private applySuperlative(
    query: Query,
    superlative: Superlative,
    frame: Frame,
    main: TableEntry,
    grouped: boolean,
  ): void {
    const { measure, direction } = superlative;
    if (
      measure.aggregate === 'count' ||
      (measure.of && !measure.aggregate && this.target(measure.of)?.kind === 'table')
    ) {
      this.orderByCount(query, superlative, main);
      return;
    }
    if (measure.concept === 'rank') {
      this.orderByRank(query, superlative, frame, main);
      return;
    }
    const found = this.superlativeColumn(superlative, main);
    if (!found) throw new PlanningFailure('unknown-column', phraseOf(superlative));
    const { column, reversed } = found;
    const flipped = reversed ? (direction === 'asc' ? 'desc' : 'asc') : direction;
    const aggregated = this.sameAggregate(query, column, measure.aggregate);
    if (aggregated) {
      query.orderBy.push({ expression: aggregated, direction: flipped });
    } else {
      const fansOut = this.graph.path(main.table.name, column.table.table.name)?.some((step) => step.fansOut) === true;
      const isTotal =
        measure.aggregate !== null ||
        (grouped && isAggregatedQuery(query)) ||
        (fansOut && isNumeric(column) && superlative.limit > 1) ||
        (superlative.limit > 1 && this.groupsByLabel(query, main, column));
      const of = isText(column) && holdsNumberText(column) ? this.numeric(column) : this.column(column);
      if (isTotal && isNumeric(column)) {
        const name = measure.aggregate ?? (grouped || superlative.limit > 1 ? 'sum' : 'max');
        const expression: Expression = { kind: 'aggregate', name, distinct: false, of };
        this.groupByShown(query);
        query.orderBy.push({ expression, direction: flipped });
        if (superlative.limit > 1 && !query.select.some((item) => sameExpression(item.expression, expression)))
          query.select.push({ expression, alias: null });
      } else {
        query.orderBy.push({ expression: of, direction: flipped });
        if (this.showsRank(superlative, query)) query.select.push({ expression: this.column(column), alias: null });
      }
    }
    query.limit = frame.limit ?? superlative.limit;
    if (query.perGroup === null && query.groupBy.length === 0 && this.partition.length > 0) {
      query.perGroup = { partition: this.partition, limit: query.limit };
      query.limit = null;
    }
  }

  /** A list of the top few shows what it is ranked by. */
  private showsRank(superlative: Superlative, query: Query): boolean {
    const isTop =
      superlative.limit > 1 && superlative.segments[0]?.cue?.kind === 'top' && superlative.measure.concept === null;
    return isTop && query.select.length === 1 && !query.select.some((item) => isAggregate(item.expression));
  }

  /** "top 5 countries by sales" on rows that are no countries: what is shown is a label that many rows share. */
  private groupsByLabel(query: Query, main: TableEntry, column: ColumnEntry): boolean {
    const [only] = query.select;
    if (query.select.length !== 1 || only?.expression.kind !== 'column' || !isNumeric(column)) return false;
    const shown = only.expression;
    const entry = this.evidence.schema
      .table(shown.table)
      ?.columns.find((candidate) => candidate.column.name === shown.column);
    const distinct = entry?.column.stats.distinct ?? null;
    if (!entry || distinct === null || entry.table !== main) return false;
    return this.evidence.schema.nameColumn(main) !== entry && distinct < main.table.rowCount * 0.5;
  }

  private sameAggregate(query: Query, column: ColumnEntry, name: AggregateName | null): Expression | null {
    for (const { expression } of query.select) {
      if (expression.kind !== 'aggregate' || expression.of?.kind !== 'column') continue;
      const matches = expression.of.table === column.table.table.name && expression.of.column === column.column.name;
      if (matches && (name === null || name === expression.name)) return expression;
    }
    return null;
  }

  private orderByRank(query: Query, superlative: Superlative, frame: Frame, main: TableEntry): void {
    query.limit = superlative.limit;
    if (frame.superlatives.length > 1 || frame.orders.length > 0) return;
    const aggregated = query.select.find((item) => isAggregate(item.expression));
    if (aggregated) {
      query.orderBy.push({ expression: aggregated.expression, direction: superlative.direction });
      return;
    }
    const cue = superlative.segments[0]?.cue;
    const key = this.primaryKey(main)[0];
    // "the first five" may follow the key; what "top" ranks by has to be said.
    if (cue?.kind !== 'top' || !cue.byPosition || !key)
      throw new PlanningFailure('unknown-column', phraseOf(superlative));
    query.orderBy.push({ expression: this.bare(key), direction: superlative.direction === 'desc' ? 'asc' : 'desc' });
  }

  /** "the most concerts", "most common": order by how many rows stand behind each shown thing. */
  private orderByCount(query: Query, superlative: Superlative, main: TableEntry): void {
    const { measure } = superlative;
    const target = measure.of ? this.target(measure.of) : null;
    const shownCount = query.select.find(
      (item) => item.expression.kind === 'aggregate' && item.expression.name === 'count',
    );
    let expression: Expression;
    if (shownCount && (!target || !measure.distinct)) expression = shownCount.expression;
    else if (target?.kind === 'table') {
      this.joined.add(target.table.table.name);
      expression =
        target.table === main
          ? { kind: 'aggregate', name: 'count', distinct: false, of: null }
          : this.countRows(target.table, main);
    } else if (target?.kind === 'column') {
      const { column } = target;
      if (isNumeric(column) && !column.isKey && !measure.distinct) {
        query.orderBy.push({ expression: this.column(column), direction: superlative.direction });
        query.limit = superlative.limit;
        return;
      }
      expression = { kind: 'aggregate', name: 'count', distinct: measure.distinct, of: this.column(column) };
    } else {
      expression = { kind: 'aggregate', name: 'count', distinct: false, of: null };
    }
    this.groupByShown(query);
    query.orderBy.push({ expression, direction: superlative.direction });
    query.limit = superlative.limit;
    if (superlative.limit > 1 && !query.select.some((item) => sameExpression(item.expression, expression)))
      query.select.push({ expression, alias: null });
  }

  /** Groups by what is shown, and by the key of the rows whose name is shown. */
  private groupByShown(query: Query): void {
    if (query.groupBy.length > 0) return;
    for (const { expression } of query.select) {
      if (isAggregate(expression)) continue;
      if (expression.kind === 'column') {
        const table = this.evidence.schema.table(expression.table);
        const shown = table?.columns.find((column) => column.column.name === expression.column);
        const isEntity =
          table &&
          shown &&
          (query.select.filter((item) => !isAggregate(item.expression)).length > 1 ||
            shown === this.evidence.schema.nameColumn(table));
        if (table && isEntity) for (const key of this.primaryKey(table)) pushUnique(query.groupBy, this.bare(key));
      }
      pushUnique(query.groupBy, expression);
    }
  }

  private applyOrders(query: Query, frame: Frame, main: TableEntry): void {
    for (const { measure, direction } of frame.orders) {
      if (measure.concept !== null) {
        const found = this.resolver.concept(measure.concept, [
          main,
          ...this.resolver.anchors,
          ...this.nearTables(main),
        ]);
        if (!found) throw new PlanningFailure('unknown-column', measure.concept);
        query.orderBy.push({
          expression: this.column(found.column),
          direction: found.reversed === (direction === 'asc') ? 'desc' : 'asc',
        });
        continue;
      }
      if (measure.of === null && measure.aggregate === null) continue;
      const target = this.shownTarget(measure, query) ?? this.target(measure.of, measure, main);
      if (measure.aggregate === 'count' || (target?.kind === 'table' && measure.aggregate !== null)) {
        const shown = query.select.find(
          (item) => item.expression.kind === 'aggregate' && item.expression.name === 'count',
        );
        const expression =
          shown?.expression ??
          (target?.kind === 'table' && target.table !== main
            ? this.countRows(target.table, main)
            : { kind: 'aggregate' as const, name: 'count' as const, distinct: false, of: null });
        if (target?.kind === 'table') this.joined.add(target.table.table.name);
        if (!shown) this.groupByShown(query);
        query.orderBy.push({ expression, direction });
        continue;
      }
      if (target?.kind === 'column') {
        const aggregated = measure.aggregate
          ? this.sameAggregate(query, target.column, measure.aggregate)
          : query.groupBy.length > 0
            ? this.sameAggregate(query, target.column, null)
            : null;
        const of = holdsNumberText(target.column) ? this.numeric(target.column) : this.column(target.column);
        const expression: Expression =
          aggregated ??
          (measure.aggregate ? { kind: 'aggregate', name: measure.aggregate, distinct: measure.distinct, of } : of);
        if (measure.aggregate && !aggregated) this.groupByShown(query);
        query.orderBy.push({ expression, direction });
        continue;
      }
      if (target?.kind === 'table') {
        const name = this.evidence.schema.nameColumn(target.table);
        if (name) query.orderBy.push({ expression: this.column(name), direction });
      }
    }
  }

  /** A phrase in "sorted by …" rather means a column that is shown than another of the same name. */
  private shownTarget(measure: Measure, query: Query): Target | null {
    if (!measure.of || measure.aggregate !== null) return null;
    const best = columnScore(measure.of.segment);
    for (const { entry, score } of measure.of.segment.names) {
      if (entry.kind !== 'column' || score < best - 0.15) continue;
      const isShown = query.select.some(
        ({ expression }) =>
          expression.kind === 'column' &&
          expression.table === entry.table.table.name &&
          expression.column === entry.column.name,
      );
      if (isShown) return { kind: 'column', column: entry };
    }
    return null;
  }

  /** What is worked out over time is listed in the order of time. */
  private sortByTime(query: Query): void {
    if (query.orderBy.length > 0 || query.limit !== null) return;
    const time = query.groupBy.find((expression) => expression.kind === 'truncate');
    if (time) query.orderBy.push({ expression: time, direction: 'asc' });
  }

  private applyLimit(query: Query, frame: Frame): void {
    if (query.limit === null && frame.limit !== null) query.limit = frame.limit;
  }

  // ---- conditions -----------------------------------------------------------------------------------------------------

  private condition(condition: Condition, main: TableEntry, query: Query): Term[] {
    const base = {
      joiner: condition.joiner,
      closesOr: condition.closesOr,
      negatedValue: false,
      both: condition.segments.includes(BOTH),
    };
    switch (condition.kind) {
      case 'value':
        return [{ ...base, ...this.valueCondition(condition, main) }];
      case 'match': {
        const column = this.matchColumn(condition.column, main);
        const predicate: Predicate = {
          kind: 'like',
          of: this.bare(column),
          how: condition.how,
          text: condition.text,
          negated: condition.negated,
        };
        return [{ ...base, predicate, table: column.table }];
      }
      case 'missing': {
        const column = this.resolver.column(condition.column, main);
        if (!column) throw new PlanningFailure('unknown-column', condition.column.segment.phrase);
        return [
          {
            ...base,
            predicate: { kind: 'missing', of: this.bare(column), negated: condition.negated },
            table: column.table,
          },
        ];
      }
      case 'related': {
        const term = this.relatedCondition(condition, main, query);
        return term ? [{ ...base, ...term }] : [];
      }
      case 'compare': {
        const term = this.compareCondition(condition, main, query);
        return term ? [{ ...base, ...term }] : [];
      }
    }
  }

  private matchColumn(mention: Mention | null, main: TableEntry): ColumnEntry {
    const named = mention && this.target(mention);
    if (named?.kind === 'column') return named.column;
    const table = named?.kind === 'table' ? named.table : main;
    const name = this.evidence.schema.nameColumn(table);
    if (!name) throw new PlanningFailure('unknown-column', mention?.segment.phrase ?? table.table.name);
    return name;
  }

  private valueCondition(
    condition: Condition & { kind: 'value' },
    main: TableEntry,
  ): { predicate: Predicate; table: TableEntry; negatedValue: boolean; both: boolean } {
    const columnHint = condition.column && columnScore(condition.column.segment) > 0 ? condition.column : null;
    const spoken = condition.near ? this.resolver.table(condition.near) : null;
    const hits = condition.mentions.map((mention) => this.resolver.value(mention, condition.column, spoken ?? main));
    const found = hits.find((hit) => hit !== null);
    let column = found?.column ?? null;
    const values: string[] = [];
    for (const [index, mention] of condition.mentions.entries()) {
      const shared = column && mention.segment.values.find((hit) => hit.column === column);
      const hit = shared ?? hits[index];
      if (hit && (column === null || hit.column === column)) values.push(hit.value);
      else if (mention.segment.quoted) values.push(mention.segment.phrase);
      else if (hit) values.push(hit.value);
    }
    if (!column) {
      const first = condition.mentions[0];
      if (!first?.segment.quoted) throw new PlanningFailure('unknown-value', first?.segment.phrase ?? '');
      const part = this.partColumn(first, columnHint, main);
      if (part) {
        const predicate: Predicate = {
          kind: 'like',
          of: this.bare(part),
          how: 'contains',
          text: first.segment.phrase,
          negated: condition.negated,
        };
        return { predicate, table: part.table, negatedValue: false, both: false };
      }
      column = columnHint ? this.resolver.column(columnHint, main) : this.evidence.schema.nameColumn(main);
      if (!column) throw new PlanningFailure('unknown-value', first.segment.phrase);
      if (column.column.values !== null) throw new PlanningFailure('unknown-value', first.segment.phrase);
    }
    const left = this.bare(column);
    const all = new Set(values);
    const isRemote = this.graph.path(main.table.name, column.table.table.name)?.some((step) => step.fansOut) === true;
    if ((condition.all || (condition.conjoined && isRemote && !condition.negated)) && all.size > 1) {
      const terms = [...all].map((value): Predicate =>
        this.somewhere(main, column.table, { kind: 'in', left, values: [value], negated: false }),
      );
      return { predicate: { kind: 'and', terms }, table: main, negatedValue: false, both: false };
    }
    return {
      predicate: { kind: 'in', left, values: [...all], negated: condition.negated },
      table: column.table,
      negatedValue: condition.negated,
      both: false,
    };
  }

  /** The column whose values contain a quoted text that is no whole value anywhere. */
  private partColumn(mention: Mention, hint: Mention | null, main: TableEntry): ColumnEntry | null {
    const columns = this.evidence.values.columnsContaining(normalizeValue(mention.segment.phrase));
    const named = hint && this.resolver.column(hint, main, (column) => columns.includes(column));
    if (named) return named;
    const distance = (column: ColumnEntry): number =>
      Math.min(
        ...[main, ...this.resolver.anchors].map((table) =>
          this.graph.distance(table.table.name, column.table.table.name),
        ),
      );
    return columns.toSorted((a, b) => distance(a) - distance(b))[0] ?? null;
  }

  private relatedCondition(
    condition: Condition & { kind: 'related' },
    main: TableEntry,
    query: Query,
  ): { predicate: Predicate; table: TableEntry } | null {
    const target = this.target(condition.entity);
    if (!target) throw new PlanningFailure('unknown-column', condition.entity.segment.phrase);
    if (target.kind === 'column' && target.column.table === main) {
      return { predicate: { kind: 'missing', of: this.bare(target.column), negated: !condition.negated }, table: main };
    }
    const table = target.kind === 'table' ? target.table : target.column.table;
    const terms = condition.frame.conditions.flatMap((inner) => this.condition(inner, table, this.emptyQuery(table)));
    if (table === main && condition.count && terms.length === 0) {
      this.groupByShown(query);
      const having: Predicate = {
        kind: 'compare',
        left: { kind: 'aggregate', name: 'count', distinct: false, of: null },
        op: condition.count.op,
        right: { kind: 'literal', value: condition.count.value },
      };
      query.having = query.having ? { kind: 'and', terms: [query.having, having] } : having;
      return null;
    }
    if (table === main) {
      const predicate = this.fulfil(main, terms) ?? {
        kind: 'missing' as const,
        of: this.bare(this.rowKey(main)),
        negated: !condition.negated,
      };
      return {
        predicate: condition.negated && terms.length > 0 ? { kind: 'not', term: predicate } : predicate,
        table: main,
      };
    }
    const extra = condition.frame.subjects.flatMap((subject) => {
      const inner = this.target(subject);
      return inner?.kind === 'table' ? [inner.table] : [];
    });
    return { predicate: this.membership(main, table, terms, condition.negated, condition.count, extra), table: main };
  }

  /** All terms as one predicate on rows of `main`; those about other tables as existence tests. */
  private fulfil(main: TableEntry, terms: readonly Term[]): Predicate | null {
    return combine(
      terms.map((term) =>
        term.table === main
          ? term
          : { ...term, table: main, predicate: this.somewhere(main, term.table, term.predicate) },
      ),
    );
  }

  private rowKey(table: TableEntry): ColumnEntry {
    const key = this.primaryKey(table)[0] ?? table.columns[0];
    if (!key) throw new PlanningFailure('unsupported', table.table.name);
    return key;
  }

  /** Some related row of `table` fulfils the predicate. */
  private somewhere(main: TableEntry, table: TableEntry, predicate: Predicate): Predicate {
    if (main === table) return predicate;
    return this.membership(
      main,
      table,
      [{ predicate, table, joiner: 'and', closesOr: false, negatedValue: false, both: false }],
      false,
      null,
      [],
    );
  }

  /** `main` has related rows of `table` that fulfil the terms: `key IN (SELECT foreign key …)`. */
  private membership(
    main: TableEntry,
    table: TableEntry,
    terms: readonly Term[],
    negated: boolean,
    count: { op: Comparison; value: number } | null,
    extra: readonly TableEntry[],
  ): Predicate {
    const path = this.graph.path(main.table.name, table.table.name);
    const first = path?.[0];
    const pair = first?.edge.pairs[0];
    if (!path || !first || !pair) throw new PlanningFailure('unrelated', `${main.table.name}, ${table.table.name}`);
    const forward = first.edge.from === first.source;
    const left: Expression = { kind: 'column', table: main.table.name, column: forward ? pair.from : pair.to };
    const inner = this.evidence.schema.table(first.target);
    if (!inner) throw new PlanningFailure('unrelated', table.table.name);
    const key: Expression = { kind: 'column', table: first.target, column: forward ? pair.to : pair.from };
    const query = this.emptyQuery(inner);
    query.select = [{ expression: key, alias: null }];
    const needed = new Set([...terms.map((term) => term.table.table.name), ...extra.map((entry) => entry.table.name)]);
    // A bridge table answers for the table behind it when nothing is asked of that table itself.
    if (path.length !== 2 || path[1]?.fansOut || count !== null) needed.add(table.table.name);
    query.joins = this.joins(first.target, needed);
    query.where = combine(terms);
    if (negated) {
      const present: Predicate = { kind: 'missing', of: key, negated: true };
      query.where = allOf([...(query.where ? [query.where] : []), present]);
    }
    if (count && !(count.value === 1 && count.op === '>=')) {
      if (count.value === 0 || count.op === '<' || count.op === '<=')
        return this.fewRelated(left, query, key, count, negated);
      query.groupBy = [key];
      query.having = {
        kind: 'compare',
        left: this.countOf(table, query, path),
        op: count.op,
        right: { kind: 'literal', value: count.value },
      };
    }
    return { kind: 'member', left, query, negated };
  }

  /** "fewer than three", "no more than two", "zero": also true where there is no related row at all. */
  private fewRelated(
    left: Expression,
    query: Query,
    key: Expression,
    count: { op: Comparison; value: number },
    negated: boolean,
  ): Predicate {
    const opposite: Record<Comparison, Comparison> = {
      '=': '!=',
      '!=': '=',
      '<': '>=',
      '<=': '>',
      '>': '<=',
      '>=': '<',
    };
    const present: Predicate = { kind: 'missing', of: key, negated: true };
    query.where = allOf([...(query.where ? [query.where] : []), present]);
    query.groupBy = [key];
    const op = count.op === '=' && count.value === 0 ? '>' : opposite[count.op];
    query.having = {
      kind: 'compare',
      left: { kind: 'aggregate', name: 'count', distinct: false, of: null },
      op,
      right: { kind: 'literal', value: count.value },
    };
    return { kind: 'member', left, query, negated: !negated };
  }

  private countOf(table: TableEntry, query: Query, path: readonly Step[]): Expression {
    const key = this.primaryKey(table);
    const only = key[0];
    const isDirect = query.from === table.table.name && query.joins.length === 0;
    if (isDirect || key.length !== 1 || !only || path.every((step, index) => index === 0 || !step.fansOut))
      return { kind: 'aggregate', name: 'count', distinct: false, of: null };
    return { kind: 'aggregate', name: 'count', distinct: true, of: this.bare(only) };
  }

  private compareCondition(
    condition: Condition & { kind: 'compare' },
    main: TableEntry,
    query: Query,
  ): { predicate: Predicate; table: TableEntry } | null {
    const { left, op, right } = condition;
    const operator = condition.negated ? NEGATED[op] : op;
    if (condition.temporal) return this.periodCondition(condition, main);
    if (left?.aggregate && left.of) {
      return this.havingCondition(left, operator, right, main, query);
    }
    const spoken = condition.near ? this.resolver.table(condition.near) : null;
    const column = this.comparedColumn(left, right, main, spoken);
    if (!column)
      throw new PlanningFailure('unknown-column', left?.segment?.phrase ?? condition.segments[0]?.phrase ?? '');
    if (left?.concept) {
      const found = this.resolver.concept(left.concept, [
        ...(spoken ? [spoken] : []),
        main,
        ...this.resolver.anchors,
        ...this.nearTables(main),
      ]);
      if (found?.reversed) return this.reversedCondition(found.column, operator, right, main);
    }
    const expression =
      holdsNumberText(column) && operator !== '=' && operator !== '!='
        ? this.numeric(column, this.bare(column))
        : this.bare(column);
    if (right.kind === 'range') {
      const low = this.literal(right.low, column);
      const high = this.literal(right.high, column);
      if (low === null || high === null) return null;
      const numeric = holdsNumberText(column) ? this.numeric(column, this.bare(column)) : this.bare(column);
      const terms: Predicate[] = [
        { kind: 'compare', left: numeric, op: '>=', right: low },
        { kind: 'compare', left: numeric, op: '<=', right: high },
      ];
      const predicate: Predicate = { kind: 'and', terms };
      return { predicate: condition.negated ? { kind: 'not', term: predicate } : predicate, table: column.table };
    }
    if (right.kind === 'scalar') {
      const scalar = this.scalar(right.frame, column, main);
      return {
        predicate: { kind: 'compare', left: expression, op: operator, right: { kind: 'scalar', query: scalar } },
        table: column.table,
      };
    }
    const value = this.literal(right, column);
    if (value === null) return null;
    return { predicate: { kind: 'compare', left: expression, op: operator, right: value }, table: column.table };
  }

  /** "older than 30" where only a birth year is known cannot be said without a moment to count from. */
  private reversedCondition(
    column: ColumnEntry,
    op: Comparison,
    right: Operand,
    main: TableEntry,
  ): { predicate: Predicate; table: TableEntry } {
    const turned: Record<Comparison, Comparison> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '=': '=', '!=': '!=' };
    if (right.kind !== 'scalar') throw new PlanningFailure('unsupported', column.column.name);
    const scalar = this.scalar(right.frame, column, main);
    return {
      predicate: { kind: 'compare', left: this.bare(column), op: turned[op], right: { kind: 'scalar', query: scalar } },
      table: column.table,
    };
  }

  private comparedColumn(
    left: Measure | null,
    right: Operand,
    main: TableEntry,
    spoken: TableEntry | null,
  ): ColumnEntry | null {
    if (right.kind === 'scalar' && right.frame.outputs[0]?.of && !left?.concept) {
      return this.resolver.column(right.frame.outputs[0].of, main, isNumeric);
    }
    if (left?.of) {
      const isNumber = right.kind === 'number' || right.kind === 'scalar' || right.kind === 'range';
      const accepts = (column: ColumnEntry): boolean =>
        !isNumber ||
        ((isNumeric(column) || holdsNumberText(column)) && !(column.isKey && !this.namesKey(left.of, column)));
      return this.resolver.column(left.of, main, accepts);
    }
    if (left?.concept) {
      const related = this.nearTables(main);
      return (
        this.resolver.concept(left.concept, [...(spoken ? [spoken] : []), main, ...this.resolver.anchors, ...related])
          ?.column ?? null
      );
    }
    if (right.kind === 'scalar') {
      const of = right.frame.outputs[0]?.of;
      return of ? this.resolver.column(of, main, isNumeric) : null;
    }
    const measures = main.columns.filter((column) => isNumeric(column) && !column.isKey && !holdsYears(column));
    return measures.length === 1 ? (measures[0] ?? null) : null;
  }

  /** True when the phrase names the key in full: "id", "customer id". */
  private namesKey(mention: Mention | null, column: ColumnEntry): boolean {
    return mention?.segment.names.some((reading) => reading.entry === column && reading.score > 0.9) === true;
  }

  /** The query behind "the average age" or "the horsepower of the heaviest car". */
  private scalar(frame: Frame, column: ColumnEntry, main: TableEntry): Query {
    const output = frame.outputs[0];
    const inner = output?.of ? (this.resolver.column(output.of, column.table, isNumeric) ?? column) : column;
    const query = this.emptyQuery(inner.table);
    if (output?.aggregate) {
      const of = holdsNumberText(inner) ? this.numeric(inner, this.bare(inner)) : this.bare(inner);
      query.select = [{ expression: { kind: 'aggregate', name: output.aggregate, distinct: false, of }, alias: null }];
    } else {
      query.select = [{ expression: this.bare(inner), alias: null }];
    }
    const superlative = frame.superlatives[0];
    const needed = new Set<string>();
    if (superlative) {
      const found = this.superlativeColumn(superlative, inner.table);
      if (!found) throw new PlanningFailure('unknown-column', phraseOf(superlative));
      needed.add(found.column.table.table.name);
      const direction = found.reversed === (superlative.direction === 'asc') ? 'desc' : 'asc';
      query.orderBy = [{ expression: this.bare(found.column), direction }];
      query.limit = 1;
    }
    const terms = frame.conditions.flatMap((condition) => this.condition(condition, inner.table, query));
    for (const term of terms) needed.add(term.table.table.name);
    query.where = combine(terms);
    query.joins = this.joins(inner.table.table.name, needed);
    if (main === inner.table && query.joins.length > 3) throw new PlanningFailure('unsupported', inner.column.name);
    return query;
  }

  private havingCondition(
    left: Measure,
    op: Comparison,
    right: Operand,
    main: TableEntry,
    query: Query,
  ): { predicate: Predicate; table: TableEntry } | null {
    const target = this.target(left.of, left);
    if (right.kind !== 'number' || !target) return null;
    const value: Expression = { kind: 'literal', value: right.value };
    if (target.kind === 'column' && target.column.table !== main) {
      const path = this.graph.path(main.table.name, target.column.table.table.name);
      const first = path?.[0];
      const pair = first?.edge.pairs[0];
      const inner = first && this.evidence.schema.table(first.target);
      if (path && first && pair && inner && path.some((step) => step.fansOut)) {
        const forward = first.edge.from === first.source;
        const key: Expression = { kind: 'column', table: first.target, column: forward ? pair.to : pair.from };
        const sub = this.emptyQuery(inner);
        sub.select = [{ expression: key, alias: null }];
        sub.joins = this.joins(first.target, new Set([target.column.table.table.name]));
        sub.groupBy = [key];
        sub.having = {
          kind: 'compare',
          left: {
            kind: 'aggregate',
            name: left.aggregate ?? 'sum',
            distinct: left.distinct,
            of: this.bare(target.column),
          },
          op,
          right: value,
        };
        const outer: Expression = { kind: 'column', table: main.table.name, column: forward ? pair.from : pair.to };
        return { predicate: { kind: 'member', left: outer, query: sub, negated: false }, table: main };
      }
    }
    const of = target.kind === 'column' ? this.column(target.column) : null;
    this.groupByShown(query);
    const having: Predicate = {
      kind: 'compare',
      left: { kind: 'aggregate', name: left.aggregate ?? 'count', distinct: left.distinct, of },
      op,
      right: value,
    };
    query.having = query.having ? { kind: 'and', terms: [query.having, having] } : having;
    return null;
  }

  private literal(operand: Operand, column: ColumnEntry): Expression | null {
    switch (operand.kind) {
      case 'number': {
        const value = operand.percent && isFraction(column) ? operand.value / 100 : operand.value;
        return { kind: 'literal', value: isText(column) && !holdsNumberText(column) ? String(value) : value };
      }
      case 'text':
        return {
          kind: 'literal',
          value: operand.segment.values.find((hit) => hit.column === column)?.value ?? operand.segment.phrase,
        };
      case 'period':
        if (isNumeric(column) || holdsNumberText(column)) {
          return operand.segment.number === null ? null : { kind: 'literal', value: operand.segment.number };
        }
        return { kind: 'date', value: operand.period.from };
      default:
        return null;
    }
  }

  /** A condition about time: a date column within half-open bounds, or a column of years. */
  private periodCondition(
    condition: Condition & { kind: 'compare' },
    main: TableEntry,
  ): { predicate: Predicate; table: TableEntry } {
    const { left, right } = condition;
    const op = condition.negated ? NEGATED[condition.op] : condition.op;
    const first = right.kind === 'range' ? right.low : right;
    const last = right.kind === 'range' ? right.high : right;
    const spoken = condition.near && this.resolver.table(condition.near);
    const column = this.periodColumn(left?.of ?? null, first, last, spoken ?? main);
    if (!column) throw new PlanningFailure('unknown-column', first.kind === 'period' ? first.segment.phrase : '');
    const expression = this.bare(column);
    if (!isTemporal(column) && !holdsDateText(column)) {
      const low = yearOf(first);
      const high = yearOf(last);
      if (low === null || high === null) throw new PlanningFailure('unsupported', column.column.name);
      const numeric =
        holdsNumberText(column) && op !== '=' && op !== '!=' ? this.numeric(column, expression) : expression;
      if (right.kind === 'range') {
        const between = this.numeric(column, expression);
        const terms: Predicate[] = [
          { kind: 'compare', left: between, op: '>=', right: { kind: 'literal', value: low } },
          { kind: 'compare', left: between, op: '<=', right: { kind: 'literal', value: high } },
        ];
        return { predicate: { kind: 'and', terms }, table: column.table };
      }
      const value = isText(column) && (op === '=' || op === '!=') ? String(low) : low;
      return {
        predicate: { kind: 'compare', left: numeric, op, right: { kind: 'literal', value } },
        table: column.table,
      };
    }
    if (first.kind !== 'period' || last.kind !== 'period') throw new PlanningFailure('unsupported', column.column.name);
    const from: Expression = { kind: 'date', value: first.period.from };
    const to: Expression = { kind: 'date', value: last.period.to };
    const at = (operator: Comparison, bound: Expression): Predicate => ({
      kind: 'compare',
      left: expression,
      op: operator,
      right: bound,
    });
    const bounds: Record<Comparison, () => Predicate> = {
      '=': () => ({ kind: 'and', terms: [at('>=', from), at('<', to)] }),
      '!=': () => ({ kind: 'or', terms: [at('<', from), at('>=', to)] }),
      '>': () => at('>=', to),
      '>=': () => at('>=', from),
      '<': () => at('<', from),
      '<=': () => at('<', to),
    };
    return { predicate: bounds[op](), table: column.table };
  }

  private periodColumn(mention: Mention | null, first: Operand, last: Operand, main: TableEntry): ColumnEntry | null {
    const isTime = (column: ColumnEntry): boolean => isTemporal(column) || holdsDateText(column) || holdsYears(column);
    if (mention) {
      const named = this.resolver.column(mention, main, isTime);
      if (named) return named;
    }
    const onlyYears =
      first.kind === 'period' && last.kind === 'period' && first.period.year !== null && last.period.year !== null;
    const near = [main, ...this.resolver.anchors.filter((table) => table !== main)];
    const related = this.evidence.schema.tables.filter((table) => {
      const distance = this.graph.distance(main.table.name, table.table.name);
      return distance > 0 && distance < 2.5 && !near.includes(table);
    });
    related.sort(
      (a, b) => this.graph.distance(main.table.name, a.table.name) - this.graph.distance(main.table.name, b.table.name),
    );
    for (const table of [...near, ...related]) {
      if (onlyYears) {
        const year = table.columns.find((column) => holdsYears(column));
        if (year) return year;
      }
      const column = this.timeColumn([table]);
      if (column && column.table === table) return column;
    }
    return null;
  }

  // ---- putting together -----------------------------------------------------------------------------------------------

  /** Ties the terms together; those about rows that would multiply the result become existence tests. */
  private where(terms: readonly Term[], frame: Frame, main: TableEntry, query: Query): Predicate | null {
    const remote = new Map<string, { table: TableEntry; terms: Term[]; extra: TableEntry[] }>();
    const local: Term[] = [];
    markContradictions(terms);
    const hasOr = terms.some((term) => term.joiner === 'or');
    for (const term of terms) {
      const name = term.table.table.name;
      if (this.joined.has(name) && !term.both) {
        local.push(term);
        continue;
      }
      const path = this.graph.path(main.table.name, name);
      if (!path) throw new PlanningFailure('unrelated', `${main.table.name}, ${name}`);
      if (path.every((step) => !step.fansOut) && !term.both) {
        if (hasOr) local.push({ ...term, predicate: this.somewhere(main, term.table, term.predicate), table: main });
        else {
          this.joined.add(name);
          local.push(term);
        }
        continue;
      }
      if (term.both || hasOr || term.negatedValue) {
        const predicate = term.negatedValue
          ? this.membership(main, term.table, [{ ...term, predicate: positive(term.predicate) }], true, null, [])
          : this.somewhere(main, term.table, term.predicate);
        local.push({ ...term, predicate, table: main });
        continue;
      }
      const key = path[0]?.target ?? name;
      const known = remote.get(key);
      if (known) {
        known.terms.push(term);
        if (this.graph.distance(main.table.name, name) > this.graph.distance(main.table.name, known.table.table.name))
          known.table = term.table;
      } else {
        remote.set(key, { table: term.table, terms: [term], extra: [] });
      }
    }
    const covered = new Set(terms.filter((term) => term.negatedValue || term.both).map((term) => term.table));
    this.requireSubjects(frame, main, remote, covered);
    for (const { table, terms: inner, extra } of remote.values()) {
      local.push({
        predicate: this.membership(main, table, inner, false, null, extra),
        table: main,
        joiner: 'and',
        closesOr: false,
        negatedValue: false,
        both: false,
      });
    }
    void query;
    return combine(local);
  }

  /** "singers who performed in a concert": a thing that the sentence speaks of has to exist. */
  private requireSubjects(
    frame: Frame,
    main: TableEntry,
    remote: Map<string, { table: TableEntry; terms: Term[]; extra: TableEntry[] }>,
    covered: ReadonlySet<TableEntry>,
  ): void {
    for (const subject of frame.subjects) {
      const target = this.target(subject);
      if (target?.kind !== 'table') continue;
      const name = target.table.table.name;
      if (this.joined.has(name) || covered.has(target.table)) continue;
      const path = this.graph.path(main.table.name, name);
      if (!path || path.every((step) => !step.fansOut)) continue;
      const key = path[0]?.target ?? name;
      const known = remote.get(key);
      if (known) known.extra.push(target.table);
      else remote.set(key, { table: target.table, terms: [], extra: [] });
    }
  }

  private joins(root: string, tables: ReadonlySet<string>): Query['joins'] {
    const steps = this.graph.connect(root, tables);
    if (!steps) throw new PlanningFailure('unrelated', [root, ...tables].join(', '));
    return steps.map((step) => joinOf(step));
  }

  private connect(query: Query, main: TableEntry): void {
    query.joins = this.joins(main.table.name, this.joined);
  }

  /** Everything that is shown or sorted by without an aggregate belongs to the group. */
  private finishGrouping(query: Query): void {
    if (query.groupBy.length === 0) return;
    for (const { expression } of query.select) if (!isAggregate(expression)) pushUnique(query.groupBy, expression);
    for (const { expression } of query.orderBy) if (!isAggregate(expression)) pushUnique(query.groupBy, expression);
  }

  /** Counts each row once where a join repeats it. */
  private countOncePerRow(query: Query): void {
    const repeated = new Set<string>();
    const tables = [query.from, ...query.joins.map((join) => join.table)];
    for (const table of tables) {
      const steps = this.graph.connect(table, tables) ?? [];
      if (steps.some((step) => step.fansOut)) repeated.add(table);
    }
    const fix = (expression: Expression): Expression => {
      if (expression.kind !== 'aggregate') return expression;
      if (expression.name === 'count' && expression.of === null) {
        if (!this.main || !repeated.has(this.main.table.name)) return expression;
        const key = this.primaryKey(this.main);
        const only = key[0];
        return key.length === 1 && only ? { ...expression, distinct: true, of: this.bare(only) } : expression;
      }
      if (expression.of?.kind !== 'column' || !repeated.has(expression.of.table)) return expression;
      if (expression.name === 'count') return { ...expression, distinct: true };
      if (expression.name === 'sum' || expression.name === 'avg') {
        this.notes.push(
          `A row of ${expression.of.table} may be counted more than once, because the query joins several rows to it.`,
        );
      }
      return expression;
    };
    for (const item of query.select) item.expression = fix(item.expression);
    for (const order of query.orderBy) order.expression = fix(order.expression);
  }
}

/** "Revenue by year" asks for the sum, though it does not say so. */
function sumMeasures(
  items: { item: SelectItem; aggregate: boolean }[],
  outputs: readonly { target: Target | null }[],
): void {
  if (items.some((entry) => entry.aggregate)) return;
  const columns = outputs.map(({ target }) => (target?.kind === 'column' ? target.column : null));
  if (
    items.length !== columns.length ||
    !columns.every((column) => column !== null && isNumeric(column) && !column.isKey && !holdsYears(column))
  )
    return;
  for (const entry of items) {
    entry.item = {
      expression: { kind: 'aggregate', name: 'sum', distinct: false, of: entry.item.expression },
      alias: null,
    };
    entry.aggregate = true;
  }
}

const NEGATED: Record<Comparison, Comparison> = { '=': '!=', '!=': '=', '<': '>=', '<=': '>', '>': '<=', '>=': '<' };

function joinOf(step: Step): Query['joins'][number] {
  const forward = step.edge.from === step.source;
  return {
    table: step.target,
    on: step.edge.pairs.map((pair) => ({
      left: { kind: 'column', table: step.source, column: forward ? pair.from : pair.to },
      right: { kind: 'column', table: step.target, column: forward ? pair.to : pair.from },
    })),
  };
}

function isAggregatedQuery(query: Query): boolean {
  return query.groupBy.length > 0 || query.select.some((item) => isAggregate(item.expression));
}

function pushUnique(expressions: Expression[], expression: Expression): void {
  if (!expressions.some((known) => sameExpression(known, expression))) expressions.push(expression);
}

/** "and" binds closer than "or", as in the sentence. */
function combine(terms: readonly Term[]): Predicate | null {
  const alternatives: Predicate[][] = [];
  for (const term of terms) {
    const last = alternatives.at(-1);
    if (term.closesOr && alternatives.length > 1) {
      const before = alternatives.map(allOf).filter((predicate) => predicate !== null);
      alternatives.splice(0, alternatives.length, [{ kind: 'or', terms: before }, term.predicate]);
    } else if (term.joiner === 'or' || !last) alternatives.push([term.predicate]);
    else last.push(term.predicate);
  }
  // "a or b and c" where "a or b" speak of the same column: the alternatives stay together.
  const disjuncts = alternatives.map(allOf).filter((predicate) => predicate !== null);
  const [only] = disjuncts;
  if (disjuncts.length <= 1) return only ?? null;
  return { kind: 'or', terms: disjuncts };
}

/** True when no number fulfils both comparisons. */
function excludes(one: Predicate & { kind: 'compare' }, other: Predicate): boolean {
  const inner = other.kind === 'member' && !other.negated ? other.query.where : other;
  if (inner?.kind !== 'compare' || !sameExpression(one.left, inner.left)) return false;
  if (one.right.kind !== 'literal' || inner.right.kind !== 'literal') return false;
  const [low, high] = one.op.startsWith('>') ? [one, inner] : [inner, one];
  if (!low.op.startsWith('>') || !high.op.startsWith('<')) return false;
  return (
    low.right.kind === 'literal' && high.right.kind === 'literal' && Number(low.right.value) >= Number(high.right.value)
  );
}

/** Two different values of one column cannot hold for one row: each must hold for some related row. */
function markContradictions(terms: readonly Term[]): void {
  for (const [index, term] of terms.entries()) {
    const { predicate } = term;
    if (predicate.kind !== 'in' || predicate.negated) continue;
    for (const other of terms.slice(index + 1)) {
      const same =
        other.predicate.kind === 'in' &&
        !other.predicate.negated &&
        other.joiner === 'and' &&
        sameExpression(predicate.left, other.predicate.left);
      if (same) term.both = other.both = true;
    }
  }
}

function positive(predicate: Predicate): Predicate {
  return predicate.kind === 'in' ? { ...predicate, negated: false } : predicate;
}

function phraseOf(superlative: Superlative): string {
  return [...superlative.segments.map((segment) => segment.phrase), superlative.measure.of?.segment.phrase ?? '']
    .join(' ')
    .trim();
}

function yearOf(operand: Operand): number | null {
  if (operand.kind === 'period') return operand.period.year;
  return operand.kind === 'number' ? operand.value : null;
}

function isFraction(column: ColumnEntry): boolean {
  const max = Number(column.column.stats.max);
  return column.column.stats.max !== null && max <= 1 && max > 0;
}

/** Raised when a plan breaks a promise of the algebra; never the user's fault. */
export function brokenPlan(detail: string): EngineError {
  return new EngineError('query_failed', `The question could not be turned into a query (${detail}).`);
}
