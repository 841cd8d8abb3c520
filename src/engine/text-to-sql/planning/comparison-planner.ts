/** Conditions that compare: with numbers, dates, other values and sub-queries. */
import {
  holdsDateText,
  holdsNumberText,
  holdsShares,
  holdsYears,
  isNumeric,
  isTemporal,
  isText,
  type ColumnEntry,
  type TableEntry,
} from '../evidence/schema-index.js';
import type { Comparison } from '../lexicon/lexicon.js';
import type { Condition, Frame, Measure, Mention, Operand } from '../reading/frame.js';
import type { Expression, Predicate, Query } from './algebra.js';
import { PlanningFailure } from './plan-context.js';
import { NEGATED } from './terms.js';
import { TotalConditions } from './total-conditions.js';

export abstract class ComparisonPlanner extends TotalConditions {
  /** The query behind "the average age" or "the horsepower of the heaviest car". */
  protected abstract scalar(frame: Frame, column: ColumnEntry, main: TableEntry): Query;

  protected compareCondition(
    condition: Condition & { kind: 'compare' },
    main: TableEntry,
    query: Query,
  ): { predicate: Predicate; table: TableEntry; measured?: TableEntry } | null {
    const { left, op, right } = condition;
    const operator = condition.negated ? NEGATED[op] : op;
    if (right.kind === 'column') return this.columnsCondition(left, operator, right.mention, main);
    if (condition.temporal) return this.periodCondition(condition, main, query);
    if (left?.aggregate && left.of) {
      return this.havingCondition(left, operator, right, main, query);
    }
    const spoken = condition.near ? this.resolver.table(condition.near) : null;
    const column = this.comparedColumn(left, right, main, spoken);
    if (!column)
      throw new PlanningFailure('unknown-column', left?.segment?.phrase ?? condition.segments[0]?.phrase ?? '');
    if (column.metric) return this.metricCondition(column, operator, right, main, query);
    if (left && this.isOfTotal(left, column, main)) {
      this.totalled = column.table;
      return this.havingCondition({ ...left, aggregate: 'sum' }, operator, right, main, query);
    }
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
  protected reversedCondition(
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

  /** "shipped after the required date": two columns of one row. */
  private columnsCondition(
    left: Measure | null,
    op: Comparison,
    mention: Mention,
    main: TableEntry,
  ): { predicate: Predicate; table: TableEntry } {
    const isTime = (column: ColumnEntry): boolean => isTemporal(column) || holdsDateText(column);
    const isSame = (column: ColumnEntry): boolean => isNumeric(column) || isTime(column);
    const second = this.resolver.column(mention, main, isSame);
    if (!second || !left?.of) throw new PlanningFailure('unknown-column', mention.segment.phrase);
    const fits = (column: ColumnEntry): boolean =>
      column !== second && (isTime(second) ? isTime(column) : isNumeric(column) && !column.isKey);
    const first = this.resolver.column(left.of, second.table, fits);
    if (!first || first.table !== second.table) throw new PlanningFailure('unsupported', mention.segment.phrase);
    return { predicate: { kind: 'compare', left: this.bare(first), op, right: this.bare(second) }, table: first.table };
  }

  protected comparedColumn(
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
    const number = right.kind === 'range' ? right.low : right;
    if (number.kind !== 'number') return null;
    const money = number.segment.isMoney ? this.resolver.concept('price', [main])?.column : null;
    const readings = measures.map((column) => ({ column }));
    return money ?? this.resolver.oneOf(number.segment.phrase, readings)?.column ?? null;
  }

  /** True when the phrase names the key in full: "id", "customer id". */
  protected namesKey(mention: Mention | null, column: ColumnEntry): boolean {
    return mention?.segment.names.some((reading) => reading.entry === column && reading.score > 0.9) === true;
  }

  /** A share as the column holds it, and a span of time in the unit that the column's name says. */
  private inUnitOf(column: ColumnEntry, { value, percent, segment }: Operand & { kind: 'number' }): number {
    if (percent && holdsShares(column)) return value / 100;
    const { durations } = this.evidence.lexicon;
    const unit = column.words.map((word) => durations.get(word)).find((length) => length !== undefined);
    return segment.duration !== null && unit !== undefined ? segment.duration / unit : value;
  }

  protected literal(operand: Operand, column: ColumnEntry): Expression | null {
    switch (operand.kind) {
      case 'number': {
        const value = this.inUnitOf(column, operand);
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
}
