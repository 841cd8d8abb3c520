/** Processes that work on jobs, as tests see them: what they say, in order, and what they are told. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const SCRIPT = join(import.meta.dirname, 'job-worker.mjs');

export interface JobEvent {
  ready?: true;
  begun?: string;
  attempt?: number;
  user?: number | null;
  actor?: string;
  done?: string;
  givenUp?: string;
  reason?: string;
  answer?: unknown;
  error?: string;
}

export class JobsProgram {
  readonly events: JobEvent[] = [];
  private waiting: (() => void)[] = [];

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (event: JobEvent) => {
      this.events.push(event);
      this.waiting.splice(0).forEach((look) => look());
    });
  }

  static async start(environment: Record<string, string>): Promise<JobsProgram> {
    const child = fork(SCRIPT, {
      env: { PATH: process.env['PATH'], NODE_ENV: 'test', ...environment },
      execArgv: ['--no-warnings'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const program = new JobsProgram(child);
    await program.seen(({ ready }) => ready === true, 60_000);
    return program;
  }

  /** The first event like that, as soon as there is one. */
  async seen(isIt: (event: JobEvent) => boolean, withinMs = 20_000): Promise<JobEvent> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const event = this.events.find(isIt);
      if (event !== undefined) return event;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`It did not happen. What did: ${JSON.stringify(this.events)}`);
      await Promise.race([
        new Promise<void>((resolve) => this.waiting.push(resolve)),
        new Promise((resolve) => setTimeout(resolve, Math.min(left, 1000))),
      ]);
    }
  }

  async tell(step: string, given: object = {}): Promise<unknown> {
    const answers = this.events.filter(isAnswer).length;
    this.child.send({ step, ...given });
    await this.seen(() => this.events.filter(isAnswer).length > answers);
    const { answer, error } = this.events.filter(isAnswer)[answers] ?? {};
    if (error !== undefined) throw new Error(error);
    return answer;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.send({ step: 'stop' });
    await exited;
  }

  async kill(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }
}

const isAnswer = (event: JobEvent): boolean => 'answer' in event || 'error' in event;
