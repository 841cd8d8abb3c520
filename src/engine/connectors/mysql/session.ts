import type { Connection, QueryError, RowDataPacket } from 'mysql2';
import { EngineError } from '../../errors.js';
import { cancelled } from '../duckdb/interruption.js';
import type { AddressPolicy } from '../remote/address-policy.js';
import { GRACE_MS, Interruption, sourceTimeout } from '../remote/interruption.js';
import { openConnection, type Route } from '../remote/open-connection.js';
import type { SourceAddress } from '../remote/source-address.js';
import { connectByRoute } from './connect.js';
import { KillRequests } from './kill-requests.js';
import { mysqlError } from './mysql-errors.js';
import { readVersion, type ServerVersion } from './server-version.js';
import { type FetchedRows, type RowSink, Statement, type StatementRequest } from './statement.js';
import { wireOf } from './wire.js';

export interface SessionOptions {
  source: SourceAddress;
  policy: AddressPolicy;
  /** Until when everything has to be done, in milliseconds from now. */
  timeoutMs: number;
  /** What a session is told apart by that takes too long; without it, a source that is slow to answer is to blame. */
  onTimeout?: () => EngineError;
  signal: AbortSignal;
}

/** How long a statement waits for somebody who changes a table. */
const LOCK_SECONDS = 5;
/** What GROUP_CONCAT gives at most; some servers would cut it at 1,024 bytes, and only warn. */
const MOST_GROUPED_BYTES = 1_048_576;

/**
 * One connection to a source, for one piece of work, inside of one transaction that can only read.
 */
export class MySqlSession {
  private readonly interruption: Interruption;
  private readonly kills: KillRequests;
  version: ServerVersion = readVersion('');
  /** The database that is connected to, as the server spells its name. */
  database = '';

  private constructor(
    private readonly connection: Connection,
    source: SourceAddress,
    route: Route,
  ) {
    this.kills = new KillRequests(source, route, connection.threadId);
    this.interruption = new Interruption({
      cancel: () => void this.kills.send(),
      cut: () => void wireOf(connection).stream.destroy(),
    });
  }

  /** Aborts when the work is to stop, for whatever reason. */
  get signal(): AbortSignal {
    return this.interruption.signal;
  }

  /**
   * Connects, signs in, works, and ends the connection. When the signal aborts or time is up, what runs is killed at the
   * source, and the connection is cut where that does not help.
   *
   * @throws EngineError `query_cancelled`, `source_*`, and what the work throws
   */
  static async use<T>(options: SessionOptions, work: (session: MySqlSession) => Promise<T>): Promise<T> {
    const { source, signal, timeoutMs, onTimeout = () => sourceTimeout(timeoutMs) } = options;
    if (signal.aborted) throw cancelled();
    const started = performance.now();
    const session = await openConnection({
      ...options,
      connect: async (route, left) =>
        new MySqlSession(await connectByRoute(source, route, left, signal), source, route),
      explain: (error) => mysqlError(error, true),
    });
    const left = Math.max(1, timeoutMs - (performance.now() - started));
    try {
      return await session.interruption.watch({ timeoutMs: left, onTimeout, signal }, async () => {
        await session.begin(Math.ceil(left));
        return work(session);
      });
    } catch (error) {
      throw mysqlError(error);
    } finally {
      await session.close();
    }
  }

  /** Rows of a statement, every cell as text. Values stand for `?` and `??` (names) in it. */
  rows(sql: string, values: readonly unknown[] = []): Promise<(string | null)[][]> {
    return new Promise((resolve, reject) => {
      const asText = { rowsAsArray: true, typeCast: (field: { string(): string | null }) => field.string() };
      this.connection.query<RowDataPacket[][]>(
        { sql, values: [...values], ...asText },
        (error: QueryError | null, rows: unknown) => {
          if (error) reject(error);
          else resolve(rows as (string | null)[][]);
        },
      );
    });
  }

  /** Runs one statement that somebody has written, and hands on its rows. */
  async fetch<Sink extends RowSink>(request: StatementRequest<Sink>): Promise<FetchedRows<Sink>> {
    await this.rows(`SET SESSION sql_select_limit = ${request.maxRows + 1}`);
    const statement = new Statement(request);
    wireOf(this.connection).addCommand(statement);
    return statement.fetched;
  }

  /** Runs something that may fail, or take longer than it is worth. */
  async attempt<T>(timeoutMs: number, work: () => Promise<T>): Promise<T | null> {
    const [variable] = this.version.limit(0);
    const [[before = '0'] = []] = await this.rows(`SELECT @@SESSION.${variable}`);
    const [, value] = this.version.limit(Math.max(1, Math.floor(timeoutMs)));
    await this.rows(`SET SESSION ${variable} = ${value}`);
    try {
      return await work();
    } catch (error) {
      if (this.interruption.reason || mysqlError(error).code === 'source_lost') throw error;
      return null;
    } finally {
      if (!this.interruption.reason) await this.rows(`SET SESSION ${variable} = ${before ?? '0'}`);
    }
  }

  private async begin(timeoutMs: number): Promise<void> {
    const [[version, id, database] = []] = await this.rows('SELECT VERSION(), CONNECTION_ID(), DATABASE()');
    this.version = readVersion(version ?? '');
    this.kills.threadId = id ?? '';
    this.database = database ?? '';
    const { name, isTooOld } = this.version;
    if (isTooOld) {
      throw new EngineError('source_refused', `${name} is too old: MySQL 5.7.8 or MariaDB 10.2 is needed at least.`);
    }
    const [limit, value] = this.version.limit(timeoutMs);
    const seconds = Math.ceil((timeoutMs + GRACE_MS) / 1_000);
    const settings = {
      sql_mode: `'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION'`,
      time_zone: `'+00:00'`,
      sql_auto_is_null: 0,
      default_week_format: 0,
      group_concat_max_len: MOST_GROUPED_BYTES,
      lock_wait_timeout: LOCK_SECONDS,
      net_read_timeout: seconds,
      net_write_timeout: seconds,
      wait_timeout: seconds,
      [limit]: value,
    };
    await this.rows('SET NAMES utf8mb4');
    await this.rows(
      `SET SESSION ${Object.entries(settings)
        .map(([key, setting]) => `${key} = ${setting}`)
        .join(', ')}`,
    );
    // What changes tables ends a transaction of its own accord; with the first of these, it can only read after that too.
    await this.rows('SET SESSION TRANSACTION READ ONLY');
    await this.rows('START TRANSACTION READ ONLY');
  }

  private async close(): Promise<void> {
    this.kills.close();
    const { stream } = wireOf(this.connection);
    if (stream.destroyed) return;
    const cut = setTimeout(() => void stream.destroy(), 1_000);
    const closed = new Promise((resolve) => stream.once('close', resolve));
    this.connection.end(() => void stream.destroy());
    await closed;
    clearTimeout(cut);
  }
}
