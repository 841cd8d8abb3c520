/** Finds the column that says when a row happened. */
import {
  holdsDateText,
  holdsYears,
  isTemporal,
  isText,
  type ColumnEntry,
  type TableEntry,
} from '../evidence/schema-index.js';
import type { Mention, Operand } from '../reading/frame.js';
import type { Expression } from './algebra.js';
import { PlanContext, PlanningFailure } from './plan-context.js';

export abstract class TimeColumns extends PlanContext {
  protected timeUnit(unit: 'day' | 'week' | 'month' | 'quarter' | 'year', main: TableEntry): Expression {
    const tables = [main, ...this.resolver.anchors];
    for (const table of tables) {
      const column = table.columns.find((candidate) => candidate.words.includes(unit) && !candidate.isForeignKey);
      if (column && !isTemporal(column)) return this.column(column);
    }
    const column = this.timeColumn(tables);
    if (!column) throw new PlanningFailure('unknown-column', unit);
    return { kind: 'truncate', unit, of: this.asDate(column) };
  }

  protected asDate(column: ColumnEntry): Expression {
    const expression = this.column(column);
    return isText(column) ? { kind: 'cast', to: 'date', of: expression } : expression;
  }

  /** The date that a row of these tables happened on, when one column is that for sure. */
  protected timeColumn(tables: readonly TableEntry[]): ColumnEntry | null {
    for (const table of tables) {
      const all = table.columns.filter((column) => isTemporal(column) || holdsDateText(column));
      const usual = all.filter((column) => !column.words.some((word) => this.evidence.lexicon.sideDateWords.has(word)));
      const candidates = usual.length > 0 ? usual : all;
      const own = candidates.find((column) => column.words.some((word) => table.words.includes(word)));
      const plain = candidates.find((column) => column.words.length === 1);
      const best = own ?? plain ?? candidates[0];
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

  protected periodColumn(mention: Mention | null, first: Operand, last: Operand, main: TableEntry): ColumnEntry | null {
    const isTime = (column: ColumnEntry): boolean => isTemporal(column) || holdsDateText(column) || holdsYears(column);
    if (mention) {
      const named = this.resolver.column(mention, main, isTime);
      if (named) return named;
    }
    const onlyYears =
      first.kind === 'period' && last.kind === 'period' && first.period.year !== null && last.period.year !== null;
    const near = [main, ...this.resolver.anchors.filter((table) => table !== main)];
    const related = this.evidence.schema.tables.filter((table) => {
      const distance = this.graph.distance(main.table.name, table.table.name);
      return distance > 0 && distance < 2.5 && !near.includes(table);
    });
    related.sort(
      (a, b) => this.graph.distance(main.table.name, a.table.name) - this.graph.distance(main.table.name, b.table.name),
    );
    for (const table of [...near, ...related]) {
      if (onlyYears) {
        const year = table.columns.find((column) => holdsYears(column));
        if (year) return year;
      }
      const column = this.timeColumn([table]);
      if (column && column.table === table) return column;
    }
    return null;
  }
}
