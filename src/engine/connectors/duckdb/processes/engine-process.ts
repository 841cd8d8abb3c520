import { type ChildProcess, fork } from 'node:child_process';
import { EngineError } from '../../../errors.js';
import type { InstanceBounds, TaskLimits } from '../engine-bounds.js';
import { cancelled, timedOut } from '../interruption.js';
import { type Answer, errorOf, type Order, type TaskAnswer } from './protocol.js';

/** How a process is started. */
export interface ProcessSource {
  /** The script of `duckdb.process.ts`. */
  script: string;
  /** Options of Node. */
  execArgv?: readonly string[];
}

/** DuckDB looks for an interrupt between chunks of rows. What does not end within this is ended by force. */
const GRACE_MS = 1_000;
/** What a process takes beside the memory that DuckDB counts: itself, threads, and what is on its way to a file. */
export const MARGIN_BYTES = 400_000_000;
/** How long it may tidy up after its answer; most of it is waiting for a statement that was told to stop. */
const TIDY_MS = 5_000;
/** Of its JavaScript, in megabytes: catalogues, and the first rows of a result. */
const HEAP_MB = 512;

/** A task that is going on. */
interface Work {
  hear(answer: TaskAnswer): void;
  /** The process has ended. */
  lose(): void;
}

/** One process that works with DuckDB, as the server sees it. It does one task at a time and can be ended at any moment. */
export class EngineProcess {
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
  private readonly child: ChildProcess;
  private reason: EngineError | undefined;
  private work: Work | undefined;
  private tidying: NodeJS.Timeout | undefined;
  private over = false;

  /** @param onIdle is called whenever it can take a task, with the memory that it takes, in bytes */
  constructor({ script, execArgv = [] }: ProcessSource, onIdle: (residentBytes: number) => void) {
    this.child = fork(script, {
      execArgv: [...execArgv, '--no-warnings', `--max-old-space-size=${HEAP_MB}`],
      // Keys and passwords of the server are not for a process that runs people's statements.
      env: {},
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.ended = new Promise((resolve) => {
      const settle = (): void => {
        this.over = true;
        clearTimeout(this.tidying);
        this.work?.lose();
        resolve();
      };
      this.child.once('exit', settle);
      this.child.once('error', settle);
    });
    this.child.on('message', (answer: Answer) => {
      if (answer.kind === 'idle') {
        clearTimeout(this.tidying);
        onIdle(answer.residentBytes);
      } else if (answer.kind === 'out_of_memory') this.reason ??= outOfMemory();
      else this.work?.hear(answer);
    });
  }

  /** Undefined when it could not be started. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  get isOver(): boolean {
    return this.over;
  }

  /**
   * Does a task. To be called when it is idle.
   *
   * @throws what the task throws; `query_cancelled`, `query_timeout` also when the process had to be ended for it;
   *   `query_out_of_memory` and `query_failed` when it ended by itself
   */
  do(task: string, input: { bounds: InstanceBounds }, limits: TaskLimits): Promise<unknown> {
    const { signal, timeoutMs, progress } = limits;
    return new Promise<unknown>((resolve, reject) => {
      let force: NodeJS.Timeout | undefined;
      const stop = (): void => {
        this.tell({ kind: 'stop' });
        force = setTimeout(() => this.end(cancelled()), GRACE_MS);
      };
      const deadline =
        timeoutMs === undefined ? undefined : setTimeout(() => this.end(timedOut(timeoutMs)), timeoutMs + GRACE_MS);
      // At once when the answer is there, because the next task may be given before a promise tells of it.
      const leave = (): void => {
        this.work = undefined;
        clearTimeout(deadline);
        clearTimeout(force);
        signal.removeEventListener('abort', stop);
      };
      this.work = {
        hear: (answer) => {
          if (answer.kind === 'progress') {
            progress?.(answer.progress);
            return;
          }
          leave();
          this.tidying = setTimeout(() => this.end(), TIDY_MS);
          if (answer.kind === 'done') resolve(answer.value);
          else reject(errorOf(answer.failure));
        },
        lose: () => {
          leave();
          reject(this.reason ?? died());
        },
      };
      if (this.over) {
        this.work.lose();
        return;
      }
      this.tell({ kind: 'begin', task, input, mostResidentBytes: input.bounds.maxMemoryBytes + MARGIN_BYTES });
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
    });
  }

  /** Ends the process at once, whatever it does. */
  end(reason?: EngineError): void {
    this.reason ??= reason;
    this.child.kill('SIGKILL');
  }

  private tell(order: Order): void {
    // Whether it arrives is of no matter: a process that cannot hear any more has ended, which is seen.
    if (this.child.connected) this.child.send(order, () => undefined);
  }
}

function outOfMemory(): EngineError {
  return new EngineError(
    'query_out_of_memory',
    'The query needs more memory than it may have. Filter rows earlier, select fewer columns and shorter texts, or aggregate first.',
  );
}

function died(): EngineError {
  return new EngineError(
    'query_failed',
    'The process that ran the query ended in the middle of it. Run it again; if that happens once more, simplify the query.',
  );
}
