/** Medians and ranks. */

/** The numbers in ascending order, as a copy. */
export function ascending(values: Iterable<number>): Float64Array {
  return Float64Array.from(values).sort();
}

/** The middle of numbers in ascending order, or the mean of the two around it; NaN of none. */
export function medianOfSorted(sorted: ArrayLike<number>): number {
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

export function median(values: Iterable<number>): number {
  return medianOfSorted(ascending(values));
}

/** Ranks from 1; equal numbers share the mean of theirs. */
export function ranks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranked = values.map(() => 0);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && values[order[end] ?? 0] === values[order[start] ?? 0]) end += 1;
    for (let position = start; position < end; position += 1) ranked[order[position] ?? 0] = (start + end + 1) / 2;
    start = end;
  }
  return ranked;
}
