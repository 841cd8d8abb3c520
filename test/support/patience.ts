const PATIENCE_MS = 15_000;

/**
 * Looks again and again until what is seen is as wanted, and gives it.
 *
 * @throws Error with what was seen last
 */
export async function eventually<T>(look: () => Promise<T>, isWanted: (seen: T) => boolean): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const seen = await look();
    if (isWanted(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`It did not come to that; last seen: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
