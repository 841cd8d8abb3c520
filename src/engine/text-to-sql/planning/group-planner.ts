/** What rows are put together by, and what is seen along the time. */
import { holdsDateText, holdsYears, isNumeric, isTemporal, type TableEntry } from '../evidence/schema-index.js';
import { unitOfPeriod } from '../language/periods.js';
import type { AggregateName } from '../lexicon/lexicon.js';
import type { Condition, Course, Frame, Mention } from '../reading/frame.js';
import { tableScore } from '../reading/phrases.js';
import { isAggregate, type Expression, type Query, type SelectItem } from './algebra.js';
import { ArithmeticPlanner } from './arithmetic-planner.js';
import { PlanningFailure, type Target } from './plan-context.js';

/** What rows are put together by, and what is shown of it. */
export interface GroupPlan {
  key: Expression[];
  show: SelectItem[];
  /** The entity that the group is, when it is one. */
  table: TableEntry | null;
  trailing: boolean;
}

const ADDITIVE: ReadonlySet<AggregateName> = new Set(['sum', 'count']);

export abstract class GroupPlanner extends ArithmeticPlanner {
  protected groups(frame: Frame, main: TableEntry): GroupPlan[] {
    const groups: GroupPlan[] = [];
    for (const group of frame.groups) {
      if (group.compared) {
        const expression = this.comparedBy(group.compared, main);
        groups.push({ key: [expression], show: [{ expression, alias: null }], table: null, trailing: false });
        continue;
      }
      if (group.unit) {
        const expression = this.timeUnit(group.unit, main);
        const alias =
          expression.kind === 'truncate'
            ? (expression.later?.name ?? expression.unit)
            : group.unit === 'fitting'
              ? null
              : group.unit;
        if (expression.kind === 'weekday') {
          const named: Expression = { ...expression, isName: true };
          const show = [{ expression: named, alias: 'weekday' }];
          groups.push({ key: [expression, named], show, table: null, trailing: false });
          continue;
        }
        groups.push({ key: [expression], show: [{ expression, alias }], table: null, trailing: false });
        continue;
      }
      const target = this.entityBehind(group.mention, this.target(group.mention));
      if (!target || !group.mention) continue;
      const { trailing } = group;
      if (target.kind === 'column') {
        const expression = this.column(target.column);
        groups.push({ key: [expression], show: [{ expression, alias: null }], table: null, trailing });
      } else {
        const key = this.primaryKey(target.table);
        const name = this.evidence.schema.nameColumn(target.table);
        const show = name ? this.display(target.table) : key.length > 0 ? key : target.table.columns.slice(0, 1);
        groups.push({
          key: [...key, ...show].map((column) => this.column(column)),
          show: show.map((column) => ({ expression: this.column(column), alias: null })),
          table: target.table,
          trailing,
        });
      }
    }
    // "per month … for each month" says it twice.
    return groups.filter(
      ({ key }, index) => !groups.slice(0, index).some((known) => JSON.stringify(known.key) === JSON.stringify(key)),
    );
  }

  /** What tells apart the things that are compared: the column of the values, or the unit of the periods. */
  private comparedBy(condition: Condition, main: TableEntry): Expression {
    if (condition.kind === 'value') {
      const [mention] = condition.mentions;
      const hit = mention ? this.resolver.value(mention, condition.column, main) : null;
      if (hit) return this.column(hit.column);
    }
    if (condition.kind === 'compare' && condition.right.kind === 'period') {
      const { from, to } = condition.right.period;
      return this.timeUnit(unitOfPeriod(from, to), main);
    }
    throw new PlanningFailure('unsupported', condition.segments[0]?.phrase ?? '');
  }

  /** Sees what was worked out along the time: added up so far, or beside its change since the time before. */
  protected followCourse(query: Query, course: Course): void {
    const times = query.groupBy.filter((group) => this.isTime(group));
    const by = times[0];
    if (!by || times.length > 1) throw new PlanningFailure('undated', query.from);
    const partition = query.groupBy.filter((group) => group !== by);
    query.select = query.select.flatMap((item) => {
      if (!isAggregate(item.expression)) return [item];
      // Only sums and counts can be added up further.
      const isAdditive = item.expression.kind === 'aggregate' && ADDITIVE.has(item.expression.name);
      if (!this.isNumber(item.expression) || (course === 'running' && !isAdditive))
        throw new PlanningFailure('unsupported', course);
      const expression: Expression = { kind: 'over', name: course, of: item.expression, by, partition };
      return course === 'running' ? [{ expression, alias: null }] : [item, { expression, alias: null }];
    });
  }

  /** True for what can be added up and compared; the largest date cannot. */
  private isNumber(expression: Expression): boolean {
    if (expression.kind === 'over') return false;
    if (expression.kind !== 'aggregate' || (expression.name !== 'min' && expression.name !== 'max')) return true;
    const { of } = expression;
    if (of?.kind !== 'column') return true;
    const entry = this.evidence.schema.table(of.table)?.columns.find(({ column }) => column.name === of.column);
    return entry !== undefined && isNumeric(entry);
  }

  protected isTime(expression: Expression): boolean {
    if (expression.kind === 'truncate' || expression.kind === 'weekday') return true;
    if (expression.kind !== 'column') return false;
    const { table, column } = expression;
    const entry = this.evidence.schema.table(table)?.columns.find((candidate) => candidate.column.name === column);
    return entry !== undefined && (isTemporal(entry) || holdsYears(entry) || holdsDateText(entry));
  }

  /** "each maker" is each row of a table of makers, also where the table has a column of that name. */
  protected entityBehind(mention: Mention | null, target: Target | null): Target | null {
    if (!mention || target?.kind !== 'column' || tableScore(mention.segment) < 0.6) return target;
    const { table } = target.column;
    return this.evidence.schema.nameColumn(table) === target.column && this.resolver.table(mention) === table
      ? { kind: 'table', table }
      : target;
  }
}
