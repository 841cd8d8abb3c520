import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import { EngineError } from '../../errors.js';
import { cancelled } from '../duckdb/interruption.js';
import { type AddressPolicy, resolveAllowed } from '../remote/address-policy.js';
import { readOptions, type SourceAddress } from '../remote/source-address.js';
import { sourceTimeout } from '../remote/source-errors.js';
import { tlsOptions } from '../remote/tls-options.js';
import { requestCancel } from './cancel-request.js';
import { type CopiedRows, CopyOut, type CopyOutRequest } from './copy-out.js';
import { Describe } from './describe.js';
import { checkFraming } from './framing.js';
import { postgresError } from './postgres-errors.js';
import { backendKey, submit, type WireField, wireOf } from './wire.js';

export interface SessionOptions {
  source: SourceAddress;
  policy: AddressPolicy;
  /** Until when everything has to be done, in milliseconds from now. */
  timeoutMs: number;
  /** What a session is told apart by that takes too long; without it, a source that is slow to answer is to blame. */
  onTimeout?: () => EngineError;
  signal: AbortSignal;
}

/** Cancelling is asked for again until it has worked: a request that arrives between two statements is lost. */
const REPEAT_MS = 250;
/** How long a cancelled source may take to stop before the connection is cut. */
const GRACE_MS = 3_000;
const OLDEST_VERSION = 100_000;

const asText = { getTypeParser: () => (value: unknown) => value } as unknown as pg.CustomTypesConfig;

/**
 * One connection to a source, for one piece of work, inside of one transaction that can only read. Nothing that is sent as
 * a simple query comes from outside.
 */
export class PostgresSession {
  /** What the connection was ended for, when it was not its own end. */
  private reason: EngineError | undefined;
  private readonly interrupted = new AbortController();
  /** Aborts when the work is to stop, for whatever reason. */
  readonly signal = this.interrupted.signal;
  /** Rejects when the connection had to be cut, because whoever waits for an answer then waits for ever. */
  private readonly cut: Promise<never>;
  private onCut: (error: EngineError) => void = () => undefined;
  private repeat: NodeJS.Timeout | undefined;
  private grace: NodeJS.Timeout | undefined;
  serverVersion = '';
  serverVersionNumber = 0;

  private constructor(
    private readonly client: pg.Client,
    private readonly where: { address: string; port: number; tls: ConnectionOptions | false },
  ) {
    client.on('error', () => undefined);
    this.cut = new Promise((_resolve, reject) => {
      this.onCut = reject;
    });
    this.cut.catch(() => undefined);
  }

