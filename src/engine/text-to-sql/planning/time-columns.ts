/** Finds the column that says when a row happened. */
import {
  holdsDateText,
  holdsYears,
  isTemporal,
  isText,
  type ColumnEntry,
  type TableEntry,
} from '../evidence/schema-index.js';
import type { TimeGroup, TimeUnit } from '../lexicon/lexicon.js';
import type { Mention, Operand } from '../reading/frame.js';
import type { Expression } from './algebra.js';
import { PlanContext, PlanningFailure } from './plan-context.js';

const DAY = 86_400_000;
/** Words of columns of years that say when a row came to be. */
const BEGINNINGS: ReadonlySet<string> = new Set(
  'create created start started join joined hire hired since publish published release released'.split(' '),
);

function unitOfSpan(days: number): TimeUnit {
  if (days <= 92) return 'day';
  return days <= 15 * 366 ? 'month' : 'year';
}

function unitOfStep(days: number): TimeUnit {
  if (days < 6) return 'day';
  if (days < 27) return 'week';
  if (days < 85) return 'month';
  return days < 350 ? 'quarter' : 'year';
}

export abstract class TimeColumns extends PlanContext {
  protected timeUnit(unit: TimeGroup | 'fitting', main: TableEntry): Expression {
    const tables = this.datingTables(main);
    if (unit === 'fitting') return this.fittingUnit(tables);
    for (const table of tables) {
      const words = unit.split('_');
      const column = table.columns.find(
        (candidate) => words.every((word) => candidate.words.includes(word)) && !candidate.isForeignKey,
      );
      if (column && !isTemporal(column) && !this.isAside(column)) return this.column(column);
      // The year of a loan is that of its date, and not the one that its book came out in.
      if (table.columns.some((candidate) => isTemporal(candidate) || holdsDateText(candidate))) break;
    }
    const column = this.timeColumn(tables);
    if (!column) throw new PlanningFailure('unknown-column', unit);
    return this.unitOf(unit, this.asDate(column));
  }

  /** The unit of the source's calendar that holds a date. */
  private unitOf(unit: TimeGroup, of: Expression): Expression {
    const { weekStart, fiscalYearStart } = this.evidence.calendar;
    const months = fiscalYearStart - 1;
    switch (unit) {
      case 'weekday':
        return { kind: 'weekday', of, first: weekStart, isName: false };
      case 'fiscal_year':
        return { kind: 'truncate', unit: 'year', of, later: { amount: months, unit: 'month', name: unit } };
      case 'fiscal_quarter':
        return { kind: 'truncate', unit: 'quarter', of, later: { amount: months % 3, unit: 'month', name: unit } };
      case 'week':
        // Weeks that begin on Sunday begin six days after a Monday.
        return weekStart === 1
          ? { kind: 'truncate', unit, of }
          : { kind: 'truncate', unit, of, later: { amount: weekStart - 1, unit: 'day', name: unit } };
      default:
        return { kind: 'truncate', unit, of };
    }
  }

  /** The unit that shows a development over the span of the data: days of a quarter, months of some years, years. */
  private fittingUnit(tables: readonly TableEntry[]): Expression {
    const column = this.timeColumn(tables);
    if (!column) {
      const year = tables.flatMap((table) => table.columns).find(holdsYears);
      if (!year) throw new PlanningFailure('undated', tables[0]?.table.name ?? '');
      return this.column(year);
    }
    const { min, max, distinct } = column.column.stats;
    const days =
      min === null || max === null ? NaN : (Date.parse(max.slice(0, 10)) - Date.parse(min.slice(0, 10))) / DAY;
    // A series with one row for each moment is shown as fine as it is.
    const isSeries = this.isSeries(column) && distinct !== null;
    const unit = Number.isNaN(days) ? 'month' : isSeries ? unitOfStep(days / (distinct - 1)) : unitOfSpan(days);
    return this.unitOf(unit, this.asDate(column));
  }

  /** True where a table has one row for each moment: its rows are not things to count. */
  protected isSeries(time: ColumnEntry): boolean {
    const { distinct } = time.column.stats;
    const isByMoment = this.primaryKey(time.table).every((part) => part === time);
    return isByMoment && distinct !== null && distinct > 1 && distinct === time.table.table.rowCount;
  }

  protected asDate(column: ColumnEntry): Expression {
    const expression = this.column(column);
    return isText(column) ? { kind: 'cast', to: 'date', of: expression } : expression;
  }

  /** The one date of its own that says when a row happened; null where there is none, or several might. */
  protected ownTime(table: TableEntry): ColumnEntry | null {
    const usual = this.usualDates(table);
    return usual.length === 1 ? (usual[0] ?? null) : null;
  }

