/** Superlatives that pick one thing first, in a query of their own. */
import type { TableEntry } from '../evidence/schema-index.js';
import type { Frame, Superlative } from '../reading/frame.js';
import type { Expression } from './algebra.js';
import { isRankable, PlanningFailure, phraseOf } from './plan-context.js';
import { ProjectionPlanner } from './projection-planner.js';
import type { Term } from './terms.js';

export abstract class NestedSuperlatives extends ProjectionPlanner {
  /** A superlative about another thing than what is asked for picks that thing first, in a query of its own. */
  protected isNested(superlative: Superlative, frame: Frame, isAggregated: boolean, main: TableEntry): boolean {
    if (superlative.measure.aggregate === 'count') return false;
    const column = this.superlativeColumn(superlative, main)?.column;
    if (!column) return false;
    if (isAggregated && frame.groups.length === 0) return frame.outputs.every((output) => output.aggregate !== null);
    if (column.table === main || isAggregated || frame.groups.length > 0) return false;
    const path = this.graph.path(main.table.name, column.table.table.name);
    const isOne = path?.every((step) => !step.fansOut) === true && path.length > 0;
    const shown = this.joined.has(column.table.table.name);
    return isOne && !shown && superlative.limit === 1 && path.some((step) => !step.edge.oneToOne);
  }

  protected nestedSuperlative(superlative: Superlative, main: TableEntry): Term {
    const found = this.superlativeColumn(superlative, main);
    if (!found) throw new PlanningFailure('unknown-column', phraseOf(superlative));
    const { column, reversed } = found;
    if (!isRankable(column)) throw new PlanningFailure('unranked', phraseOf(superlative));
    const table = column.table;
    const direction = reversed === (superlative.direction === 'asc') ? 'desc' : 'asc';
    if (table === main) {
      const key = this.primaryKey(main)[0];
      if (!key) throw new PlanningFailure('unsupported', phraseOf(superlative));
      const query = this.emptyQuery(main);
      query.select = [{ expression: this.bare(key), alias: null }];
      query.orderBy = [{ expression: this.bare(column), direction }];
      query.limit = superlative.limit;
      return {
        predicate: { kind: 'member', left: this.bare(key), query, negated: false },
        table: main,
        joiner: 'and',
        closesOr: false,
        negatedValue: false,
        both: false,
      };
    }
    const path = this.graph.path(main.table.name, table.table.name);
    const last = path?.at(-1);
    const pair = last?.edge.pairs[0];
    if (!path || !last || !pair) throw new PlanningFailure('unrelated', phraseOf(superlative));
    const forward = last.edge.from === last.source;
    const query = this.emptyQuery(table);
    query.select = [
      { expression: { kind: 'column', table: table.table.name, column: forward ? pair.to : pair.from }, alias: null },
    ];
    query.orderBy = [{ expression: this.bare(column), direction }];
    query.limit = superlative.limit;
    const source = this.evidence.schema.table(last.source);
    if (!source) throw new PlanningFailure('unrelated', phraseOf(superlative));
    const left: Expression = { kind: 'column', table: last.source, column: forward ? pair.from : pair.to };
    return {
      predicate: { kind: 'member', left, query, negated: false },
      table: source,
      joiner: 'and',
      closesOr: false,
      negatedValue: false,
      both: false,
    };
  }
}
