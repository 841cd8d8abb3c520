import pg from 'pg';
import { EngineError } from '../../errors.js';
import { cancelled } from '../duckdb/interruption.js';
import type { AddressPolicy } from '../remote/address-policy.js';
import { GRACE_MS, Interruption, interruptibly, sourceTimeout } from '../remote/interruption.js';
import { openConnection, type Route } from '../remote/open-connection.js';
import type { SourceAddress } from '../remote/source-address.js';
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

const OLDEST_VERSION = 100_000;

const asText = { getTypeParser: () => (value: unknown) => value } as unknown as pg.CustomTypesConfig;

/**
 * One connection to a source, for one piece of work, inside of one transaction that can only read. Nothing that is sent as
 * a simple query comes from outside.
 */
export class PostgresSession {
  private readonly interruption: Interruption;
  serverVersion = '';
  serverVersionNumber = 0;

  private constructor(
    private readonly client: pg.Client,
    private readonly route: Route,
  ) {
    client.on('error', () => undefined);
    this.interruption = new Interruption({
      cancel: () => void requestCancel({ ...this.route, ...backendKey(this.client) }),
      cut: () => void wireOf(this.client).stream.destroy(),
    });
  }

  /** Aborts when the work is to stop, for whatever reason. */
  get signal(): AbortSignal {
    return this.interruption.signal;
  }

  /**
   * Connects, signs in, works, and ends the connection. When the signal aborts or time is up, what runs is cancelled at
   * the source, and the connection is cut where that does not help.
   *
   * @throws EngineError `query_cancelled`, `source_*`, and what the work throws
   */
  static async use<T>(options: SessionOptions, work: (session: PostgresSession) => Promise<T>): Promise<T> {
    const { source, signal, timeoutMs, onTimeout = () => sourceTimeout(timeoutMs) } = options;
    if (signal.aborted) throw cancelled();
    const started = performance.now();
    const session = await openConnection({
      ...options,
      connect: (route, left) => PostgresSession.connect(source, route, left, signal),
      explain: (error) => postgresError(error, true),
    });
    const left = Math.max(1, timeoutMs - (performance.now() - started));
    try {
      return await session.interruption.watch({ timeoutMs: left, onTimeout, signal }, async () => {
        await session.begin(Math.ceil(left));
        return work(session);
      });
    } catch (error) {
      throw postgresError(error);
    } finally {
      await session.close();
    }
  }

  private static async connect(
    source: SourceAddress,
    route: Route,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<PostgresSession> {
    const { username, password, database } = source;
    const client = new pg.Client({
      host: route.address,
      port: route.port,
      user: username,
      // As a function, an empty password is not replaced by one of the environment or of a file.
      password: () => password,
      database,
      ssl: route.tls,
      application_name: 'lumiere',
      client_encoding: 'UTF8',
    });
    const session = new PostgresSession(client, route);
    const cut = (): void => void wireOf(client).stream.destroy();
    const connection = wireOf(client);
    connection.once('sslconnect', () => checkFraming(connection.stream));
    try {
      const connected = client.connect();
      if (!route.tls) checkFraming(connection.stream);
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
      if (this.interruption.reason || postgresError(error).code === 'source_lost') throw error;
      return null;
    } finally {
      if (!this.interruption.reason) {
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

  private async close(): Promise<void> {
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
