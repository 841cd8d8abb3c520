/** What the result shows and what its rows are put together by. */
import { holdsYears, isNumeric, type ColumnEntry, type TableEntry } from '../evidence/schema-index.js';
import type { Condition, Frame, Measure } from '../reading/frame.js';
import { isAggregate, sameExpression, type Expression, type Query, type SelectItem } from './algebra.js';
import type { GroupPlan } from './group-planner.js';
import { MeasuredOutputs } from './measured-outputs.js';
import { asksForTotal, sumMeasures } from './implied-sums.js';
import { isLabel, PlanningFailure, type Target } from './plan-context.js';
import { isKind } from '../reading/phrases.js';

export abstract class ProjectionPlanner extends MeasuredOutputs {
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
    query.distinct = (frame.distinct || this.asksForLabels(frame, outputs)) && !isAggregated;
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

  /** "which channels are there?", "cities in Spain": what the rows are called, and not the rows. */
  private asksForLabels(
    { subjects, superlatives, orders, groups, whole }: Frame,
    outputs: readonly { output: Measure; target: Target | null }[],
  ): boolean {
    const [only] = outputs;
    if (outputs.length !== 1 || only?.target?.kind !== 'column' || only.output.of?.owner || whole) return false;
    const { column } = only.target;
    const isBare = subjects.length + superlatives.length + orders.length + groups.length === 0;
    return (
      isBare &&
      only.output.of?.segment.isPlural === true &&
      isKind(column) &&
      column !== this.evidence.schema.nameColumn(column.table)
    );
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
}

/** A metric is shown under its own name. */
function metricAlias({ words }: ColumnEntry): string {
  return words.join('_');
}
