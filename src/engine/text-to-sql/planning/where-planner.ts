/** Ties what must hold for the rows together. */
import { type TableEntry } from '../evidence/schema-index.js';
import type { Frame } from '../reading/frame.js';
import { allOf, sameExpression, type Predicate, type Query } from './algebra.js';
import { summedIn } from './period-planner.js';
import { PlanningFailure } from './plan-context.js';
import { SharePlanner } from './share-planner.js';
import { combine, excludes, markContradictions, positive, type Term } from './terms.js';

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
      const apart = this.narrowTotal(main, inner, local);
      if (apart.length === 0 && inner.length > 0 && extra.length === 0) continue;
      local.push({
        predicate: this.membership(main, table, apart, false, null, extra),
        table: main,
        joiner: 'and',
        closesOr: false,
        negatedValue: false,
        both: false,
      });
    }
    return combine(local);
  }

  /**
   * "spent more than 1000 on bikes in 2024": what is added up are the amounts of these bikes and that year. Gives the
   * conditions that remain, "and bought a helmet", which hold for some other row.
   */
  private narrowTotal(main: TableEntry, terms: readonly Term[], local: readonly Term[]): readonly Term[] {
    const narrowing = terms.filter(({ narrows }) => narrows);
    const [first] = narrowing;
    if (!first) return terms;
    const member = this.membership(main, first.table, narrowing, false, null, []);
    const total = member.kind === 'member' ? totalOver(local, member) : null;
    if (!total || member.kind !== 'member') return terms;
    const { query } = total;
    const further = member.query.joins.filter(({ table }) => !query.joins.some((known) => known.table === table));
    const summed = this.evidence.schema.table(summedIn(query)) ?? main;
    for (const { table } of further) {
      const joined = this.evidence.schema.table(table);
      // An amount of the whole order is not that of its bikes.
      if (joined && !this.hasOne(summed, joined)) throw new PlanningFailure('double-counting', summed.table.name);
    }
    query.where = allOf([query.where, member.query.where].filter((where) => where !== null));
    query.joins.push(...further);
    return terms.filter(({ narrows }) => !narrows);
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

type Membership = Extract<Predicate, { kind: 'member' }>;

function describe(predicate: Predicate): string {
  return predicate.kind === 'in' ? predicate.values.join(', ') : '';
}

/** The tables that no related row may be in, whatever it is like. */
function deniedTables(predicate: Predicate): string[] {
  if (predicate.kind === 'or' || predicate.kind === 'and') return predicate.terms.flatMap(deniedTables);
  const isAny = predicate.kind === 'member' && predicate.negated && predicate.query.where?.kind === 'missing';
  return isAny ? [predicate.query.from] : [];
}

/** A total that is bounded for each row, over the same related rows as the test of existence. */
function totalOver(terms: readonly Term[], { left, query }: Membership): Membership | null {
  for (const { predicate } of terms) {
    if (predicate.kind !== 'member' || predicate.query.having === null) continue;
    if (predicate.query.from === query.from && sameExpression(predicate.left, left)) return predicate;
  }
  return null;
}
