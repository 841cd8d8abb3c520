/** Builds one query from a frame whose phrases the resolver ties to the catalogue. */
import { type TableEntry } from '../evidence/schema-index.js';
import { unitOfPeriod } from '../language/periods.js';
import type { TimeUnit } from '../lexicon/lexicon.js';
import type { Condition, Frame, Measure } from '../reading/frame.js';
import { columnScore, tableScore } from '../reading/phrases.js';
import { isAggregate, type Query } from './algebra.js';
import { countGroups } from './counted-groups.js';
import { uncountedDeed } from './deeds.js';
import { PlanningFailure, pushUnique, type Target } from './plan-context.js';
import { WherePlanner } from './where-planner.js';

export interface Plan {
  query: Query;
  main: TableEntry;
}

export class Planner extends WherePlanner {
  plan(asked: Frame): Plan {
    const frame = withTimeOfCourse(asked);
    this.resolver.anchor(frame);
    const outputs = frame.outputs.map((output) => ({ output, target: this.outputTarget(output) }));
    const main = this.mainTable(frame, outputs);
    this.main = main;
    this.isNew = frame.isNew;
    if (frame.isNew) this.assertNew(outputs, main);
    const uncounted = uncountedDeed(frame, main, (one, other) => this.hasOne(one, other));
    if (uncounted)
      throw new PlanningFailure(
        'uncounted',
        `${frame.outputs[0]?.of?.segment.phrase ?? ''} ${uncounted.segment.phrase}`.trim(),
      );
    const groups = this.groups(frame, main);
    const query = this.emptyQuery(main);
    this.joined.add(main.table.name);
    const isAggregated = this.select(query, frame, outputs, groups, main);
    // "which month had the most …" asks for groups, and not for the first of each.
    if (!isAggregated && frame.outputs.length > 0) this.partition = groups.flatMap((group) => group.key);
    const superlatives = frame.superlatives.filter(
      (superlative) => !this.isNested(superlative, frame, isAggregated, main),
    );
    const nested = frame.superlatives.filter((superlative) => !superlatives.includes(superlative));
    for (const superlative of superlatives)
      this.applySuperlative(query, superlative, frame, main, isAggregated || groups.length > 0);
    this.applyOrders(query, frame, main);
    const isPart = frame.share !== null && !this.isShareOfAll(query, frame);
    const shared = isPart ? this.sharedTerms(frame, main, query) : null;
    const terms = shared?.part ?? frame.conditions.flatMap((condition) => this.condition(condition, main, query));
    for (const superlative of nested) terms.push(this.nestedSuperlative(superlative, main));
    if (!frame.outputs[0]?.of?.owner) this.liftToLabel(terms, query, main);
    const where = this.where(terms, frame, main);
    query.where = shared ? this.where(shared.whole, { ...frame, subjects: [] }, main) : where;
    if (shared) this.readAsShare(query, frame, where);
    else if (frame.share) this.readAsShareOfAll(query);
    if (frame.course) this.followCourse(query, frame.course);
    this.sortByDefault(query);
    this.applyLimit(query, frame);
    this.arrange(query, frame);
    this.connect(query, main);
    this.finishGrouping(query);
    this.countOncePerRow(query);
    if (frame.decimals !== null) roundResults(query, frame.decimals);
    return { query: countGroups(query), main };
  }

  /** Only what has a date of its own, and is asked for itself, is known to be new. */
  private assertNew(outputs: readonly { target: Target | null }[], main: TableEntry): void {
    const [only] = outputs;
    const isOwn = outputs.length === 1 && only?.target?.kind === 'table' && only.target.table === main;
    if (!isOwn || this.ownTime(main) === null) throw new PlanningFailure('undated', main.table.name);
  }

  private outputTarget(output: Measure): Target | null {
    const { segment, of } = output;
    // "average number of orders" counts orders, whatever columns have such a name.
    if (
      of &&
      segment?.cue?.kind === 'aggregate' &&
      segment.cue.counts &&
      tableScore(of.segment) > columnScore(of.segment)
    ) {
      const table = this.resolver.table(of);
      if (table) return { kind: 'table', table };
    }
    const worth = this.worthOf(output);
    if (!worth || !of) return this.target(of, output);
    this.resolver.settle(of, worth.column);
    return { kind: 'column', column: worth.column };
  }

  protected mainTable(frame: Frame, outputs: { output: Measure; target: Target | null }[]): TableEntry {
    const tableOf = (target: Target | null): TableEntry | null =>
      target === null ? null : target.kind === 'table' ? target.table : target.column.table;
    const aggregated = outputs.find(
      ({ output, target }) => target !== null && (output.aggregate !== null || output.quantity),
    );
    const entity = frame.superlatives
      .map((superlative) => superlative.entity)
      .find((mention) => mention && tableScore(mention.segment) > 0.5);
    const ratio = frame.outputs.find((output) => output.ratio);
    const candidates = [
      ratio ? this.ratioTable(ratio) : null,
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

  protected connect(query: Query, main: TableEntry): void {
    query.joins = this.joins(main.table.name, this.joined);
  }

  /** Everything that is shown or sorted by without an aggregate belongs to the group. */
  protected finishGrouping(query: Query): void {
    if (query.groupBy.length === 0) {
      // One row for all has nothing to sort but itself.
      const isOneRow = query.select.some((item) => isAggregate(item.expression));
      if (isOneRow) query.orderBy = query.orderBy.filter((order) => isAggregate(order.expression));
      return;
    }
    for (const { expression } of query.select) if (!isAggregate(expression)) pushUnique(query.groupBy, expression);
    this.refuseOtherOrder(query);
    for (const { expression } of query.orderBy) if (!isAggregate(expression)) pushUnique(query.groupBy, expression);
  }
}

/** What runs along a time needs one: that of the times between which it runs, or the unit that fits the data. */
function withTimeOfCourse(frame: Frame): Frame {
  if (frame.course === null || frame.groups.some(({ unit, compared }) => unit !== null || compared)) return frame;
  const unit = frame.conditions.map(unitOfEnds).find((known) => known !== null) ?? 'fitting';
  return { ...frame, groups: [{ mention: null, unit, trailing: false }, ...frame.groups] };
}

/** "from 2024 to 2025": years. */
function unitOfEnds(condition: Condition): TimeUnit | null {
  if (condition.kind !== 'compare' || condition.right.kind !== 'range') return null;
  const { low } = condition.right;
  return low.kind === 'period' ? unitOfPeriod(low.period.from, low.period.to) : null;
}

/** More decimal places than a number has. */
const MOST_DECIMALS = 15;

/** Shows what is worked out with so many decimal places. */
function roundResults(query: Query, decimals: number): void {
  const digits = Math.min(Math.max(0, decimals), MOST_DECIMALS);
  query.select = query.select.map(({ expression, alias }) =>
    isAggregate(expression) || expression.kind === 'ratio'
      ? { expression: { kind: 'round', of: expression, digits }, alias }
      : { expression, alias },
  );
}
