import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { EngineError } from '../../errors.js';
import { cancelled } from '../duckdb/interruption.js';
import type { AddressPolicy } from '../remote/address-policy.js';
import { headerText, HttpConnection } from '../remote/http-connection.js';
import { Interruption, type WorkLimits } from '../remote/interruption.js';
import type { SourceAddress } from '../remote/source-address.js';
import { notItsProtocol } from '../remote/source-errors.js';
import { type AnswerHead, type AnswerSink, answerSettings, FORMAT, newEndMark, readAnswer } from './answer.js';
import { exceptionError, exceptionIn, SERVER } from './clickhouse-errors.js';

export interface SessionOptions extends WorkLimits {
  source: SourceAddress;
  policy: AddressPolicy;
}

export interface Bounds {
  /** After which the server stops the statement by itself. */
  timeoutMs: number;
  /** Rows beyond this many are not sent. */
  maxRows?: number;
}

type Settings = Readonly<Record<string, string>>;
export type Cell = string | number | boolean | null | Cell[];

const OLDEST = { year: 23, month: 8 };
const MAX_ERROR_BYTES = 256_000;
const MAX_CATALOGUE_BYTES = 200_000_000;
/** How long a stopped statement may take to end. */
const GRACE_MS = 3_000;
const REPEAT_MS = 100;

/** What SQL means: as in the standard, where the server's own defaults silently give other rows. */
const MEANING: Settings = { join_use_nulls: '1', union_default_mode: 'DISTINCT', session_timezone: 'UTC' };
const HTTP: Settings = { send_progress_in_http_headers: '0', cancel_http_readonly_queries_on_client_close: '1' };

/** Statements for one piece of work on a ClickHouse server, over its HTTP interface. None of them can write. */
export class ClickHouseSession {
  serverVersion = '';
  private mode: Settings = {};
  /** Of the user's profile; 0 for none. */
  private profileSeconds = 0;
  /** Statements that the server may still be running. */
  private readonly running = new Set<string>();

  private constructor(
    private readonly connection: HttpConnection,
    private readonly source: SourceAddress,
    readonly signal: AbortSignal,
  ) {}

  /**
   * Connects, signs in, works. When the signal aborts or time is up, what runs is stopped at the source.
   *
   * @throws EngineError `query_cancelled`, `source_*`, and what the work throws
   */
  static async use<T>(options: SessionOptions, work: (session: ClickHouseSession) => Promise<T>): Promise<T> {
    const { source, policy } = options;
    if (options.signal.aborted) throw cancelled();
    const connection = new HttpConnection(source, policy, SERVER);
    const cut = (): void => connection.close();
    // What runs is stopped at the end, once nobody waits for it any more.
    const interruption = new Interruption({ cancel: () => undefined, cut });
    const session = new ClickHouseSession(connection, source, interruption.signal);
    try {
      return await interruption.watch(options, async () => {
        await connection.open(interruption.signal);
        await session.greet();
        return work(session);
      });
    } finally {
      await session.stopRunning();
      connection.close();
    }
  }

  /** Rows of a statement of ours. They are complete: the server sends the first one when it has the last. */
  async rows(sql: string, bounds: Bounds): Promise<Cell[][]> {
    return this.buffered(sql, { ...this.limits(bounds), output_format_json_quote_64bit_integers: '0' });
  }

  /** Rows of a statement that may fail, or take longer than it is worth: null then. */
  async attempt(sql: string, bounds: Bounds): Promise<Cell[][] | null> {
    try {
      return await this.rows(sql, bounds);
    } catch (error) {
      if (this.signal.aborted || !(error instanceof EngineError) || error.code === 'source_lost') throw error;
      return null;
    }
  }

  /** Runs a statement and hands on its rows as they come. */
  async stream<S extends AnswerSink>(sql: string, bounds: Bounds, onHead: (head: AnswerHead) => S): Promise<S> {
    const endMark = newEndMark();
    const settings = { ...this.limits(bounds), ...answerSettings(endMark) };
    // The line end before FORMAT ends a comment that the statement may end with.
    return this.statement(`${sql}\n${FORMAT}`, settings, (answer) =>
      readAnswer(this.connection.pieces(answer), endMark, onHead),
    );
  }

