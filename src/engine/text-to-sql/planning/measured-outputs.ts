/** What is worked out for an output: counts, sums, and averages over rows and over things. */
import {
  holdsNumberText,
  holdsShares,
  holdsYears,
  isNumeric,
  type ColumnEntry,
  type TableEntry,
} from '../evidence/schema-index.js';
import type { AggregateName } from '../lexicon/lexicon.js';
import type { Frame, Measure } from '../reading/frame.js';
import { sameExpression, type Expression } from './algebra.js';
import { type GroupPlan, GroupPlanner } from './group-planner.js';
import { byDifferent } from './thing-means.js';
import { isLabel, PlanningFailure, type Target } from './plan-context.js';

export abstract class MeasuredOutputs extends GroupPlanner {
  /**
   * Averages over things: "average order value", "average number of orders per customer", "average revenue per month". What
   * the average is per is no group then, as it is none where it is the row itself: "average freight per order".
   */
  protected mean(output: Measure, target: Target | null, groups: GroupPlan[], main: TableEntry): Expression | null {
    if (target === null) return null;
    if (output.aggregate !== 'avg') return target.kind === 'column' ? this.worth(output) : null;
    const drop = (group: GroupPlan): void => void groups.splice(groups.indexOf(group), 1);
    if (target.kind === 'table') {
      const isCounted = output.segment?.cue?.kind === 'aggregate' && output.segment.cue.counts === true;
      return isCounted ? this.meanPer(this.countRows(target.table, main), target.table, groups) : null;
    }
    const { column } = target;
    const row = groups.find(({ table, key }) => table === column.table || this.tellsRowsApart(key, column.table));
    if (row) drop(row);
    const worth = this.worth(output);
    if (worth) return worth;
    const sum: Expression = { kind: 'aggregate', name: 'sum', distinct: false, of: this.column(column) };
    if (column.formula === null || column.metric || row || column.formula.factors.length < 2) return null;
    const mean = this.meanPer(sum, column.table, groups);
    // The average of what single lines earned is nobody's question.
    if (!mean) throw new PlanningFailure('unspread', output.of?.segment.phrase ?? '');
    return mean;
  }

  private worth(output: Measure): Expression | null {
    const worth = this.worthMean(output);
    return worth && this.take(worth);
  }

  /** What there is of something for each thing, or for each unit of time that has any, on average. */
  protected meanPer(of: Expression, table: TableEntry, groups: GroupPlan[]): Expression | null {
    const thing = groups.find((group) => group.table !== null && group.table !== table);
    const time = groups.find(({ key }) => key.length === 1 && key[0]?.kind === 'truncate');
    const per = thing ?? time;
    const mean = thing?.table ? this.meanOverThings(of, table, thing.table) : null;
    const [unit] = thing ? [] : (time?.key ?? []);
    if (!per || (!mean && !unit)) return null;
    groups.splice(groups.indexOf(per), 1);
    return mean ? this.take(mean) : unit ? byDifferent(of, unit) : null;
  }

  /** True where the groups are the rows themselves: "for each aircraft code" of a table of aircraft. */
  protected tellsRowsApart(key: readonly Expression[], main: TableEntry): boolean {
    const own = this.primaryKey(main);
    return own.length > 0 && own.every((column) => key.some((part) => sameExpression(part, this.bare(column))));
  }

  /** "employment over time" where each row is one moment: which of its measures is asked back. */
  protected measureOfSeries(output: Measure, table: TableEntry, frame: Frame): ColumnEntry | null {
    const isTimed = frame.groups.some((group) => group.unit !== null);
    const time = isTimed ? this.timeColumn([table]) : null;
    if (!time || !this.isSeries(time)) return null;
    const measures = table.columns.filter((column) => isNumeric(column) && !column.isKey && !holdsYears(column));
    const readings = measures.map((column) => ({ column }));
    return this.resolver.oneOf(output.of?.segment.phrase ?? table.table.name, readings)?.column ?? null;
  }

  protected totalOf(column: ColumnEntry): Expression {
    return { kind: 'aggregate', name: this.isRate(column) ? 'avg' : 'sum', distinct: false, of: this.column(column) };
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
  protected sumOfShares(column: ColumnEntry, { of }: Measure): Expression {
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
