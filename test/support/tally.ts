/** Attempts and findings, by who made them or how, for a table at the end. */
export class Tally {
  private readonly attempts = new Map<string, number>();
  readonly findings: string[] = [];

  constructor(private readonly title: string) {}

  /** @param finding what is wrong about the outcome; null when all is well */
  count(what: string, finding: string | null): void {
    this.attempts.set(what, (this.attempts.get(what) ?? 0) + 1);
    if (finding !== null) this.findings.push(`${what}: ${finding}`);
  }

  get total(): number {
    return [...this.attempts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Prints how often each was attempted, and with how many findings. */
  print(): void {
    const width = Math.max(...[...this.attempts.keys(), 'in all'].map((name) => name.length));
    const line = (name: string, attempts: number, findings: number): string =>
      `  ${name.padEnd(width)} ${String(attempts).padStart(6)} ${String(findings).padStart(9)}`;
    const found = (name: string): number => this.findings.filter((finding) => finding.startsWith(`${name}: `)).length;
    const lines = [...this.attempts].map(([name, attempts]) => line(name, attempts, found(name)));
    process.stdout.write(
      [
        `\n${this.title}`,
        `  ${''.padEnd(width)}  tried  findings`,
        ...lines,
        line('in all', this.total, this.findings.length),
        '\n',
      ].join('\n'),
    );
  }
}

/** Does something with all items, so many at a time. */
export async function eachOf<T>(items: readonly T[], act: (item: T) => Promise<void>, atOnce = 8): Promise<void> {
  const waiting = [...items].reverse();
  const next = async (): Promise<void> => {
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) await act(item);
  };
  await Promise.all(Array.from({ length: atOnce }, next));
}
