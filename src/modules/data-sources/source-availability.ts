import { Injectable, Logger } from '@nestjs/common';
import type { Connector } from '../../engine/connectors/connector.js';
import { EngineError } from '../../engine/errors.js';
import { SourceConfig } from '../../platform/config/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { type BreakerState, CircuitBreaker, type Refusal } from './circuit-breaker.js';
import type { DataSourceEntity } from './entities/data-source.entity.js';

/** Whether a source is asked at present, as far as this process has seen. */
export interface Availability {
  state: BreakerState;
  /** When it is tried again; null when it may be tried now. */
  retryAt: Date | null;
  /** Null when the last try went well, or there was none. */
  lastErrorCode: string | null;
}

const AVAILABLE: Availability = { state: 'closed', retryAt: null, lastErrorCode: null };

/** What says that the source cannot be reached, and nothing about what was asked of it. */
const UNREACHABLE = new Set(['source_unreachable', 'source_timeout', 'source_lost', 'source_tls_failed']);
/** What does not say whether it can: it was stopped, or not even tried, from here. */
const UNTOLD = new Set([
  'query_cancelled',
  'query_timeout',
  'query_interrupted',
  'source_address_not_allowed',
  'source_option_not_allowed',
]);
/** While somebody tries. */
const SOON_SECONDS = 2;

type Source = Pick<DataSourceEntity, 'id' | 'type'>;

/**
 * Keeps this process from asking databases that cannot be reached, again and again. Files are always there, and a combined
 * source is as its members are.
 */
@Injectable()
export class SourceAvailability {
  private readonly logger = new Logger(SourceAvailability.name);
  /** Of sources that could once not be reached. */
  private readonly breakers = new Map<number, CircuitBreaker>();

  constructor(private readonly config: SourceConfig) {}

  of({ id }: Source): Availability {
    const breaker = this.breakers.get(id);
    if (breaker === undefined) return AVAILABLE;
    const { state, retryAt, lastError } = breaker;
    return { state, retryAt: retryAt === null ? null : new Date(retryAt), lastErrorCode: lastError };
  }

  /** @throws DomainError `source_unavailable` when nothing is to be asked of the source now */
  check({ id }: Source): void {
    const refusal = this.breakers.get(id)?.refusal() ?? null;
    if (refusal !== null) throw unavailable(refusal);
  }

  /**
   * Does something at a source, and takes note of whether it could be reached. After it was left alone, somebody only tests it
   * first, so that others need not wait for the work to end.
   *
   * @throws DomainError `source_unavailable`; whatever the test or the work throws
   */
  async reach<T>(
    source: Source,
    connector: Pick<Connector, 'test'>,
    signal: AbortSignal,
    work: () => Promise<T>,
  ): Promise<T> {
    this.check(source);
    if (this.of(source).state === 'half_open') await this.attempt(source, () => connector.test(signal));
    return this.attempt(source, work);
  }

  /**
   * The same at once, also when the source has not been reachable: somebody wants to know.
   *
   * @throws whatever the work throws
   */
  async attempt<T>(source: Source, work: () => Promise<T>): Promise<T> {
    if (source.type === 'file' || source.type === 'combined') return work();
    this.breakers.get(source.id)?.enter();
    try {
      const result = await work();
      this.recover(source.id);
      return result;
    } catch (error) {
      this.note(source.id, error);
      throw error;
    }
  }

  /** The source is another one now, or none. */
  forget(id: number): void {
    this.breakers.delete(id);
  }

  private recover(id: number): void {
    const breaker = this.breakers.get(id);
    if (breaker === undefined) return;
    if (breaker.state !== 'closed') this.logger.log(`Data source ${id} can be reached again.`);
    breaker.succeed();
  }

  private note(id: number, error: unknown): void {
    if (!(error instanceof EngineError) || UNTOLD.has(error.code)) return this.breakers.get(id)?.leave();
    // Whoever refuses is there.
    if (!UNREACHABLE.has(error.code)) return this.recover(id);
    const breaker = this.breakers.get(id) ?? new CircuitBreaker(this.config.breaker);
    this.breakers.set(id, breaker);
    if (!breaker.fail(error.code)) return;
    const until = new Date(breaker.retryAt ?? Date.now()).toISOString();
    this.logger.warn(`Data source ${id} is not asked until ${until}: ${error.code}.`);
  }
}

function unavailable({ lastErrorCode, retryAt }: Refusal): DomainError {
  const seconds = retryAt === null ? SOON_SECONDS : Math.max(1, Math.ceil((retryAt - Date.now()) / 1000));
  return new DomainError(
    'source_unavailable',
    `The data source could not be reached several times in a row, the last time with ${lastErrorCode ?? 'no answer'}. ` +
      `It is tried again in ${seconds} s; test its connection to try now.`,
    { retryAfterSeconds: seconds },
  );
}
