/** Turns each condition of the question into a predicate and the table that it is about. */
import {
  flagValue,
  isText,
  holdsNumberText,
  isNumeric,
  type ColumnEntry,
  type TableEntry,
} from '../evidence/schema-index.js';
import type { Comparison } from '../lexicon/lexicon.js';
import type { Condition, Frame } from '../reading/frame.js';
import { BOTH } from '../reading/phrases.js';
import { allOf, type Expression, type Predicate, type Query } from './algebra.js';
import { ComparisonPlanner } from './comparison-planner.js';
import { PlanningFailure, phraseOf } from './plan-context.js';
import { aggregatesIn } from './period-planner.js';
import { combine, type Term } from './terms.js';

export abstract class ConditionPlanner extends ComparisonPlanner {
  protected condition(condition: Condition, main: TableEntry, query: Query): Term[] {
    const base = {
      joiner: condition.joiner,
      closesOr: condition.closesOr,
      negatedValue: false,
      both: condition.segments.includes(BOTH),
    };
    switch (condition.kind) {
      case 'value': {
        const term = this.valueCondition(condition, main);
        this.noteRelated(main, term.table, condition.negated);
        // "revenue in Spain" is made of the rows that are there; "who bought bikes" says what somebody did.
        const narrows = condition.placed === true && !condition.negated;
        const measured = narrows ? this.addedUp(query, main) : null;
        if (!measured || this.hasOne(measured, term.table) || !this.fansOut(main, term.table))
          return [{ ...base, ...term, narrows, ...(measured && { measured }) }];
        // "orders for bicycles" are those with one in them; an amount of the whole order is not that of its bicycles.
        if (!this.isCounted(query)) throw new PlanningFailure('unsupported', condition.segments[0]?.phrase ?? '');
        const predicate = this.somewhere(measured, term.table, term.predicate);
        return [{ ...base, predicate, table: measured }];
      }
      case 'match': {
        const column = this.matchColumn(condition.column, main);
        const predicate: Predicate = {
          kind: 'like',
          of: isText(column) ? this.bare(column) : { kind: 'cast', to: 'text', of: this.bare(column) },
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
      case 'flag': {
        const column = this.resolver.column(condition.column, main, (entry) => flagValue(entry) !== null);
        const value = column && flagValue(column);
        if (!column || value === null) throw new PlanningFailure('unknown-column', condition.column.segment.phrase);
        const predicate: Predicate = {
          kind: 'in',
          left: this.bare(column),
          values: [value],
          negated: condition.negated,
        };
        return [{ ...base, predicate, table: column.table }];
      }
      case 'related': {
        const term = this.relatedCondition(condition, main, query);
        return term ? [{ ...base, ...term }] : [];
      }
      case 'compare': {
        const term = this.compareCondition(condition, main, query);
        if (!term) return [];
        if (!condition.temporal) this.noteRelated(main, term.table, condition.negated);
        const narrows = condition.temporal && !condition.negated;
        return [{ ...base, narrows, ...(condition.negated ? this.noneOf(condition, term, main, query) : term) }];
      }
    }
  }

  /** "stadiums that had no show in 2014", said as "did not have shows in 2014": none of several, and not some other one. */
  private noneOf(
    condition: Condition & { kind: 'compare' },
    term: { predicate: Predicate; table: TableEntry; measured?: TableEntry },
    main: TableEntry,
    query: Query,
  ): { predicate: Predicate; table: TableEntry; measured?: TableEntry } {
    const isOneOfMany = this.graph.path(main.table.name, term.table.table.name)?.some((step) => step.fansOut) === true;
    const positive = isOneOfMany ? this.compareCondition({ ...condition, negated: false }, main, query) : null;
    if (!positive) return term;
    const one = { ...positive, joiner: 'and' as const, closesOr: false, negatedValue: false, both: false };
    return { predicate: this.membership(main, positive.table, [one], true, null, []), table: main };
  }

  private boundCount(query: Query, of: Expression | null, op: Comparison, bound: number): void {
    const left: Expression = { kind: 'aggregate', name: 'count', distinct: of !== null, of };
    this.boundGroups(query, { kind: 'compare', left, op, right: { kind: 'literal', value: bound } });
  }

  protected relatedCondition(
    condition: Condition & { kind: 'related' },
    main: TableEntry,
    query: Query,
  ): { predicate: Predicate; table: TableEntry } | null {
    const target = this.target(condition.entity);
    if (!target) throw new PlanningFailure('unknown-column', condition.entity.segment.phrase);
    if (target.kind === 'column' && target.column.table === main) {
      const present = this.presence(target.column, !condition.negated);
      const further = condition.frame.conditions.flatMap((inner) => this.condition(inner, main, query));
      const when = this.fulfil(main, further);
      return { predicate: allOf(when ? [present, when] : [present]) ?? present, table: main };
    }
    const table = target.kind === 'table' ? target.table : target.column.table;
    // "quantity never sold": there are no lines of orders that are none.
    if (condition.negated && condition.entity.segment.cue?.kind === 'verb' && this.hasOne(main, table))
      throw new PlanningFailure('unsupported', condition.entity.segment.phrase);
    const terms = condition.frame.conditions.flatMap((inner) => this.condition(inner, table, this.emptyQuery(table)));
    if (table === main && condition.count && condition.count.value !== 'all' && terms.length === 0) {
      this.boundCount(query, null, condition.count.op, condition.count.value);
      return null;
    }
    const counted = condition.count && condition.count.value !== 'all' ? condition.count : null;
    if (counted && !condition.negated && terms.length === 0 && this.isLabelShown(query, main)) {
      // "countries with more than 100 orders": the orders of all rows that share the label.
      this.joined.add(table.table.name);
      this.boundCount(query, this.bare(this.rowKey(table)), counted.op, Number(counted.value));
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
    // "revenue excluding cancelled orders": their rows are not added up, whatever else a thing has.
    const counting = condition.excluded === true ? this.addedUp(query, main) : null;
    if (counting && !this.hasOne(counting, table))
      throw new PlanningFailure('unsupported', condition.entity.segment.phrase);
    const of = counting ?? main;
    if (of === table) return { predicate: { kind: 'not', term: this.fulfil(of, terms) ?? this.presentRow(of) }, table };
    return { predicate: this.membership(of, table, terms, condition.negated, condition.count, extra), table: of };
  }

  private fansOut(main: TableEntry, table: TableEntry): boolean {
    return this.graph.path(main.table.name, table.table.name)?.some((step) => step.fansOut) === true;
  }

  private isCounted({ select, orderBy }: Query): boolean {
    const worked = [...select, ...orderBy].flatMap(({ expression }) => aggregatesIn(expression));
    return worked.every(({ name }) => name === 'count');
  }

  private presentRow(table: TableEntry): Predicate {
    return { kind: 'missing', of: this.bare(this.rowKey(table)), negated: true };
  }

  /** "without rain" of amounts that are always known and may be none: none of it; else there is no value at all. */
  private presence(column: ColumnEntry, isThere: boolean): Predicate {
    const { min, nulls } = column.column.stats;
    const of = this.bare(column);
    const isAmount = isNumeric(column) && !column.isKey && nulls === 0 && min !== null && Number(min) === 0;
    if (!isAmount) return { kind: 'missing', of, negated: isThere };
    return { kind: 'compare', left: of, op: isThere ? '>' : '=', right: { kind: 'literal', value: 0 } };
  }

  /** The query behind "the average age" or "the horsepower of the heaviest car". */
  protected scalar(frame: Frame, column: ColumnEntry, main: TableEntry): Query {
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
}
