import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EngineError } from '../../../errors.js';
import type { InstanceBounds, TaskLimits, TaskRunner } from '../engine-bounds.js';
import { cancelled } from '../interruption.js';
import { spillPrefix } from '../locked-instance.js';
import { EngineProcess, MARGIN_BYTES, type ProcessSource } from './engine-process.js';

export interface EngineProcessesOptions {
  /** Processes at the same time; further tasks wait. */
  most: number;
  /** How they are started; from what is built when left out. */
  source?: ProcessSource;
}

/** A process that nobody has needed for so long is ended, unless it is the last one. */
const IDLE_MS = 120_000;

/**
 * Processes in which people's statements run: what DuckDB does with memory and processors, or does not stop doing, ends with the
 * process and leaves the server alone. They start when they are needed and stay for the next task.
 */
export class EngineProcesses implements TaskRunner {
  private readonly all = new Set<EngineProcess>();
  private readonly idle: { process: EngineProcess; timer: NodeJS.Timeout }[] = [];
  private readonly waiting: ((process: EngineProcess | null) => void)[] = [];
  private starting = 0;
  private closed = false;

  constructor(private readonly options: EngineProcessesOptions) {}

  /**
   * Does a task in the next process that is free.
   *
   * @throws what the task throws; EngineError `query_cancelled`, `query_timeout`; `query_out_of_memory` and `query_failed` when
   *   its process ended
   */
  async run(task: string, input: { bounds: InstanceBounds }, limits: TaskLimits): Promise<unknown> {
    const { signal } = limits;
    const process = await this.take(signal);
    try {
      const value = await process.do(task, input, limits);
      // An abort that came too late to stop anything is still an abort.
      if (signal.aborted) throw cancelled();
      return value;
    } catch (error) {
      await this.removeRest(process, input.bounds, limits);
      throw error;
    }
  }

  /** Ends all of them, and what they are doing. */
  async close(): Promise<void> {
    this.closed = true;
    for (const { timer } of this.idle.splice(0)) clearTimeout(timer);
    for (const give of this.waiting.splice(0)) give(null);
    for (const process of this.all) process.end(cancelled());
    await Promise.all([...this.all].map(({ ended }) => ended));
  }

  private async take(signal: AbortSignal): Promise<EngineProcess> {
    if (signal.aborted || this.closed) throw cancelled();
    // The one that was used last: the others may be left to end.
    for (let free = this.idle.pop(); free !== undefined; free = this.idle.pop()) {
      clearTimeout(free.timer);
      if (!free.process.isOver) return free.process;
    }
    return new Promise((resolve, reject) => {
      const give = (process: EngineProcess | null): void => {
        signal.removeEventListener('abort', leave);
        if (process === null) reject(this.closed ? cancelled() : notStarted());
        else resolve(process);
      };
      const leave = (): void => {
        this.waiting.splice(this.waiting.indexOf(give), 1);
        reject(cancelled());
      };
      signal.addEventListener('abort', leave, { once: true });
      this.waiting.push(give);
      this.startForWaiting();
    });
  }

  private startForWaiting(): void {
    while (!this.closed && this.starting < this.waiting.length && this.all.size < this.options.most) this.start();
  }

  private start(): void {
    let isReady = false;
    const process = new EngineProcess(this.options.source ?? BUILT, (residentBytes) => {
      if (!isReady) this.starting -= 1;
      isReady = true;
      // What DuckDB has not given back would count against the next task.
      if (residentBytes > MARGIN_BYTES) process.end();
      else this.offer(process);
    });
    this.all.add(process);
    this.starting += 1;
    void process.ended.then(() => this.forget(process, isReady));
  }

  /** One that has ended before it was ready would do so again: who waits for it is told. */
  private forget(process: EngineProcess, wasReady: boolean): void {
    this.all.delete(process);
    if (!wasReady) {
      this.starting -= 1;
      this.waiting.shift()?.(null);
      return;
    }
    if (this.all.size === 0 && !this.closed) this.start();
    this.startForWaiting();
  }

  /** Gives the process to who has waited longest, or keeps it. */
  private offer(process: EngineProcess): void {
    if (process.isOver || this.closed) return;
    const give = this.waiting.shift();
    if (give === undefined) this.keep(process);
    else give(process);
  }

  private keep(process: EngineProcess): void {
    const timer = setTimeout(() => {
      const place = this.idle.findIndex((free) => free.process === process);
      if (place === -1 || this.all.size === 1) return;
      this.idle.splice(place, 1);
      process.end();
    }, IDLE_MS);
    timer.unref();
    this.idle.push({ process, timer });
  }

  /** What a process has left behind that ended before its task did; and the files of an answer that nobody wants. */
  private async removeRest(
    process: EngineProcess,
    { scratchDirectory }: InstanceBounds,
    limits: TaskLimits,
  ): Promise<void> {
    const files = [...(limits.files ?? [])];
    if (process.isOver && process.pid !== undefined) {
      const prefix = spillPrefix(process.pid);
      const names = await readdir(scratchDirectory);
      files.push(...names.filter((name) => name.startsWith(prefix)).map((name) => join(scratchDirectory, name)));
    }
    await Promise.all(files.map((file) => rm(file, { recursive: true, force: true })));
  }
}

const BUILT: ProcessSource = { script: fileURLToPath(new URL('./duckdb.process.js', import.meta.url)) };

function notStarted(): EngineError {
  return new EngineError(
    'query_failed',
    'The process that runs queries cannot be started. Try again, or ask your administrator to look at the log.',
  );
}
