/** What is worked out from two measures: ratios, and the time between two dates. */
import {
  isNumeric,
  isTemporal,
  holdsDateText,
  isText,
  type ColumnEntry,
  type TableEntry,
} from '../evidence/schema-index.js';
import type { Frame, Measure } from '../reading/frame.js';
import { allOf, isAggregate, type Expression, type Predicate } from './algebra.js';
import { ConditionPlanner } from './condition-planner.js';
import { PlanningFailure, type Target } from './plan-context.js';

export abstract class ArithmeticPlanner extends ConditionPlanner {
  /** The table that the parts of a ratio are counted from. */
  protected ratioTable({ ratio }: Measure): TableEntry | null {
    const target = ratio && this.partTarget(ratio.numerator);
    if (!target) return null;
    return target.kind === 'table' ? target.table : target.column.table;
  }

  /** One count or sum by another; of two columns of the same rows, row by row. */
  protected ratio({ ratio, aggregate }: Measure, main: TableEntry, isGrouped: boolean): Expression {
    if (!ratio) throw new PlanningFailure('unsupported', 'ratio');
    const parts = [ratio.numerator, ratio.denominator] as const;
    const columns = parts.map((part) => this.rowColumn(part));
    const [upper, lower] = columns;
    const { isPercent } = ratio;
    if (upper && lower && upper.table === lower.table) {
      const byRow: Expression = {
        kind: 'ratio',
        numerator: this.column(upper),
        denominator: this.column(lower),
        isPercent,
      };
      return aggregate === null && !isGrouped
        ? byRow
        : { kind: 'aggregate', name: aggregate ?? 'avg', distinct: false, of: byRow };
    }
    const numerator = this.part(ratio.numerator, main);
    const denominator = isGrouped ? this.part(ratio.denominator, main) : this.whole(ratio.denominator, main);
    return { kind: 'ratio', numerator, denominator, isPercent };
  }

  private partTarget(part: Frame): Target | null {
    const [output] = part.outputs;
    return output ? this.target(output.of, output) : null;
  }

  /** The column of amounts that a part names plainly: "payload", without a condition. */
  private rowColumn(part: Frame): ColumnEntry | null {
    const [output] = part.outputs;
    if (!output || part.conditions.length > 0 || output.aggregate === 'count') return null;
    const target = this.partTarget(part);
    return target?.kind === 'column' && isNumeric(target.column) && !target.column.isKey ? target.column : null;
  }

  /** A count or a sum over the rows of a part. */
  private part(part: Frame, main: TableEntry): Expression {
    const [output] = part.outputs;
    const target = this.partTarget(part);
    if (!output || !target) throw new PlanningFailure('unknown-column', output?.of?.segment.phrase ?? 'ratio');
    const table = target.kind === 'table' ? target.table : target.column.table;
    const where = this.partCondition(part, table, main);
    const filtered = where ? { where } : {};
    if (target.kind === 'column' && isNumeric(target.column) && !target.column.isKey && output.aggregate !== 'count') {
      const name = output.aggregate ?? 'sum';
      return { kind: 'aggregate', name, distinct: false, of: this.column(target.column), ...filtered };
    }
    if (target.kind === 'column' && !target.column.isKey)
      return { kind: 'aggregate', name: 'count', distinct: true, of: this.column(target.column), ...filtered };
    if (table === main) return { kind: 'aggregate', name: 'count', distinct: false, of: null, ...filtered };
    return { kind: 'aggregate', name: 'count', distinct: true, of: this.column(this.rowKey(table)), ...filtered };
  }

  /** The second part of a ratio that is not divided: counted by itself where its rows are in another table. */
  private whole(part: Frame, main: TableEntry): Expression {
    const target = this.partTarget(part);
    const table = target?.kind === 'table' ? target.table : target?.column.table;
    if (!table || table === main) return this.part(part, main);
    const joined = new Set(this.joined);
    const counted = this.part(part, table);
    // Nothing is joined for what is counted in a query of its own.
    this.joined.clear();
    for (const name of joined) this.joined.add(name);
    const query = this.emptyQuery(table);
    query.select = [{ expression: counted, alias: null }];
    return { kind: 'scalar', query };
  }

  /** What holds for the rows of a part, the things included that they must have. */
  private partCondition(part: Frame, table: TableEntry, main: TableEntry): Predicate | null {
    const rows = table === main ? main : table;
    const terms = part.conditions.flatMap((condition) => this.condition(condition, rows, this.emptyQuery(rows)));
    const exist = part.subjects.flatMap((subject) => {
      const target = this.target(subject);
      return target?.kind === 'table' && target.table !== rows
        ? [this.membership(rows, target.table, [], false, null, [])]
        : [];
    });
    const fulfilled = this.fulfil(rows, terms);
    return allOf([...(fulfilled ? [fulfilled] : []), ...exist]);
  }

  /** The time between two dates of a row, or of rows that belong together. */
  protected elapsed({ elapsed, aggregate }: Measure, main: TableEntry | null): Expression {
    if (!elapsed) throw new PlanningFailure('unsupported', 'time');
    const isDate = (column: ColumnEntry): boolean => isTemporal(column) || holdsDateText(column);
    const ends = [elapsed.from, elapsed.to].map((mention) => {
      const column = this.resolver.column(mention, main, isDate);
      if (!column) throw new PlanningFailure('unknown-column', mention.segment.phrase);
      const expression = this.column(column);
      return isText(column) ? ({ kind: 'cast', to: 'date', of: expression } as const) : expression;
    });
    const [from, to] = ends;
    if (!from || !to) throw new PlanningFailure('unsupported', elapsed.unit);
    const expression: Expression = { kind: 'elapsed', unit: elapsed.unit, from, to };
    return aggregate === null || isAggregate(expression)
      ? expression
      : { kind: 'aggregate', name: aggregate, distinct: false, of: expression };
  }
}
