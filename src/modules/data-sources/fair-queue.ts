/** Whose turn it is, and at which source: null for one that is not stored yet. */
export interface Claim {
  userId: number;
  sourceId: number | null;
}

/** What one has who waits. */
export interface Ticket {
  /** Gives the turn up, as long as it has not begun; false when it has. */
  leave: () => boolean;
  /** How many turns come before it and with it, if no source is busy: 1 is next. Null when it does not wait any more. */
  place: () => number | null;
}

export interface QueueLimits {
  /** Runs at the same time. */
  concurrency: number;
  /** Runs of one person at the same time. */
  perUser: number;
  /** Runs at one source at the same time. */
  perSource: number;
}

interface Waiting extends Claim {
  run: () => Promise<unknown>;
}

/**
 * Gives turns to what waits: people take turns, whatever number of runs each has asked for, and each person's runs go in the order in
 * which they were asked for, past those whose source is busy.
 */
export class FairQueue {
  /** In the order in which people get their next turn. */
  private readonly waiting = new Map<number, Waiting[]>();
  private readonly ofUser = new Map<number, number>();
  private readonly atSource = new Map<number | null, number>();
  private running = 0;

  constructor(private readonly limits: QueueLimits) {}

  /** What waits for its turn, of everybody or of one person. */
  size(userId?: number): number {
    if (userId !== undefined) return this.waiting.get(userId)?.length ?? 0;
    return [...this.waiting.values()].reduce((sum, tasks) => sum + tasks.length, 0);
  }

  /**
   * Calls `run` when its turn comes, at once if it can. The turn lasts until the promise of `run` is settled, however.
   */
  add(claim: Claim, run: () => Promise<unknown>): Ticket {
    const task: Waiting = { ...claim, run };
    const tasks = this.waiting.get(claim.userId);
    if (tasks === undefined) this.waiting.set(claim.userId, [task]);
    else tasks.push(task);
    this.giveTurns();
    return { leave: () => this.remove(task), place: () => this.placeOf(task) };
  }

  /** Everybody gets as many turns before it as the person has waiting before it, and who is earlier in the line one more. */
  private placeOf(task: Waiting): number | null {
    const before = this.waiting.get(task.userId)?.indexOf(task) ?? -1;
    if (before < 0) return null;
    let place = before + 1;
    let isEarlier = true;
    for (const [userId, tasks] of this.waiting) {
      if (userId === task.userId) isEarlier = false;
      else place += Math.min(tasks.length, before + (isEarlier ? 1 : 0));
    }
    return place;
  }

  private giveTurns(): void {
    while (this.running < this.limits.concurrency) {
      const task = this.takeNext();
      if (task === undefined) return;
      void this.run(task);
    }
  }

  private takeNext(): Waiting | undefined {
    for (const [userId, tasks] of this.waiting) {
      if ((this.ofUser.get(userId) ?? 0) >= this.limits.perUser) continue;
      const task = tasks.find(({ sourceId }) => this.isFree(sourceId));
      if (task === undefined) continue;
      this.remove(task);
      // To the end of the line.
      const rest = this.waiting.get(userId);
      if (rest !== undefined) {
        this.waiting.delete(userId);
        this.waiting.set(userId, rest);
      }
      return task;
    }
    return undefined;
  }

  private isFree(sourceId: number | null): boolean {
    return sourceId === null || (this.atSource.get(sourceId) ?? 0) < this.limits.perSource;
  }

  private async run({ userId, sourceId, run }: Waiting): Promise<void> {
    this.count(userId, sourceId, 1);
    try {
      await run();
    } catch {
      // Whoever added it holds its promise, and hears of it there.
    } finally {
      this.count(userId, sourceId, -1);
      this.giveTurns();
    }
  }

  private remove(task: Waiting): boolean {
    const tasks = this.waiting.get(task.userId) ?? [];
    const index = tasks.indexOf(task);
    if (index < 0) return false;
    tasks.splice(index, 1);
    if (tasks.length === 0) this.waiting.delete(task.userId);
    return true;
  }

  private count(userId: number, sourceId: number | null, change: 1 | -1): void {
    this.running += change;
    add(this.ofUser, userId, change);
    add(this.atSource, sourceId, change);
  }
}

function add<K>(counts: Map<K, number>, key: K, change: 1 | -1): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
