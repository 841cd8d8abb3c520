import type { EnvironmentReader } from './environment.js';

const NETWORKS = ['loopback', 'private'];
/** Five seconds, then longer and longer: fifteen hours in all, as the Standard Webhooks specification recommends. */
const DELAYS = [5, 60, 300, 1800, 7200, 18_000, 28_800];
const LONGEST_DELAY = 7 * 86_400;

/** How other systems are told about events. */
export class WebhookConfig {
  /** Whether webhooks may be on this machine. */
  readonly allowLoopback: boolean;
  /** Whether webhooks may be at private addresses. */
  readonly allowPrivate: boolean;
  /** How long to wait after each failed attempt, in milliseconds; after the last one, a delivery has failed. */
  readonly retryDelaysMs: readonly number[];
  /** A receiver has so long to answer, from the first packet to the end of its answer. */
  readonly timeoutMs: number;

  constructor(env: EnvironmentReader) {
    const networks = env.list('WEBHOOK_NETWORKS');
    if (!networks.every((name) => NETWORKS.includes(name))) {
      env.refuse(`WEBHOOK_NETWORKS must be a list of these, separated by commas: ${NETWORKS.join(', ')}.`);
    }
    this.allowLoopback = networks.includes('loopback');
    this.allowPrivate = networks.includes('private');
    const delays = env.list('WEBHOOK_RETRY_SECONDS').map(Number);
    if (!delays.every((seconds) => Number.isInteger(seconds) && seconds >= 1 && seconds <= LONGEST_DELAY)) {
      env.refuse(`WEBHOOK_RETRY_SECONDS must be whole numbers from 1 to ${LONGEST_DELAY}, separated by commas.`);
    }
    this.retryDelaysMs = (delays.length > 0 ? delays : DELAYS).map((seconds) => seconds * 1000);
    this.timeoutMs = env.integer('WEBHOOK_TIMEOUT_SECONDS', 15, { min: 1, max: 120 }) * 1000;
  }
}
