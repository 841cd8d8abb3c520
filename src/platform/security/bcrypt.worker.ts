/** Password hashing in worker threads: it would keep the event loop busy for a quarter of a second each time. */
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { compare, hash } from 'bcryptjs';

/** A third of the weight of other threads: lower, and nobody could sign in while heavy queries keep every core busy. */
const LOW_PRIORITY = 5;

export type PasswordTask =
  { kind: 'hash'; password: string; cost: number } | { kind: 'verify'; password: string; hash: string };

// On Linux a thread has a priority of its own. Sign-ins are the long work of this process; requests should not wait for them.
if (process.platform === 'linux') {
  const threadId = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  if (Number.isInteger(threadId)) setPriority(threadId, LOW_PRIORITY);
}

export default function run(task: PasswordTask): Promise<string | boolean> {
  return task.kind === 'hash' ? hash(task.password, task.cost) : compare(task.password, task.hash);
}
