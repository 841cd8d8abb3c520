/** Conditions on related rows as tests of existence: `key IN (SELECT foreign key …)`, which repeat no row. */
import type { TableEntry } from '../evidence/schema-index.js';
import type { Comparison } from '../lexicon/lexicon.js';
import type { RelatedCount } from '../reading/frame.js';
import { allOf, type Expression, type Predicate, type Query } from './algebra.js';
import type { Step } from './join-graph.js';
import { PlanningFailure } from './plan-context.js';
import { combine, type Term } from './terms.js';
import { TimeColumns } from './time-columns.js';

export abstract class Memberships extends TimeColumns {
  /** All terms as one predicate on rows of `main`; those about other tables as existence tests. */
  protected fulfil(main: TableEntry, terms: readonly Term[]): Predicate | null {
    return combine(
      terms.map((term) =>
        term.table === main
          ? term
          : { ...term, table: main, predicate: this.somewhere(main, term.table, term.predicate) },
      ),
    );
  }

  /** Some related row of `table` fulfils the predicate. */
  protected somewhere(main: TableEntry, table: TableEntry, predicate: Predicate): Predicate {
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
  protected membership(
    main: TableEntry,
    table: TableEntry,
    terms: readonly Term[],
    negated: boolean,
    count: RelatedCount | null,
    extra: readonly TableEntry[],
  ): Predicate {
    const path = this.graph.path(main.table.name, table.table.name);
    const first = path?.[0];
    const pair = first?.edge.pairs[0];
    if (!path || !first || !pair) throw new PlanningFailure('unrelated', `${main.table.name}, ${table.table.name}`);
    const forward = first.edge.from === first.source;
    const left = { kind: 'column' as const, table: main.table.name, column: forward ? pair.from : pair.to };
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
    if (count?.value === 'all') {
      const all = this.emptyQuery(table);
      all.select = [{ expression: { kind: 'aggregate', name: 'count', distinct: false, of: null }, alias: null }];
      query.groupBy = [key];
      query.having = {
        kind: 'compare',
        left: { kind: 'aggregate', name: 'count', distinct: true, of: this.bare(this.rowKey(table)) },
        op: '=',
        right: { kind: 'scalar', query: all },
      };
    } else if (count && !(count.value === 1 && count.op === '>=')) {
      const { op, value } = count;
      if (value === 0 || op === '<' || op === '<=') return this.fewRelated(left, query, key, { op, value }, negated);
      query.groupBy = [key];
      query.having = {
        kind: 'compare',
        left: this.countOf(table, query, path),
        op,
        right: { kind: 'literal', value },
      };
    }
    const member: Predicate = { kind: 'member', left, query, negated };
    // A row that refers to nothing has no related row, and is not in any list.
    const column = this.evidence.schema
      .table(main.table.name)
      ?.columns.find((candidate) => candidate.column.name === left.column);
    const mayBeMissing = column !== undefined && column.column.nullable && column.column.stats.nulls !== 0;
    if (!negated || first.fansOut || !mayBeMissing) return member;
    return { kind: 'or', terms: [{ kind: 'missing', of: left, negated: false }, member] };
  }

  /** "fewer than three", "no more than two", "zero": also true where there is no related row at all. */
  protected fewRelated(
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

  protected countOf(table: TableEntry, query: Query, path: readonly Step[]): Expression {
    const key = this.primaryKey(table);
    const only = key[0];
    const isDirect = query.from === table.table.name && query.joins.length === 0;
    // "orders of bikes": the lines that tell of the bikes repeat the orders.
    const isRepeated = query.joins.some(
      (join) => this.graph.path(table.table.name, join.table)?.some((step) => step.fansOut) === true,
    );
    const isOnce = !isRepeated && path.every((step, index) => index === 0 || !step.fansOut);
    if (isDirect || key.length !== 1 || !only || isOnce)
      return { kind: 'aggregate', name: 'count', distinct: false, of: null };
    return { kind: 'aggregate', name: 'count', distinct: true, of: this.bare(only) };
  }
}
