/** Vectors of models, a byte for every dimension: a quarter of the space, and the order of what is near stays. */

const MOST = 127;

/** The direction of a vector, its largest part as 127 (scalar quantisation). A vector of nothing but zeros stays one. */
export function quantised(vector: readonly number[]): Int8Array {
  const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return Int8Array.from(vector, (value) => (largest === 0 ? 0 : Math.round((value / largest) * MOST)));
}

/** The cosine of the angle between two of the same number of dimensions, from −1 to 1; 0 where one has no direction. */
export function cosine(one: Int8Array, other: Int8Array): number {
  let [product, square, otherSquare] = [0, 0, 0];
  for (let at = 0; at < one.length; at += 1) {
    const [a, b] = [one[at] ?? 0, other[at] ?? 0];
    product += a * b;
    square += a * a;
    otherSquare += b * b;
  }
  return product === 0 ? 0 : product / Math.sqrt(square * otherSquare);
}
