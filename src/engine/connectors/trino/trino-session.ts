import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { EngineError } from '../../errors.js';
import { cancelled } from '../duckdb/interruption.js';
import type { AddressPolicy } from '../remote/address-policy.js';
import { headerText, HttpConnection } from '../remote/http-connection.js';
import { Interruption, type WorkLimits } from '../remote/interruption.js';
import { MAX_ROW_BYTES } from '../remote/row-limit.js';
import type { SourceAddress } from '../remote/source-address.js';
import { notItsProtocol } from '../remote/source-errors.js';
import { readPage, type TrinoPage } from './page.js';
import { failureError, notTrino, SERVER, signInRefused } from './trino-errors.js';

export interface SessionOptions extends WorkLimits {
  source: SourceAddress;
  policy: AddressPolicy;
}

export type Cell = string | number | boolean | null | Cell[] | { [name: string]: Cell };

/** A page holds a megabyte of rows, or one row that is larger. */
const MAX_PAGE_BYTES = 2 * MAX_ROW_BYTES;
const MAX_INFO_BYTES = 64_000;
/** The coordinator answers within a second, with or without rows. */
const SILENCE_MS = 30_000;
/** How long a coordinator may say that it is not available. */
const UNAVAILABLE_MS = 10_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
/** Between pages without rows, for a coordinator that does not wait by itself. */
const POLL_MS = 10;
/** How long stopping a statement, and ending the transaction, may take. */
const GRACE_MS = 3_000;
/** How long the first answer to a statement is waited for that is not wanted any more; less than until the connection is cut. */
const ANSWER_MS = 2_000;
const NOT_NOW = new Set([429, 502, 503, 504]);
const NO_TRANSACTION = 'NONE';

/**
 * Statements for one piece of work on a Trino cluster, over the protocol of its clients ("Trino client REST API"), inside
 * of one transaction that can only read.
 */
export class TrinoSession {
  serverVersion = '';
  private transaction = NO_TRANSACTION;
  /** From when on statements must have ended, so that the server ends them if nobody is left here. */
  private readonly ends: number;

  private constructor(
    private readonly connection: HttpConnection,
    private readonly source: SourceAddress,
    readonly signal: AbortSignal,
    timeoutMs: number,
  ) {
    this.ends = performance.now() + timeoutMs;
  }

  /**
   * Connects, signs in, works, and ends the transaction. When the signal aborts or time is up, what runs is cancelled at the
   * source.
   *
   * @throws EngineError `query_cancelled`, `source_*`, and what the work throws
   */
  static async use<T>(options: SessionOptions, work: (session: TrinoSession) => Promise<T>): Promise<T> {
    const { source, policy, timeoutMs } = options;
    if (options.signal.aborted) throw cancelled();
    const connection = new HttpConnection(source, policy, SERVER);
    const cut = (): void => connection.close();
    // A statement is cancelled where its pages are read.
    const interruption = new Interruption({ cancel: () => undefined, cut });
    const session = new TrinoSession(connection, source, interruption.signal, timeoutMs);
    try {
      return await interruption.watch(options, async () => {
        await connection.open(interruption.signal);
        await session.greet();
        await session.begin();
        return work(session);
      });
    } finally {
      await session.end();
      connection.close();
    }
  }

  /** Rows of a statement of ours. */
  async rows(sql: string): Promise<Cell[][]> {
    const rows: Cell[][] = [];
    for await (const page of this.pages(sql)) rows.push(...parsedRows(page));
    return rows;
  }

  /** Rows of a statement that may fail, or take longer than it is worth: null then. */
  async attempt(sql: string, timeoutMs: number): Promise<Cell[][] | null> {
    const rows: Cell[][] = [];
    const ends = performance.now() + timeoutMs;
    try {
      for await (const page of this.pages(sql)) {
        rows.push(...parsedRows(page));
        if (page.nextUri !== undefined && performance.now() > ends) return null;
      }
      return rows;
    } catch (error) {
      if (this.signal.aborted || !(error instanceof EngineError) || error.code === 'source_lost') throw error;
      await this.restart();
      return null;
    }
  }

  /**
   * Runs a statement and gives its answer page by page, each when it is asked for. Who stops asking cancels the statement.
   *
   * @throws EngineError what the server says went wrong; `source_*`
   */
  async *pages(sql: string): AsyncGenerator<TrinoPage> {
    let next: string | undefined;
    try {
      let page = await this.submit(sql);
      for (;;) {
        next = page.nextUri === undefined ? undefined : this.pathOf(page.nextUri);
        this.signal.throwIfAborted();
        if (page.error) {
          next = undefined;
          throw failureError(page.error);
        }
        yield page;
        if (next === undefined) return;
        if (!page.rows) await pause(POLL_MS);
        page = await this.page({ method: 'GET', path: next }, this.signal);
      }
    } finally {
      if (next !== undefined) await this.lastly({ method: 'DELETE', path: next });
    }
  }

