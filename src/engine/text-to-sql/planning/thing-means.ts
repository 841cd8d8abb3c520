/** Averages over things of what belongs to each of them: "average order value". */
import { holdsShares, isNumeric, type ColumnEntry, type TableEntry } from '../evidence/schema-index.js';
import type { Measure, Mention } from '../reading/frame.js';
import type { Expression } from './algebra.js';
import { PlanningFailure } from './plan-context.js';
import { PeriodPlanner } from './period-planner.js';

/** A number that is worked out for each thing, and the tables that it is worked out from; the first holds its rows. */
export interface Worked {
  of: Expression;
  tables: TableEntry[];
}

export abstract class ThingMeans extends PeriodPlanner {
  /** True for amounts that make no sense as a sum. */
  protected isRate(column: ColumnEntry): boolean {
    return holdsShares(column) || column.words.some((word) => this.evidence.lexicon.rateWords.has(word));
  }

  /**
   * "average order value": the amount that an order holds, or what was earned with its lines. Null where the phrase names
   * no thing with a word for its worth behind it.
   */
  protected worthOf({ aggregate, of }: Measure): { column: ColumnEntry; thing: TableEntry } | null {
    const { lexicon, schema } = this.evidence;
    const words = phraseOfMeasure(of)
      .toLowerCase()
      .split(/\s+/)
      .map((word) => lexicon.lemma(word));
    const worth = words.pop() ?? '';
    if (aggregate === null || aggregate === 'count' || !lexicon.worthWords.has(worth) || words.length === 0)
      return null;
    const named = schema.tables.filter(
      (table) => table.words.length === words.length && words.every((word) => table.words.includes(word)),
    );
    const thing = named.find((table) => !table.isShortened) ?? named[0];
    if (!thing) return null;
    const amount = thing.columns.find(
      (column) => isNumeric(column) && !column.isKey && column.words.some((word) => lexicon.amountWords.has(word)),
    );
    if (amount) return { column: amount, thing };
    const earned = (schema.byWord.get(lexicon.revenueWords[0] ?? '') ?? []).find(
      (entry): entry is ColumnEntry =>
        entry.kind === 'column' &&
        entry.formula !== null &&
        this.graph.path(entry.table.table.name, thing.table.name)?.every((step) => !step.fansOut) === true,
    );
    return earned ? { column: earned, thing } : null;
  }

  /** The mean over things of what belongs to each of them: all of it by how many things there are. */
  protected meanOverThings(of: Expression, table: TableEntry, thing: TableEntry): Worked | null {
    const path = this.graph.path(table.table.name, thing.table.name);
    const last = path?.at(-1);
    const pair = last?.edge.pairs[0];
    if (!path || !last || !pair || path.some((step) => step.fansOut)) return null;
    const between = path.slice(0, -1).flatMap(({ target }) => this.evidence.schema.table(target) ?? []);
    const key: Expression = { kind: 'column', table: last.source, column: pair.from };
    return { of: byDifferent(of, key), tables: [table, ...between] };
  }

  /** The average worth of a thing; null where the phrase is no such average, or where each row holds its own. */
  protected worthMean(measure: Measure): Worked | null {
    const worth = this.worthOf(measure);
    if (!worth || worth.thing === worth.column.table || measure.aggregate === 'sum') return null;
    const { column, thing } = worth;
    // The median of what each order comes to is not that of its lines.
    if (measure.aggregate !== 'avg') throw new PlanningFailure('unsupported', phraseOfMeasure(measure.of));
    const sum: Expression = { kind: 'aggregate', name: 'sum', distinct: false, of: this.bare(column) };
    const mean = this.meanOverThings(sum, column.table, thing);
    if (mean && measure.of) this.resolver.settle(measure.of, column);
    return mean;
  }

  /** Joins what a number is worked out from. */
  protected take({ of, tables }: Worked): Expression {
    for (const { table } of tables) this.joined.add(table.name);
    return of;
  }
}

/** All of an amount by how many different things there are. */
export function byDifferent(of: Expression, thing: Expression): Expression {
  const denominator: Expression = { kind: 'aggregate', name: 'count', distinct: true, of: thing };
  return { kind: 'ratio', numerator: of, denominator, isPercent: false };
}

function phraseOfMeasure(of: Mention | null): string {
  return `${of?.owner?.segment.phrase ?? ''} ${of?.segment.phrase ?? ''}`.trim();
}
