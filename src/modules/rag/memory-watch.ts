/** Ends the process as soon as it has more memory than it may, whatever its other threads are busy with. */
import { workerData } from 'node:worker_threads';

/** Between two looks: a parser may take some 20 MB. */
const WATCH_MS = 20;

const mostResidentBytes = Number(workerData);
setInterval(() => {
  if (process.memoryUsage.rss() > mostResidentBytes) process.kill(process.pid, 'SIGKILL');
}, WATCH_MS);