  /**
   * The tables that say when a row of `main` happened: itself, then what each row has one of, the nearest first (a line
   * of an order happened when the order did, and not when the customer came), then what else was spoken of.
   */
  protected datingTables(main: TableEntry): TableEntry[] {
    const { anchors } = this.resolver;
    const away = (table: TableEntry): number => Math.round(this.graph.distance(main.table.name, table.table.name));
    const owners = this.evidence.schema.tables
      .filter((table) => table !== main && this.hasOne(main, table))
      .sort((a, b) => away(a) - away(b) || Number(anchors.includes(b)) - Number(anchors.includes(a)));
    return [main, ...owners, ...anchors.filter((table) => table !== main && !owners.includes(table))];
  }

  /** The date that a row of these tables happened on, when one column is that for sure. */
  protected timeColumn(tables: readonly TableEntry[]): ColumnEntry | null {
    for (const table of tables) {
      const all = table.columns.filter((column) => isTemporal(column) || holdsDateText(column));
      const usual = this.usualDates(table);
      const candidates = usual.length > 0 ? usual : all;
      const { stem } = this.evidence.lexicon;
      const stems = table.words.map((word) => stem(word));
      const own = candidates.find((column) => column.words.some((word) => stems.includes(stem(word))));
      const plain = candidates.find((column) => column.words.length === 1);
      const best =
        own ??
        plain ??
        this.resolver.oneOf(
          `date of the ${table.words.join(' ')}`,
          candidates.map((column) => ({ column })),
        )?.column;
      if (best) return best;
    }
    const main = tables[0];
    if (!main) return null;
    for (const table of this.evidence.schema.tables) {
      const path = this.graph.path(main.table.name, table.table.name);
      if (!path || path.length !== 1 || path.some((step) => step.fansOut)) continue;
      const column = table.columns.find((candidate) => isTemporal(candidate) || holdsDateText(candidate));
      if (column) return column;
    }
    return null;
  }

  /** The column of years that bare calendar years may be about; null where a date of the table tells, or no row has them. */
  private yearColumn(table: TableEntry, first: number, last: number): ColumnEntry | null {
    const isDated = this.usualDates(table).length > 0;
    const mayBe = (column: ColumnEntry): boolean => {
      const { min, max } = column.column.stats;
      const isHeld = min === null || max === null || (last >= Number(min) && first <= Number(max));
      return holdsYears(column) && !this.isAside(column) && (isHeld || (!isDated && this.isOfRow(column)));
    };
    return table.columns.find(mayBe) ?? null;
  }

  /** True for a column of years of another matter, such as those of birth, beside a date that says when a row happened. */
  private isAside(column: ColumnEntry): boolean {
    return holdsYears(column) && !this.isOfRow(column) && this.usualDates(column.table).length > 0;
  }

  /** True for years that say when a row came to be: `year`, `order_year`, `joined_year`, and not `birth_year`. */
  private isOfRow({ words, table }: ColumnEntry): boolean {
    const plain = this.evidence.lexicon.concepts.get('time')?.columns ?? [];
    return (
      words.some((word) => BEGINNINGS.has(word)) ||
      words.every((word) => plain.includes(word) || table.words.includes(word))
    );
  }

  /** The dates of a table but those that say when something else happened to its rows. */
  private usualDates({ columns }: TableEntry): ColumnEntry[] {
    const { sideDateWords } = this.evidence.lexicon;
    return columns
      .filter((column) => isTemporal(column) || holdsDateText(column))
      .filter((column) => !column.words.some((word) => sideDateWords.has(word)));
  }

  protected periodColumn(mention: Mention | null, first: Operand, last: Operand, main: TableEntry): ColumnEntry | null {
    const isTime = (column: ColumnEntry): boolean => isTemporal(column) || holdsDateText(column) || holdsYears(column);
    if (mention) {
      const named = this.resolver.column(mention, main, isTime);
      if (named) return named;
    }
    const onlyYears =
      first.kind === 'period' && last.kind === 'period' && first.period.year !== null && last.period.year !== null;
    const near = this.datingTables(main);
    const related = this.evidence.schema.tables.filter((table) => {
      const distance = this.graph.distance(main.table.name, table.table.name);
      return distance > 0 && distance < 2.5 && !near.includes(table);
    });
    related.sort(
      (a, b) => this.graph.distance(main.table.name, a.table.name) - this.graph.distance(main.table.name, b.table.name),
    );
    for (const table of [...near, ...related]) {
      if (onlyYears) {
        const year = this.yearColumn(table, Number(first.period.year), Number(last.period.year));
        if (year) return year;
      }
      const column = this.timeColumn([table]);
      if (column && column.table === table) return column;
    }
    return null;
  }
}
