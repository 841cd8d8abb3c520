/** Ties what must hold for the rows together. */
import { type TableEntry } from '../evidence/schema-index.js';
import type { Frame } from '../reading/frame.js';
import { allOf, sameExpression, type Predicate, type Query } from './algebra.js';
import { PlanningFailure } from './plan-context.js';
import { SharePlanner } from './share-planner.js';
import { combine, excludes, markContradictions, positive, type Term } from './terms.js';

export interface Plan {
  query: Query;
  main: TableEntry;
}

export abstract class WherePlanner extends SharePlanner {
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