  private async greet(): Promise<void> {
    const [row] = await this.buffered(
      `SELECT version(), toInt32(getSetting('readonly')), toFloat64(getSetting('max_execution_time'))`,
      {},
      this.connection.connectTimeoutMs,
    );
    const [version, readonly, seconds] = row ?? [];
    this.serverVersion = String(version);
    const [year = 0, month = 0] = this.serverVersion.split('.').map(Number);
    if (year < OLDEST.year || (year === OLDEST.year && month < OLDEST.month)) {
      throw new EngineError(
        'source_refused',
        `ClickHouse ${this.serverVersion} is too old: version ${OLDEST.year}.${OLDEST.month} or newer is needed.`,
      );
    }
    if (readonly === 1) {
      throw new EngineError(
        'source_refused',
        'The profile of this user has readonly = 1, with which no query can be bounded. Give it readonly = 2, and rights to read only.',
      );
    }
    // With 2, which cannot be changed, a statement could change settings itself: the guard does not let it.
    this.mode = readonly === 0 ? { readonly: '1' } : {};
    this.profileSeconds = Number(seconds);
  }

  private limits({ timeoutMs, maxRows }: Bounds): Settings {
    const ours = Math.max(0.1, timeoutMs / 1000);
    const seconds = this.profileSeconds > 0 ? Math.min(ours, this.profileSeconds) : ours;
    return {
      ...this.mode,
      ...HTTP,
      ...MEANING,
      max_execution_time: seconds.toFixed(3),
      timeout_overflow_mode: 'throw',
      // One more tells that there are more.
      ...(maxRows === undefined ? {} : { limit: String(maxRows + 1) }),
    };
  }

  private async buffered(sql: string, settings: Settings, silenceMs?: number): Promise<Cell[][]> {
    const whole = { ...settings, wait_end_of_query: '1' };
    const take = (answer: IncomingMessage): Promise<Buffer> => this.connection.read(answer, MAX_CATALOGUE_BYTES);
    const body = await this.statement(`${sql}\nFORMAT JSONCompactEachRow`, whole, take, silenceMs);
    const text = body.toString('utf8');
    try {
      return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Cell[]]));
    } catch (error) {
      throw notItsProtocol(error);
    }
  }

  private async statement<T>(
    sql: string,
    settings: Settings,
    take: (answer: IncomingMessage) => Promise<T>,
    silenceMs?: number,
  ): Promise<T> {
    const id = `lumiere-${randomUUID()}`;
    // What the connection begins with takes no time worth stopping.
    if (this.serverVersion !== '') this.running.add(id);
    const answer = await this.send(sql, { ...settings, query_id: id }, this.signal, silenceMs);
    const { statusCode, headers } = answer;
    if (statusCode !== 200) {
      this.running.delete(id);
      throw await this.failure(answer);
    }
    if (headers['x-clickhouse-query-id'] !== id) {
      answer.destroy();
      throw notClickHouse();
    }
    const taken = await take(answer);
    this.running.delete(id);
    return taken;
  }

  private send(sql: string, query: Settings, signal: AbortSignal, silenceMs?: number): Promise<IncomingMessage> {
    const { username, password, database } = this.source;
    return this.connection.request(
      {
        method: 'POST',
        path: `/?${new URLSearchParams(query).toString()}`,
        headers: {
          'x-clickhouse-user': headerText(username),
          'x-clickhouse-key': headerText(password),
          'x-clickhouse-database': headerText(database),
          'content-type': 'text/plain; charset=UTF-8',
        },
        body: sql,
        ...(silenceMs === undefined ? {} : { silenceMs }),
      },
      signal,
    );
  }

  /** What an answer other than 200 says. */
  private async failure(answer: IncomingMessage): Promise<EngineError> {
    const { statusCode = 0, headers } = answer;
    const text = (await this.connection.read(answer, MAX_ERROR_BYTES)).toString('utf8');
    const exception = exceptionIn(text);
    const code = Number(headers['x-clickhouse-exception-code'] ?? exception?.code);
    if (code > 0) return exceptionError({ code, message: exception?.message ?? '' }, true);
    if (statusCode === 401 || statusCode === 403) return exceptionError({ code: 516, message: '' });
    return notClickHouse();
  }

  /** Stops what was not read to its end. Never throws: the end of the connection stops it too, only not as surely. */
  private async stopRunning(): Promise<void> {
    const ends = Date.now() + GRACE_MS;
    for (const id of this.running) {
      const signal = AbortSignal.timeout(Math.max(1, ends - Date.now()));
      const sql = `KILL QUERY WHERE query_id = '${id}' ASYNC FORMAT JSONCompactEachRow`;
      try {
        for (let found = true; found && !signal.aborted;) {
          const answer = await this.send(sql, { wait_end_of_query: '1' }, signal);
          found = answer.statusCode === 200 && (await this.connection.read(answer, MAX_ERROR_BYTES)).length > 0;
          if (found) await new Promise((resolve) => setTimeout(resolve, REPEAT_MS));
        }
      } catch {
        return;
      }
    }
  }
}

function notClickHouse(): EngineError {
  return new EngineError(
    'source_unreachable',
    `Something answers there that is not ${SERVER}. Check host and port: the HTTP interface is needed (8123, or 8443 with TLS).`,
  );
}
