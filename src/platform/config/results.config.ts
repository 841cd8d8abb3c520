import type { EnvironmentReader } from './environment.js';

/** Files that are sent while they are made or read: each holds a reader, a thread and a connection until its client has taken it. */
export class ResultStreamsConfig {
  /** Files on their way from this process at the same time. */
  readonly concurrency: number;
  /** Those of one person. */
  readonly concurrencyPerUser: number;
  /** A client that takes nothing for so long has gone away. */
  readonly idleMs: number;
  /** However slowly a client takes its file, it has so long for it. */
  readonly longestMs: number;

  constructor(env: EnvironmentReader) {
    this.concurrency = env.integer('RESULT_STREAMS', 8, { min: 1, max: 1000 });
    // One person cannot take every slot, unless there are only a few.
    const mostOfOne = Math.max(1, Math.floor(this.concurrency / 2));
    this.concurrencyPerUser = env.integer('RESULT_STREAMS_PER_USER', mostOfOne, { min: 1, max: 1000 });
    this.idleMs = env.integer('RESULT_STREAM_IDLE_SECONDS', 60, { min: 1, max: 3600 }) * 1000;
    this.longestMs = env.integer('RESULT_STREAM_MAX_SECONDS', 3600, { min: 1, max: 604_800 }) * 1000;
  }
}