  /** A statement can only be cancelled by what its first answer says, so that is waited for a little, even when it is to stop. */
  private async submit(sql: string): Promise<TrinoPage> {
    this.signal.throwIfAborted();
    const late = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      timer = setTimeout(() => late.abort(this.signal.reason), ANSWER_MS);
    };
    this.signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.page({ method: 'POST', path: '/v1/statement', body: sql }, late.signal);
    } finally {
      this.signal.removeEventListener('abort', onAbort);
      clearTimeout(timer);
    }
  }

  private async greet(): Promise<void> {
    const { connectTimeoutMs } = this.connection;
    const request = { method: 'GET', path: '/v1/info', headers: {}, silenceMs: connectTimeoutMs } as const;
    const answer = await this.connection.request(request, this.signal);
    const body = await this.connection.read(answer, MAX_INFO_BYTES);
    const version = answer.statusCode === 200 ? versionIn(body) : undefined;
    if (version === undefined) throw notTrino();
    this.serverVersion = version;
    if (this.source.password !== '' && !this.connection.isEncrypted) {
      throw new EngineError(
        'source_tls_failed',
        'Trino takes passwords over TLS only. Choose the port for HTTPS and an SSL mode that encrypts, or leave the password empty.',
      );
    }
  }

  private async begin(): Promise<void> {
    await this.rows('START TRANSACTION READ ONLY');
    if (this.transaction === NO_TRANSACTION) throw notItsProtocol();
  }

  /** A statement that fails ends the transaction. */
  private async restart(): Promise<void> {
    await this.end();
    await this.begin();
  }

  private async end(): Promise<void> {
    if (this.transaction === NO_TRANSACTION) return;
    await this.lastly({ method: 'POST', path: '/v1/statement', body: 'ROLLBACK' });
    this.transaction = NO_TRANSACTION;
  }

  private async page(
    request: { method: 'GET' | 'POST'; path: string; body?: string },
    signal: AbortSignal,
  ): Promise<TrinoPage> {
    const started = performance.now();
    for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(2 * wait, LONGEST_PAUSE_MS)) {
      const answer = await this.send(request, signal);
      const { statusCode = 0, headers } = answer;
      if (statusCode === 200) {
        this.keepTransaction(headers);
        return readPage(await this.connection.read(answer, MAX_PAGE_BYTES));
      }
      answer.destroy();
      if (statusCode === 401 || statusCode === 403) throw signInRefused();
      if (!NOT_NOW.has(statusCode)) throw statusCode >= 500 ? notItsProtocol() : lostStatement(request.method);
      if (performance.now() - started > UNAVAILABLE_MS) {
        throw new EngineError('source_unreachable', 'The source is not available now. Try again later.');
      }
      await pause(wait);
      this.signal.throwIfAborted();
    }
  }

  /**
   * Sends what cleans up, whose answer changes nothing, and follows it to its end. Never throws: what is left at the server
   * ends by itself, a statement and a transaction that nobody asks for within minutes.
   */
  private async lastly(request: { method: 'DELETE' | 'POST'; path: string; body?: string }): Promise<void> {
    const signal = AbortSignal.timeout(GRACE_MS);
    try {
      let answer = await this.send(request, signal);
      while (answer.statusCode === 200) {
        const { nextUri } = readPage(await this.connection.read(answer, MAX_PAGE_BYTES));
        if (nextUri === undefined) return;
        answer = await this.send({ method: 'GET', path: this.pathOf(nextUri) }, signal);
      }
      answer.destroy();
    } catch {
      return;
    }
  }

  private send(
    request: { method: 'GET' | 'POST' | 'DELETE'; path: string; body?: string },
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    return this.connection.request({ ...request, headers: this.headers(), silenceMs: SILENCE_MS }, signal);
  }

  private headers(): OutgoingHttpHeaders {
    const { username, password, database } = this.source;
    const { catalog, schema } = catalogAndSchema(database);
    const seconds = Math.max(1, Math.ceil((this.ends - performance.now()) / 1000) + 5);
    return {
      'x-trino-user': headerText(username),
      'x-trino-source': 'lumiere',
      'x-trino-catalog': headerText(catalog),
      ...(schema === undefined ? {} : { 'x-trino-schema': headerText(schema) }),
      'x-trino-time-zone': 'UTC',
      // Without it, times come with three digits behind the point only.
      'x-trino-client-capabilities': 'PARAMETRIC_DATETIME',
      'x-trino-session': `query_max_run_time=${seconds}s`,
      'x-trino-transaction-id': this.transaction,
      'content-type': 'text/plain; charset=UTF-8',
      ...(password === ''
        ? {}
        : { authorization: `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}` }),
    };
  }

  private keepTransaction(headers: IncomingHttpHeaders): void {
    const started = headers['x-trino-started-transaction-id'];
    if (typeof started === 'string') this.transaction = started;
    if (headers['x-trino-clear-transaction-id'] === 'true') this.transaction = NO_TRANSACTION;
  }

  /** The path of a page that the server points to, which must be at the server itself. */
  private pathOf(uri: string): string {
    const url = URL.canParse(uri) ? new URL(uri) : undefined;
    const ours = new URL(this.connection.origin);
    if (url?.origin === ours.origin && url.username === '' && url.pathname.startsWith('/v1/statement/')) {
      return url.pathname + url.search;
    }
    throw new EngineError(
      'source_address_not_allowed',
      'The source sends us to another address, which is not followed. Give the address under which the coordinator knows itself.',
    );
  }
}

/** `catalog`, or `catalog.schema`. */
export function catalogAndSchema(database: string): { catalog: string; schema?: string } {
  const [catalog = '', ...schema] = database.split('.');
  return schema.length === 0 ? { catalog } : { catalog, schema: schema.join('.') };
}

function parsedRows({ rows }: TrinoPage): Cell[][] {
  return rows ? (JSON.parse(`[${rows.toString('utf8')}]`) as Cell[][]) : [];
}

function versionIn(body: Buffer): string | undefined {
  try {
    const info = JSON.parse(body.toString('utf8')) as { nodeVersion?: { version?: unknown } } | null;
    const version = info?.nodeVersion?.version;
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}

function lostStatement(method: string): EngineError {
  return method === 'POST'
    ? notTrino()
    : new EngineError('source_lost', 'The source does not know of the query any more. Try again.');
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
