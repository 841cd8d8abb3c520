export interface BreakerLimits {
  /** Failures in a row, within the window, that open it. */
  failures: number;
  windowMs: number;
  /** How long it stays open at first; twice as long each time that the next try fails as well. */
  firstBackOffMs: number;
  longestBackOffMs: number;
}

export type BreakerState = 'closed' | 'open' | 'half_open';

/** Why and until when nothing is let through. */
export interface Refusal {
  lastErrorCode: string | null;
  /** In milliseconds since 1970; null while somebody is trying. */
  retryAt: number | null;
}

/**
 * Keeps callers from something that fails again and again (M. Nygard, Release It!, "Circuit Breaker"): after some failures
 * in a row it lets nobody through for a while, then one, and that one's luck decides.
 */
export class CircuitBreaker {
  private failedAt: number[] = [];
  private lastErrorCode: string | null = null;
  private openUntil: number | null = null;
  private backOffMs: number;
  private trying = false;

  constructor(
    private readonly limits: BreakerLimits,
    private readonly now: () => number = Date.now,
  ) {
    this.backOffMs = limits.firstBackOffMs;
  }

  get state(): BreakerState {
    if (this.openUntil === null) return 'closed';
    return this.now() < this.openUntil ? 'open' : 'half_open';
  }

  /** When it may be tried again; null when it may now. */
  get retryAt(): number | null {
    return this.state === 'open' ? this.openUntil : null;
  }

  /** What went wrong last; null when the last try went well. */
  get lastError(): string | null {
    return this.lastErrorCode;
  }

  /** Why a caller may not go through now; null when one may. */
  refusal(): Refusal | null {
    if (this.state === 'closed' || (this.state === 'half_open' && !this.trying)) return null;
    return { lastErrorCode: this.lastErrorCode, retryAt: this.retryAt };
  }

  /** Goes through, where there is no refusal. It ends with `succeed`, `fail` or `leave`. */
  enter(): void {
    if (this.state === 'half_open') this.trying = true;
  }

  succeed(): void {
    this.failedAt = [];
    this.lastErrorCode = null;
    this.openUntil = null;
    this.trying = false;
    this.backOffMs = this.limits.firstBackOffMs;
  }

  /** @returns whether it is open by this failure */
  fail(errorCode: string): boolean {
    const now = this.now();
    const { failures, windowMs, longestBackOffMs } = this.limits;
    this.lastErrorCode = errorCode;
    // What had gone through before it opened fails later; that does not make it stay open for longer.
    if (this.state === 'open') return false;
    const again = this.state === 'half_open';
    this.failedAt = [...this.failedAt.filter((at) => at > now - windowMs), now];
    if (!again && this.failedAt.length < failures) return false;
    if (again) this.backOffMs = Math.min(this.backOffMs * 2, longestBackOffMs);
    this.openUntil = now + this.backOffMs;
    this.trying = false;
    return true;
  }

  /** It ended without telling whether it would have worked. */
  leave(): void {
    this.trying = false;
  }
}
