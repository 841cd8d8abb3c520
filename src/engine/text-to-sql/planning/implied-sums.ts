/** Sums and averages that a question asks for without saying so. */
import { holdsYears, isNumeric, type ColumnEntry } from '../evidence/schema-index.js';
import type { Frame, Mention } from '../reading/frame.js';
import type { SelectItem } from './algebra.js';
import type { Target } from './plan-context.js';

/**
 * "What was the revenue last year?" asks for one number: nothing but an amount and a time is named. So does "revenue in
 * Germany": what is worked out from several columns is a sum unless rows are asked for.
 */
export function asksForTotal(frame: Frame, outputs: readonly { target: Target | null }[]): boolean {
  const [only] = outputs;
  const isFormula = only?.target?.kind === 'column' && only.target.column.formula !== null;
  if (isFormula && outputs.length === 1 && frame.superlatives.length + frame.orders.length === 0) return true;
  const isTimed =
    frame.conditions.length > 0 &&
    frame.conditions.every((condition) => condition.kind === 'compare' && condition.temporal);
  return (
    isTimed &&
    frame.outputs.length === 1 &&
    frame.subjects.every((subject) => isSameTable(subject, frame.outputs[0]?.of ?? null)) &&
    frame.superlatives.length === 0 &&
    frame.orders.length === 0 &&
    !frame.outputs[0]?.of?.owner
  );
}

/** "units sold": the verb says of the lines of orders what they are. */
function isSameTable(subject: Mention, measure: Mention | null): boolean {
  const best = measure?.segment.names[0]?.entry;
  return best?.kind === 'column' && subject.segment.names.some(({ entry }) => entry === best.table);
}

/** "Revenue by year" asks for the sum, though it does not say so; "price by year" for the average. */
export function sumMeasures(
  items: { item: SelectItem; aggregate: boolean }[],
  outputs: readonly { target: Target | null }[],
  isRate: (column: ColumnEntry) => boolean,
): void {
  if (items.some((entry) => entry.aggregate)) {
    addUpFormulas(items);
    return;
  }
  const columns = outputs.flatMap(({ target }) => (target?.kind === 'column' ? [target.column] : []));
  const isMeasured = columns.every((column) => isNumeric(column) && !column.isKey && !holdsYears(column));
  if (items.length !== columns.length || outputs.length !== columns.length || !isMeasured) return;
  for (const [index, entry] of items.entries()) {
    const column = columns[index];
    const name = column && isRate(column) ? 'avg' : 'sum';
    entry.item = { expression: { kind: 'aggregate', name, distinct: false, of: entry.item.expression }, alias: null };
    entry.aggregate = true;
  }
}

/** "number of orders and revenue by month": an amount that is worked out for each row is no label of the groups. */
function addUpFormulas(items: { item: SelectItem; aggregate: boolean }[]): void {
  for (const entry of items) {
    const { expression } = entry.item;
    if (expression.kind !== 'product') continue;
    entry.item = { expression: { kind: 'aggregate', name: 'sum', distinct: false, of: expression }, alias: null };
    entry.aggregate = true;
  }
}
