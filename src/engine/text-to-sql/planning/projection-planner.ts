/** What the result shows and what its rows are put together by. */
import {
  holdsNumberText,
  holdsShares,
  holdsYears,
  isNumeric,
  type ColumnEntry,
  type TableEntry,
} from '../evidence/schema-index.js';
import type { AggregateName } from '../lexicon/lexicon.js';
import type { Condition, Frame, Measure } from '../reading/frame.js';
import { isAggregate, sameExpression, type Expression, type Query, type SelectItem } from './algebra.js';
import { type GroupPlan, GroupPlanner } from './group-planner.js';
import { asksForTotal, sumMeasures } from './implied-sums.js';
import { byDifferent } from './thing-means.js';
import { isLabel, PlanningFailure, type Target } from './plan-context.js';

export abstract class ProjectionPlanner extends GroupPlanner {
  /** Fills the select list; returns whether the query aggregates. */
  protected select(
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
      if (output.ratio || output.elapsed) {
        const isByRow = groups.every((group) => group.table === main || this.tellsRowsApart(group.key, main));
        const expression = output.ratio ? this.ratio(output, main, grouped && !isByRow) : this.elapsed(output, main);
        items.push({ item: { expression, alias: null }, aggregate: isAggregate(expression), key: [] });
        continue;
      }
      if (target?.kind === 'column' && target.column.metric) {
        items.push({
          item: { expression: this.column(target.column), alias: metricAlias(target.column) },
          aggregate: true,
          key: [],
        });
        continue;
      }
      const mean = this.mean(output, target, groups, main);
      if (mean) {
        items.push({ item: { expression: mean, alias: null }, aggregate: true, key: [] });
        continue;
      }
      const isPlainQuantity =
        output.quantity &&
        output.aggregate === 'count' &&
        target?.kind === 'column' &&
        isNumeric(target.column) &&
        !target.column.isKey &&
        !holdsYears(target.column);
      if (output.quantity && output.aggregate === null && target?.kind === 'column') {
        const aggregate =
          isNumeric(target.column) &&
          !hasSuperlative &&
          !frame.conditions.some((condition) => this.isAboutRowOf(condition, target.column.table));
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
      if (!target && output.quantity && output.aggregate === null)
        throw new PlanningFailure('unknown-column', output.segment?.phrase ?? '');
      if (!target && output.of) throw new PlanningFailure('unknown-column', output.of.segment.phrase);
      if (!target) continue;
      const names = this.splitNames(output, target);
      if (names) {
        const key = this.primaryKey(names.table).map((column) => this.bare(column));
        for (const column of names.columns)
          items.push({ item: { expression: this.column(column), alias: null }, aggregate: false, key });
        continue;
      }
      const range = this.rangeOf(output, target);
      if (range) {
        for (const column of range)
          items.push({ item: { expression: this.column(column), alias: null }, aggregate: false, key: [] });
        continue;
      }
      if (target.kind === 'column' && target.column.formula) {
        // What is worked out for each row is asked for in total: "revenue in Germany".
        items.push({ item: { expression: this.totalOf(target.column), alias: null }, aggregate: true, key: [] });
      } else if (target.kind === 'column') {
        items.push({
          item: { expression: this.column(target.column), alias: null },
          aggregate: false,
          key: this.keyOf(target.column, frame),
        });
      } else {
        const key = this.primaryKey(target.table).map((column) => this.bare(column));
        for (const column of frame.whole ? target.table.columns : this.display(target.table))
          items.push({ item: { expression: this.column(column), alias: null }, aggregate: false, key });
      }
    }
    if ((groups.length > 0 && !hasSuperlative) || asksForTotal(frame, outputs))
      sumMeasures(items, outputs, (column) => this.isRate(column));
    this.readAsArgMax(query, items, groups, hasSuperlative);
    if (groups.length > 0 && !hasSuperlative) this.countEntity(items, outputs, groups, main, frame);
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
      const isByRow = outputs.some(({ output }) => output.ratio || output.elapsed);
      if ((!isAggregated && items.length > 0 && !divides && !isByRow) || shown || isShownByColumn) continue;
      const onlyMeasures = frame.outputs.every((output) => output.aggregate !== null && output.aggregate !== 'count');
      (group.trailing && onlyMeasures ? trailing : query.select).push(...group.show);
    }
    for (const item of [...items.map((entry) => entry.item), ...trailing]) {
      if (!query.select.some((known) => this.holdsSame(known.expression, item.expression))) query.select.push(item);
    }
    if (items.length === 0 && groups.length === 0) {
      for (const column of frame.whole ? main.columns : this.display(main))
        query.select.push({ expression: this.column(column), alias: null });
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

  /**
   * Averages over things: "average order value", "average number of orders per customer", "average revenue per month". What
   * the average is per is no group then, as it is none where it is the row itself: "average freight per order".
   */
  private mean(output: Measure, target: Target | null, groups: GroupPlan[], main: TableEntry): Expression | null {
    if (output.aggregate !== 'avg' || target === null) return null;
    const drop = (group: GroupPlan): void => void groups.splice(groups.indexOf(group), 1);
    if (target.kind === 'table') {
      const isCounted = output.segment?.cue?.kind === 'aggregate' && output.segment.cue.counts === true;
      return isCounted ? this.meanPer(this.countRows(target.table, main), target.table, groups) : null;
    }
    const { column } = target;
    const row = groups.find(({ table, key }) => table === column.table || this.tellsRowsApart(key, column.table));
    if (row) drop(row);
    const worth = this.worthMean(output);
    if (worth) return this.take(worth);
    const sum: Expression = { kind: 'aggregate', name: 'sum', distinct: false, of: this.column(column) };
    if (column.formula === null || column.metric || row || column.formula.factors.length < 2) return null;
    const mean = this.meanPer(sum, column.table, groups);
    // The average of what single lines earned is nobody's question.
    if (!mean) throw new PlanningFailure('unspread', output.of?.segment.phrase ?? '');
    return mean;
  }

  /** What there is of something for each thing, or for each unit of time that has any, on average. */
  private meanPer(of: Expression, table: TableEntry, groups: GroupPlan[]): Expression | null {
    const thing = groups.find((group) => group.table !== null && group.table !== table);
    const time = groups.find(({ key }) => key.length === 1 && key[0]?.kind === 'truncate');
    const per = thing ?? time;
    const mean = thing?.table ? this.meanOverThings(of, table, thing.table) : null;
    const [unit] = thing ? [] : (time?.key ?? []);
    if (!per || (!mean && !unit)) return null;
    groups.splice(groups.indexOf(per), 1);
    return mean ? this.take(mean) : unit ? byDifferent(of, unit) : null;
  }

  /** True for the same column, or for two that a relationship ties together: each row has one value in both. */
  private holdsSame(one: Expression, other: Expression): boolean {
    if (one.kind !== 'column' || other.kind !== 'column' || one.table === other.table)
      return sameExpression(one, other);
    const [step, ...more] = this.graph.path(one.table, other.table) ?? [];
    if (!step || more.length > 0) return false;
    const isForward = step.edge.from === one.table;
    return step.edge.pairs.some(({ from, to }) =>
      isForward ? from === one.column && to === other.column : to === one.column && from === other.column,
    );
  }

  /** True where the groups are the rows themselves: "for each aircraft code" of a table of aircraft. */
  private tellsRowsApart(key: readonly Expression[], main: TableEntry): boolean {
    const own = this.primaryKey(main);
    return own.length > 0 && own.every((column) => key.some((part) => sameExpression(part, this.bare(column))));
  }

  /** True when a condition picks rows of the table itself by a value: "how much does the lamp cost". */
  protected isAboutRowOf(condition: Condition, table: TableEntry): boolean {
    return (
      condition.kind === 'value' &&
      condition.mentions.some((mention) => this.resolver.value(mention, condition.column)?.column.table === table)
    );
  }

  /** "orders per month" asks how many there are, though it does not say so. */
  protected countEntity(
    items: { item: SelectItem; aggregate: boolean; key: Expression[] }[],
    outputs: readonly { output: Measure; target: Target | null }[],
    groups: readonly GroupPlan[],
    main: TableEntry,
    frame: Frame,
  ): void {
    const [only] = outputs;
    if (outputs.length !== 1 || only?.target?.kind !== 'table') return;
    if (only.output.aggregate !== null && only.output.aggregate !== 'count') return;
    const { table } = only.target;
    if (groups.some((group) => group.table === table)) return;
    const measure = this.measureOfSeries(only.output, table, frame);
    const expression = measure ? this.totalOf(measure) : this.countRows(table, main);
    items.splice(0, items.length, {
      item: { expression, alias: null },
      aggregate: true,
      key: [],
    });
  }

  /** "employment over time" where each row is one moment: which of its measures is asked back. */
  private measureOfSeries(output: Measure, table: TableEntry, frame: Frame): ColumnEntry | null {
    const isTimed = frame.groups.some((group) => group.unit !== null);
    const time = isTimed ? this.timeColumn([table]) : null;
    if (!time || !this.isSeries(time)) return null;
    const measures = table.columns.filter((column) => isNumeric(column) && !column.isKey && !holdsYears(column));
    const readings = measures.map((column) => ({ column }));
    return this.resolver.oneOf(output.of?.segment.phrase ?? table.table.name, readings)?.column ?? null;
  }

  private totalOf(column: ColumnEntry): Expression {
    return { kind: 'aggregate', name: this.isRate(column) ? 'avg' : 'sum', distinct: false, of: this.column(column) };
  }

  /** "The largest weight and the model" asks for the row that has it: sorted by the weight, the first row. */
  protected readAsArgMax(
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
  protected keyOf(column: ColumnEntry, frame: Frame): Expression[] {
    const isEntity = column === this.evidence.schema.nameColumn(column.table) || frame.outputs.length > 2;
    return isEntity && !column.isKey && !isLabel(column)
      ? this.primaryKey(column.table).map((key) => this.bare(key))
      : [];
  }

  /** "name" of a person whose first and last name stand apart. */
  protected splitNames(output: Measure, target: Target): { table: TableEntry; columns: ColumnEntry[] } | null {
    if (target.kind !== 'column' || !output.of) return null;
    const { lexicon, schema } = this.evidence;
    const { table } = target.column;
    const isName = lexicon.displayWords.has(lexicon.lemma(output.of.segment.phrase.toLowerCase()));
    if (!isName || schema.nameColumn(table) !== target.column) return null;
    const columns = this.display(table);
    return columns.length > 1 ? { table, columns } : null;
  }

  /** "the effective period" of rows that say from when and to when: both ends. */
  private rangeOf(output: Measure, target: Target): ColumnEntry[] | null {
    const { lexicon } = this.evidence;
    const last = lexicon.lemma(output.of?.segment.phrase.toLowerCase().split(/\s+/).at(-1) ?? '');
    if (target.kind !== 'column' || !output.of || !lexicon.periodWords.has(last)) return null;
    const { table, words } = target.column;
    for (const [from, to] of lexicon.rangeEnds) {
      const end = words.includes(from) ? to : words.includes(to) ? from : null;
      if (end === null) continue;
      const renamed = words.map((word) => (word === from || word === to ? end : word)).join(' ');
      const other = table.columns.find((column) => column.words.join(' ') === renamed);
      if (!other) continue;
      this.resolver.unite(output.of, [target.column, other]);
      return end === to ? [target.column, other] : [other, target.column];
    }
    return null;
  }

  protected aggregate(output: Measure, target: Target | null, main: TableEntry, inContext: boolean): Expression {
    const name: AggregateName = output.aggregate ?? 'count';
    if (target === null) {
      if (name !== 'count') throw new PlanningFailure('unknown-column', output.segment?.phrase ?? name);
      return { kind: 'aggregate', name, distinct: false, of: null };
    }
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
      const isCategory =
        output.distinct ||
        (!column.isKey && (!isNumeric(column) || holdsYears(column)) && (!inContext || isLabel(column)));
      return { kind: 'aggregate', name, distinct: isCategory, of: this.column(column) };
    }
    if (name === 'sum' && holdsShares(column)) return this.sumOfShares(column, output);
    const isPlain = name === 'min' || name === 'max';
    if (!isPlain && !isNumeric(column) && !holdsNumberText(column))
      throw new PlanningFailure('unsupported', output.of?.segment.phrase ?? name);
    const of = holdsNumberText(column) ? this.numeric(column) : this.column(column);
    return { kind: 'aggregate', name, distinct: output.distinct, of };
  }

  /** "total discount": what it comes to in money, where the data says what it is a part of. */
  private sumOfShares(column: ColumnEntry, { of }: Measure): Expression {
    const taken = this.evidence.schema.revenues.get(column.table);
    if (taken?.formula?.discount?.column !== column) throw new PlanningFailure('parts', of?.segment.phrase ?? '');
    const factors = [...taken.formula.factors, column].map((factor) => this.column(factor));
    const called = column.words.join(' ');
    const product: Expression = { kind: 'product', factors, discount: null, called };
    return { kind: 'aggregate', name: 'sum', distinct: false, of: product };
  }

  protected countRows(table: TableEntry, main: TableEntry): Expression {
    if (table === main) return { kind: 'aggregate', name: 'count', distinct: false, of: null };
    const key = this.primaryKey(table);
    const only = key[0];
    if (key.length === 1 && only) return { kind: 'aggregate', name: 'count', distinct: false, of: this.column(only) };
    return { kind: 'aggregate', name: 'count', distinct: false, of: null };
  }
}

/** A metric is shown under its own name. */
function metricAlias({ words }: ColumnEntry): string {
  return words.join('_');
}
