/** Builds one query from a frame whose phrases the resolver ties to the catalogue. */
import { type TableEntry } from '../evidence/schema-index.js';
import { unitOfPeriod } from '../language/periods.js';
import type { TimeUnit } from '../lexicon/lexicon.js';
import type { Condition, Frame, Measure, Mention } from '../reading/frame.js';
import { columnScore, tableScore } from '../reading/phrases.js';
import { allOf, isAggregate, sameExpression, type Predicate, type Query } from './algebra.js';
import { countGroups } from './counted-groups.js';
import { uncountedDeed } from './deeds.js';
import { PlanningFailure, pushUnique, type Target } from './plan-context.js';
import { SharePlanner } from './share-planner.js';
import { combine, excludes, markContradictions, positive, type Term } from './terms.js';

export interface Plan {
  query: Query;
  main: TableEntry;
}

export class Planner extends SharePlanner {
  plan(asked: Frame): Plan {
    const frame = withTimeOfCourse(asked);
    this.resolver.anchor(frame);
    const outputs = frame.outputs.map((output) => ({ output, target: this.outputTarget(output) }));
    const main = this.mainTable(frame, outputs);
    this.main = main;
    this.isNew = frame.isNew;
    if (frame.isNew) this.assertNew(outputs, main);
    const tableOf = (deed: Mention): TableEntry | null => this.resolver.table(deed);
    const uncounted = uncountedDeed(frame, main, tableOf, (one, other) => this.hasOne(one, other));
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

  /**
   * "Countries that have no …" and "countries where one is above 40 and one below 30" speak of the country and not of
   * one row: where a label that many rows share is all that is shown, such conditions hold for the label.
   */
  protected liftToLabel(terms: Term[], query: Query, main: TableEntry): void {
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

  /** Ties the terms together; those about rows that would multiply the result become existence tests. */
  protected where(terms: readonly Term[], frame: Frame, main: TableEntry): Predicate | null {
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
      const { measured } = term;
      if (
        measured &&
        this.joined.has(measured.table.name) &&
        this.hasOne(measured, term.table) &&
        !term.both &&
        !hasOr
      ) {
        this.joined.add(name);
        local.push(term);
        continue;
      }
      // One row has one value only.
      if (term.both && path.every((step) => !step.fansOut))
        throw new PlanningFailure('contradiction', describe(term.predicate));
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
    this.requireSubjects(frame, main, remote, covered, local);
    for (const { table, terms: inner, extra } of remote.values()) {
      const member = this.membership(main, table, inner, false, null, extra);
      if (joinsTotal(local, member)) continue;
      local.push({
        predicate: member,
        table: main,
        joiner: 'and',
        closesOr: false,
        negatedValue: false,
        both: false,
      });
    }
    return combine(local);
  }

  /** "members who wrote a report": a thing that the sentence speaks of has to exist. */
  protected requireSubjects(
    frame: Frame,
    main: TableEntry,
    remote: Map<string, { table: TableEntry; terms: Term[]; extra: TableEntry[] }>,
    covered: ReadonlySet<TableEntry>,
    local: readonly Term[],
  ): void {
    const denied = new Set(local.flatMap(({ predicate }) => deniedTables(predicate)));
    for (const subject of frame.subjects) {
      const target = this.target(subject);
      if (target?.kind !== 'table') continue;
      const name = target.table.table.name;
      if (this.joined.has(name) || covered.has(target.table)) continue;
      const path = this.graph.path(main.table.name, name);
      if (!path || path.every((step) => !step.fansOut)) continue;
      // "teachers whose courses have not been arranged" have none.
      if (denied.has(path[0]?.target ?? '')) continue;
      const key = path[0]?.target ?? name;
      const known = remote.get(key);
      if (known) known.extra.push(target.table);
      else remote.set(key, { table: target.table, terms: [], extra: [] });
    }
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

function describe(predicate: Predicate): string {
  return predicate.kind === 'in' ? predicate.values.join(', ') : '';
}

/** The tables that no related row may be in, whatever it is like. */
function deniedTables(predicate: Predicate): string[] {
  if (predicate.kind === 'or' || predicate.kind === 'and') return predicate.terms.flatMap(deniedTables);
  const isAny = predicate.kind === 'member' && predicate.negated && predicate.query.where?.kind === 'missing';
  return isAny ? [predicate.query.from] : [];
}

/** "spent more than 1000 in 2024": what is added up are the amounts of that year. True where there is such a total. */
function joinsTotal(terms: readonly Term[], member: Predicate): boolean {
  if (member.kind !== 'member' || member.negated || member.query.having !== null) return false;
  const { left, query } = member;
  const total = terms
    .map(({ predicate }) => predicate)
    .find(
      (predicate) =>
        predicate.kind === 'member' &&
        predicate.query.having !== null &&
        predicate.query.from === query.from &&
        sameExpression(predicate.left, left),
    );
  if (total?.kind !== 'member') return false;
  total.query.where = allOf([total.query.where, query.where].filter((where) => where !== null));
  for (const join of query.joins)
    if (!total.query.joins.some(({ table }) => table === join.table)) total.query.joins.push(join);
  return true;
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
