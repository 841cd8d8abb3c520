import { EngineError } from '../../errors.js';
import { cancelled } from '../duckdb/interruption.js';

/** How a session at a source is stopped. */
export interface StoppableSession {
  /** Asks the source to stop what the session runs. It must not throw: whether it worked is seen at the session. */
  cancel(): void;
  /** Ends the connection without a word. */
  cut(): void;
}

export interface WorkLimits {
  /** From the call on. */
  timeoutMs: number;
  /** What work is told apart by that takes too long. */
  onTimeout: () => EngineError;
  signal: AbortSignal;
}

/** Cancelling is asked for again until it has worked: a request that arrives between two statements is lost. */
const REPEAT_MS = 250;
/** How long a cancelled source may take to stop before the connection is cut. */
export const GRACE_MS = 3_000;

/** Ends the work of a session: at the source, and where that does not help by cutting the connection. */
export class Interruption {
  /** What the work was ended for, when it was not its own end. */
  reason: EngineError | undefined;
  private readonly interrupted = new AbortController();
  /** Aborts when the work is to stop, for whatever reason. */
  readonly signal = this.interrupted.signal;
  /** Rejects when the connection had to be cut, because whoever waits for an answer then waits for ever. */
  private readonly cut: Promise<never>;
  private onCut: (error: EngineError) => void = () => undefined;
  private repeat: NodeJS.Timeout | undefined;
  private grace: NodeJS.Timeout | undefined;

  constructor(private readonly session: StoppableSession) {
    this.cut = new Promise((_resolve, reject) => {
      this.onCut = reject;
    });
    this.cut.catch(() => undefined);
  }

  /**
   * Waits for the work of the session, and stops it when the signal aborts or time is up.
   *
   * @throws EngineError `query_cancelled`, what `onTimeout` gives; otherwise whatever the work throws
   */
  async watch<T>({ timeoutMs, onTimeout, signal }: WorkLimits, work: () => Promise<T>): Promise<T> {
    const onAbort = (): void => this.interrupt(cancelled());
    const deadline = setTimeout(() => this.interrupt(onTimeout()), timeoutMs);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const result = await Promise.race([work(), this.cut]);
      if (this.reason) throw this.reason;
      if (signal.aborted) throw cancelled();
      return result;
    } catch (error) {
      throw this.reason ?? error;
    } finally {
      clearTimeout(deadline);
      clearInterval(this.repeat);
      clearTimeout(this.grace);
      signal.removeEventListener('abort', onAbort);
    }
  }

  private interrupt(reason: EngineError): void {
    if (this.reason) return;
    this.reason = reason;
    this.interrupted.abort(reason);
    this.session.cancel();
    this.repeat = setInterval(() => this.session.cancel(), REPEAT_MS);
    this.grace = setTimeout(() => {
      this.session.cut();
      this.onCut(reason);
    }, GRACE_MS);
  }
}

/** Waits for something that does not know of signals; `cut` ends it when it is no longer waited for. */
export async function interruptibly<T>(
  work: Promise<T>,
  timeoutMs: number,
  signal: AbortSignal,
  cut: () => void,
): Promise<T> {
  let stop: (error: EngineError) => void = () => undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = reject;
  });
  const onAbort = (): void => stop(cancelled());
  const timer = setTimeout(() => stop(sourceTimeout(timeoutMs)), timeoutMs);
  signal.addEventListener('abort', onAbort, { once: true });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, stopped]);
  } catch (error) {
    cut();
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** The source did not say anything for too long. */
export function sourceTimeout(milliseconds: number): EngineError {
  const seconds = Math.round(milliseconds / 100) / 10;
  return new EngineError('source_timeout', `The source did not answer within ${seconds} seconds. Try again later.`, {
    details: { timeout_ms: milliseconds },
  });
}