  /**
   * Connects, signs in, works, and ends the connection. When the signal aborts or time is up, what runs is cancelled at
   * the source, and the connection is cut where that does not help.
   *
   * @throws EngineError `query_cancelled`, `source_*`, and what the work throws
   */
  static async use<T>(options: SessionOptions, work: (session: PostgresSession) => Promise<T>): Promise<T> {
    const { signal, timeoutMs } = options;
    if (signal.aborted) throw cancelled();
    const started = performance.now();
    const session = await PostgresSession.open(options);
    const onAbort = (): void => session.interrupt(cancelled());
    const left = Math.max(1, timeoutMs - (performance.now() - started));
    const deadline = setTimeout(() => session.interrupt(options.onTimeout?.() ?? sourceTimeout(timeoutMs)), left);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await session.begin(Math.ceil(left));
      const working = work(session);
      const result = await Promise.race([working, session.cut]);
      if (session.reason) throw session.reason;
      if (signal.aborted) throw cancelled();
      return result;
    } catch (error) {
      throw session.reason ?? postgresError(error);
    } finally {
      clearTimeout(deadline);
      signal.removeEventListener('abort', onAbort);
      await session.close();
    }
  }

  private static async open(options: SessionOptions): Promise<PostgresSession> {
    const { source, policy, signal, timeoutMs } = options;
    const { connectTimeoutMs, caCertificate } = readOptions(source.options);
    const limit = Math.min(connectTimeoutMs, timeoutMs);
    const ends = performance.now() + limit;
    const addresses = await interruptibly(resolveAllowed(source.host, policy), limit, signal, () => undefined);
    const encrypted = tlsOptions(source, caCertificate);
    const ways = source.sslMode === 'prefer' ? [encrypted, false as const] : [encrypted];
    let failure: unknown;
    for (const address of addresses) {
      for (const tls of ways) {
        const left = ends - performance.now();
        if (left <= 0) throw sourceTimeout(limit);
        try {
          return await PostgresSession.connect(source, { address, port: source.port, tls }, left, signal);
        } catch (error) {
          failure = error;
          const { code } = postgresError(error, true);
          if (code === 'source_tls_failed') continue;
          if (code === 'source_unreachable') break;
          throw error instanceof EngineError ? error : postgresError(error, true);
        }
      }
    }
    throw postgresError(failure, true);
  }

  private static async connect(
    source: SourceAddress,
    where: { address: string; port: number; tls: ConnectionOptions | false },
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<PostgresSession> {
    const { username, password, database } = source;
    const client = new pg.Client({
      host: where.address,
      port: where.port,
      user: username,
      // As a function, an empty password is not replaced by one of the environment or of a file.
      password: () => password,
      database,
      ssl: where.tls,
      application_name: 'lumiere',
      client_encoding: 'UTF8',
    });
    const session = new PostgresSession(client, where);
    const cut = (): void => void wireOf(client).stream.destroy();
    const connection = wireOf(client);
    connection.once('sslconnect', () => checkFraming(connection.stream));
    try {
      const connected = client.connect();
      if (!where.tls) checkFraming(connection.stream);
      await interruptibly(connected, timeoutMs, signal, cut);
      return session;
    } catch (error) {
      cut();
      throw error;
    }
  }

  /** Rows of a statement with its values, every cell as the server spells it. */
  async rows(text: string, values: readonly unknown[] = []): Promise<(string | null)[][]> {
    const query = { text, values: [...values], rowMode: 'array' as const, queryMode: 'extended', types: asText };
    return (await this.client.query<(string | null)[]>(query)).rows;
  }

  /** The columns of a statement, which is not run. */
  describe(text: string): Promise<WireField[]> {
    const statement = new Describe(text);
    submit(this.client, statement);
    return statement.described;
  }

  copyOut(request: CopyOutRequest): Promise<CopiedRows> {
    const statement = new CopyOut(request);
    submit(this.client, statement);
    return statement.copied;
  }

  /** Runs something that may fail, or take longer than it is worth, without ending the transaction. */
  async attempt<T>(timeoutMs: number, work: () => Promise<T>): Promise<T | null> {
    const before = (await this.rows('SHOW statement_timeout'))[0]?.[0] ?? '0';
    await this.client.query(`SAVEPOINT attempt; SET LOCAL statement_timeout = ${Math.max(1, Math.floor(timeoutMs))}`);
    try {
      return await work();
    } catch (error) {
      if (this.reason || postgresError(error).code === 'source_lost') throw error;
      return null;
    } finally {
      if (!this.reason) {
        await this.client.query('ROLLBACK TO SAVEPOINT attempt');
        await this.rows(`SELECT pg_catalog.set_config('statement_timeout', $1, true)`, [before]);
      }
    }
  }

  private async begin(timeoutMs: number): Promise<void> {
    await this.client.query(
      [
        'BEGIN TRANSACTION READ ONLY',
        `SET LOCAL statement_timeout = ${timeoutMs}`,
        `SET LOCAL lock_timeout = ${Math.min(timeoutMs, 5_000)}`,
        `SET LOCAL idle_in_transaction_session_timeout = ${timeoutMs + GRACE_MS}`,
        `SET LOCAL TimeZone = 'UTC'`,
        `SET LOCAL DateStyle = 'ISO, YMD'`,
        `SET LOCAL IntervalStyle = 'postgres'`,
        `SET LOCAL bytea_output = 'hex'`,
        `SET LOCAL lc_monetary = 'C'`,
        `SET LOCAL extra_float_digits = 3`,
        `SET LOCAL standard_conforming_strings = on`,
        `SET LOCAL xmloption = 'content'`,
      ].join('; '),
    );
    const [settings] = await this.rows(
      `SELECT pg_catalog.current_setting('server_version'), pg_catalog.current_setting('server_version_num'),
         pg_catalog.set_config('search_path', 'pg_catalog, '
           || pg_catalog.quote_ident(coalesce(pg_catalog.current_schema(), 'public')) || ', public, pg_temp', true)`,
    );
    this.serverVersion = settings?.[0] ?? '';
    this.serverVersionNumber = Number(settings?.[1] ?? 0);
    if (this.serverVersionNumber < OLDEST_VERSION) {
      throw new EngineError(
        'source_refused',
        `PostgreSQL ${this.serverVersion} is too old: version 10 or newer is needed.`,
      );
    }
  }

  private interrupt(reason: EngineError): void {
    if (this.reason) return;
    this.reason = reason;
    this.interrupted.abort(reason);
    const ask = (): void => void requestCancel({ ...this.where, ...backendKey(this.client) });
    ask();
    this.repeat = setInterval(ask, REPEAT_MS);
    this.grace = setTimeout(() => {
      wireOf(this.client).stream.destroy();
      this.onCut(reason);
    }, GRACE_MS);
  }

  private async close(): Promise<void> {
    clearInterval(this.repeat);
    clearTimeout(this.grace);
    const { stream } = wireOf(this.client);
    const cut = setTimeout(() => void stream.destroy(), 1_000);
    try {
      await this.client.end();
    } catch {
      stream.destroy();
    } finally {
      clearTimeout(cut);
    }
  }
}

/** Waits for something that does not know of signals; `cut` ends it when it is no longer waited for. */
async function interruptibly<T>(work: Promise<T>, timeoutMs: number, signal: AbortSignal, cut: () => void): Promise<T> {
  let stop: (error: EngineError) => void = () => undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = reject;
  });
  const onAbort = (): void => stop(cancelled());
  const timer = setTimeout(() => stop(sourceTimeout(timeoutMs)), timeoutMs);
  signal.addEventListener('abort', onAbort, { once: true });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, stopped]);
  } catch (error) {
    cut();
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
