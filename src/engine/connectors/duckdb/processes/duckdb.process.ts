/**
 * A process that does one task with DuckDB after the other, as the server asks it to. Statements work on other threads, so this
 * one is free to hear that a task is to stop, to see how much memory it takes, and to notice that the server is gone.
 */
import { prepareStandby } from '../locked-instance.js';
import type { TaskContext } from '../engine-bounds.js';
import { TASKS } from '../tasks/tasks.js';
import { type Answer, failureOf, type Order } from './protocol.js';

/** Between two looks at the memory: enough for DuckDB to take some 100 MB. */
const MEMORY_WATCH_MS = 20;

type Task = (input: unknown, context: TaskContext) => Promise<unknown>;
// The server's side has paired names and inputs (`perform`).
const tasks = new Map(Object.entries(TASKS) as unknown as [string, Task][]);
let current: AbortController | undefined;

function say(answer: Answer, sent?: () => void): void {
  process.send?.(answer, undefined, undefined, sent);
}

/** Not in order: a thread may be in the middle of a statement, and there is nothing here to be kept. */
function end(): void {
  process.kill(process.pid, 'SIGKILL');
}

function ready(): void {
  prepareStandby();
  say({ kind: 'idle', residentBytes: process.memoryUsage.rss() });
}

async function begin({ task: name, input, mostResidentBytes }: Extract<Order, { kind: 'begin' }>): Promise<void> {
  const rests: (() => Promise<void>)[] = [];
  const stop = new AbortController();
  current = stop;
  const watch = setInterval(() => {
    if (process.memoryUsage.rss() > mostResidentBytes) say({ kind: 'out_of_memory' }, end);
  }, MEMORY_WATCH_MS);
  try {
    const task = tasks.get(name);
    if (task === undefined) throw new Error('There is no such task.');
    const value = await task(input, {
      signal: stop.signal,
      progress: (progress) => say({ kind: 'progress', progress }),
      afterwards: (rest) => rests.push(rest),
    });
    say({ kind: 'done', value });
  } catch (error) {
    say({ kind: 'failed', failure: failureOf(error) });
  }
  current = undefined;
  for (const rest of rests) await rest();
  clearInterval(watch);
  ready();
}

process.on('message', (order: Order) => {
  if (order.kind === 'stop') current?.abort();
  else void begin(order);
});
process.on('disconnect', end);
// The server stops in order on these, and ends its processes itself.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
ready();
