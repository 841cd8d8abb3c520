import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { EngineErrorCode } from '../../engine/errors.js';
import type { ReadingRequest } from '../../engine/retrieval/document.js';
import type { ReadPassages } from '../../engine/retrieval/read-passages.js';
import { READING_LIMITS } from './reading-limits.js';

export interface ReadingOrder {
  request: ReadingRequest;
  /** Memory of the whole process, in bytes, beyond which it ends itself. */
  mostResidentBytes: number;
}

/** What comes of reading: passages, a reason why not, or an error of the parser, by its name. */
export type ReadingOutcome =
  { read: ReadPassages } | { refused: { code: EngineErrorCode; detail: string } } | { stumbled: string };

const SCRIPT = fileURLToPath(new URL('./documents.process.js', import.meta.url));
const MEGABYTE = 1024 * 1024;

/** A process that reads one document after the other, as the server sees it. It can be ended at any moment. */
export class ReadingProcess {
  private readonly child: ChildProcess;
  private readonly ended: Promise<void>;
  private over = false;

  constructor() {
    this.child = fork(SCRIPT, {
      execArgv: ['--no-warnings', `--max-old-space-size=${READING_LIMITS.heapMegabytes}`],
      // Keys and passwords of the server are not for a process that works on strangers' files.
      env: {},
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.ended = new Promise((resolve) => {
      const settle = (): void => {
        this.over = true;
        resolve();
      };
      this.child.once('exit', settle);
      this.child.once('error', settle);
    });
  }

  get isOver(): boolean {
    return this.over;
  }

  /** @returns null when the process ended before it was done: by `end`, or because it took too much memory */
  async read(request: ReadingRequest): Promise<ReadingOutcome | null> {
    const answer = new Promise<ReadingOutcome>((resolve) => this.child.once('message', resolve));
    const order: ReadingOrder = { request, mostResidentBytes: READING_LIMITS.residentMegabytes * MEGABYTE };
    // Whether it arrives is of no matter: a process that cannot hear any more has ended, which is seen.
    if (this.child.connected) this.child.send(order, () => undefined);
    return Promise.race([answer, this.ended.then(() => null)]);
  }

  /** Ends it at once, whatever it does. */
  async end(): Promise<void> {
    this.over = true;
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
