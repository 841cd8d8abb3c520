/**
 * P-values adjusted for being several, in the order given: whoever believes those up to 0.05 errs in at most 5 % of the
 * families, whatever the tests have to do with each other.
 *
 * Source: S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979).
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, index) => index).sort((a, b) => (pValues[a] ?? 1) - (pValues[b] ?? 1));
  const adjusted = pValues.map(() => 1);
  let largest = 0;
  for (const [step, index] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues[index] ?? 1) * (pValues.length - step)));
    adjusted[index] = largest;
  }
  return adjusted;
}
