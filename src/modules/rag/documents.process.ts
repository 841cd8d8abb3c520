/**
 * Reads documents in a process of its own, where a hostile one can waste neither the time nor the memory of the server. What
 * takes too long is killed by the server. Parsers do not let go of the thread, so another one watches the memory, buffers included.
 */
import { Worker } from 'node:worker_threads';
import { EngineError } from '../../engine/errors.js';
import { readPassages } from '../../engine/retrieval/read-passages.js';
import type { ReadingOrder, ReadingOutcome } from './reading-process.js';

// No order to end in: there is nothing here to be kept.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// The server stops in order on these, and ends its processes itself.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

let watch: Worker | undefined;

process.on('message', ({ request, mostResidentBytes }: ReadingOrder) => {
  watch ??= new Worker(new URL('./memory-watch.js', import.meta.url), { workerData: mostResidentBytes });
  void readPassages(request)
    .then((read): ReadingOutcome => ({ read }), refusalOf)
    .then((outcome) => process.send?.(outcome));
});

/** A parser that stumbles has met what is no such document. */
function refusalOf(error: unknown): ReadingOutcome {
  if (error instanceof EngineError) return { refused: { code: error.code, detail: error.message } };
  return { stumbled: error instanceof Error ? error.name : 'Error' };
}
