/**
 * A Trino coordinator as its clients see it ("Trino client REST API"): pages with nextUri, states, transactions, headers of
 * the session, DELETE, and times of being busy. Its statements are run by DuckDB; the answers to expressions that only
 * Trino has were recorded from version 435.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DuckDBValue } from '@duckdb/node-api';
import { type BehindColumn, DuckDbBehind } from './duckdb-behind.js';

/** What Trino has answered to an expression: its type, and the value as it stands in a page. */
export interface RecordedAnswer {
  type: string;
  json: string;
}

export interface TrinoDoubleOptions {
  /** Statements of DuckDB that make the tables. */
  setup: readonly string[];
  /** By expression, for statements `SELECT expression AS cell`. */
  recorded?: Readonly<Record<string, RecordedAnswer>>;
  /** How many requests are first answered with 503. */
  busy?: number;
  /** Whether the catalog knows how many rows its tables have; it does unless said otherwise. */
  keepsStatistics?: boolean;
}

interface Page {
  columns?: { name: string; type: string }[];
  rows?: string[];
}

class Failure extends Error {
  constructor(
    readonly errorName: string,
    readonly errorType: string,
    message: string,
  ) {
    super(message);
  }
}

const READS = /^\s*(?:SELECT|WITH|EXPLAIN|SHOW STATS|\(|VALUES)\b/i;

/** One query: its pages are made as they are asked for. */
class DoubledQuery {
  readonly id = `query_${randomBytes(6).toString('hex')}`;
  readonly abort = new AbortController();
  private readonly pages: Page[] = [];
  private over = false;
  private failure: unknown;
  private wake: () => void = () => undefined;
  private taken: () => void = () => undefined;
  readonly headers: Record<string, string> = {};

  /** @param work gives pages, each of which waits until it is taken */
  constructor(work: (query: DoubledQuery) => Promise<void>) {
    void work(this)
      .catch((error: unknown) => {
        this.failure = error;
      })
      .finally(() => {
        this.over = true;
        this.wake();
      });
  }

  get isRunning(): boolean {
    return !this.over && !this.abort.signal.aborted;
  }

  async give(page: Page): Promise<void> {
    this.abort.signal.throwIfAborted();
    this.pages.push(page);
    this.wake();
    if (this.pages.length < 2) return;
    await new Promise<void>((resolve) => {
      this.taken = resolve;
      this.abort.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** The next page, an empty one when there is none within a moment, or undefined after the last. */
  async next(): Promise<Page | undefined> {
    if (this.pages.length === 0 && !this.over) {
      const woken = new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      await Promise.race([woken, sleep(200)]);
    }
    const page = this.pages.shift();
    this.taken();
    if (page) return page;
    if (!this.over) return {};
    if (this.failure !== undefined) throw this.failure;
    return undefined;
  }
}

export class TrinoDouble {
  private readonly queries = new Map<string, DoubledQuery>();
  private readonly transactions = new Set<string>();
  /** Heads of all requests, for who looks for secrets in them. */
  readonly seen: { url: string; headers: IncomingMessage['headers'] }[] = [];
  /** What it was asked to run. */
  readonly statements: string[] = [];
  private busy: number;

  private readonly server: Server;

  private constructor(
    private readonly behind: DuckDbBehind,
    private readonly options: TrinoDoubleOptions,
  ) {
    this.busy = options.busy ?? 0;
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  static async start(options: TrinoDoubleOptions): Promise<TrinoDouble> {
    const double = new TrinoDouble(await DuckDbBehind.open(options.setup), options);
    double.server.listen(0, '127.0.0.1');
    await once(double.server, 'listening');
    return double;
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  get running(): number {
    return [...this.queries.values()].filter(({ isRunning }) => isRunning).length;
  }

  get openTransactions(): number {
    return this.transactions.size;
  }

  /** Hangs up on everybody, and answers nobody until the next turn of whoever asks. */
  endSessions(): void {
    for (const query of this.queries.values()) query.abort.abort();
    this.queries.clear();
    this.server.closeAllConnections();
  }

  async stop(): Promise<void> {
    for (const query of this.queries.values()) query.abort.abort();
    this.server.closeAllConnections();
    this.server.close();
    while (this.running > 0) await sleep(10);
    await sleep(50);
    this.behind.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '/', headers } = request;
    this.seen.push({ url, headers });
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const json = (body: object, more: Record<string, string> = {}): void => {
      response.writeHead(200, { 'content-type': 'application/json', ...more });
      response.end(JSON.stringify(body));
    };
    if (url === '/v1/info') {
      return json({ nodeVersion: { version: '435' }, environment: 'double', coordinator: true, starting: false });
    }
    if (this.busy > 0) {
      this.busy -= 1;
      return void response.writeHead(503).end();
    }
    if (url === '/v1/statement' && method === 'POST') {
      const query = this.begin(Buffer.concat(parts).toString('utf8'), headers);
      return json(this.body(query.id, request, 'queued', 1));
    }
    const [, stage = '', id = '', token = '0'] =
      /^\/v1\/statement\/(queued|executing)\/(\w+)\/y\/(\d+)$/.exec(url) ?? [];
    const query = this.queries.get(id);
    if (!query) return void response.writeHead(404).end();
    if (method === 'DELETE') {
      query.abort.abort();
      return void response.writeHead(204).end();
    }
    if (stage === 'queued') return json(this.body(id, request, 'executing', 0));
    try {
      const page = await query.next();
      if (!page) this.queries.delete(id);
      const { rows, columns } = page ?? {};
      const body = JSON.stringify({ ...this.body(id, request, page ? 'executing' : null, Number(token) + 1), columns });
      // The rows stand among the rest of the page, in the order of the server.
      const data = rows ? body.replace(/,"stats"/, () => `,"data":[${rows.join(',')}],"stats"`) : body;
      response.writeHead(200, { 'content-type': 'application/json', ...(page ? {} : query.headers) });
      response.end(data);
    } catch (error) {
      this.queries.delete(id);
      json({ ...this.body(id, request, null, 0), error: failureOf(query.abort.signal.aborted ? canceled() : error) });
    }
  }

  private body(id: string, { headers }: IncomingMessage, next: 'queued' | 'executing' | null, token: number): object {
    const origin = `http://${headers.host}`;
    return {
      id,
      infoUri: `${origin}/ui/query.html?${id}`,
      ...(next === null ? {} : { nextUri: `${origin}/v1/statement/${next}/${id}/y/${token}` }),
      stats: { state: next === null ? 'FINISHED' : next === 'queued' ? 'QUEUED' : 'RUNNING', nodes: 1 },
    };
  }

  private begin(sql: string, headers: IncomingMessage['headers']): DoubledQuery {
    const query = new DoubledQuery((self) => this.run(sql, headers, self));
    this.queries.set(query.id, query);
    return query;
  }

  private async run(sql: string, headers: IncomingMessage['headers'], query: DoubledQuery): Promise<void> {
    this.statements.push(sql);
    // The client asks for the query before it runs.
    await sleep(1);
    const transaction = String(headers['x-trino-transaction-id'] ?? '');
    if (sql === 'START TRANSACTION READ ONLY') {
      const id = randomBytes(8).toString('hex');
      this.transactions.add(id);
      query.headers['x-trino-started-transaction-id'] = id;
      return query.give({ columns: [{ name: 'result', type: 'boolean' }], rows: ['[true]'] });
    }
    if (!this.transactions.has(transaction)) {
      throw new Failure('UNKNOWN_TRANSACTION', 'USER_ERROR', `Unknown transaction ID: ${transaction}`);
    }
    if (sql === 'ROLLBACK') {
      this.transactions.delete(transaction);
      query.headers['x-trino-clear-transaction-id'] = 'true';
      return;
    }
    if (/;\s*\S/.test(sql))
      throw new Failure('SYNTAX_ERROR', 'USER_ERROR', `line 1:9: mismatched input ';'. Expecting: ','`);
    if (!READS.test(sql)) {
      throw new Failure('READ_ONLY_VIOLATION', 'USER_ERROR', 'Cannot execute write in a read-only transaction');
    }
    if (headers['x-trino-catalog'] !== 'lake') {
      throw new Failure(
        'CATALOG_NOT_FOUND',
        'USER_ERROR',
        `line 1:1: Catalog '${String(headers['x-trino-catalog'])}' does not exist`,
      );
    }
    if (sql.includes('system.jdbc'))
      throw new Failure('PERMISSION_DENIED', 'USER_ERROR', 'Access Denied: Cannot select from system.jdbc');
    await this.select(sql, headers, query);
  }

  private async select(sql: string, headers: IncomingMessage['headers'], query: DoubledQuery): Promise<void> {
    const cell = /^SELECT ([\s\S]*) AS cell$/.exec(sql)?.[1];
    const known = cell === undefined ? undefined : this.options.recorded?.[cell];
    if (known) {
      const digits = /^(?:array\()?time(?:stamp)?\((\d+)\)/.exec(known.type)?.[1] ?? '3';
      const isSpelled = digits === '3' || headers['x-trino-client-capabilities']?.includes('PARAMETRIC_DATETIME');
      if (!isSpelled) throw new Error('The double has recorded times for clients only that know of their digits.');
      return query.give({ columns: [{ name: 'cell', type: known.type }], rows: [`[${known.json}]`] });
    }
    let first: Page = {};
    await this.behind.run(
      toDuckDb(sql, this.options.keepsStatistics ?? true),
      query.abort.signal,
      (columns) => {
        // The columns stand on the first page.
        first = { columns: columns.map((column) => ({ name: column.name, type: typeName(column) })) };
      },
      async (rows) => {
        const page = { ...first, rows: rows.map((row) => `[${row.map(spelled).join(',')}]`) };
        first = {};
        await query.give(page);
      },
    );
    await query.give(first);
  }
}

function canceled(): Failure {
  return new Failure('USER_CANCELED', 'USER_ERROR', 'Query was canceled');
}

function failureOf(error: unknown): object {
  const text = error instanceof Error ? error.message : String(error);
  const told = error instanceof Failure ? error : fromDuckDb(text);
  return { message: told.message, errorCode: 1, errorName: told.errorName, errorType: told.errorType };
}

function fromDuckDb(text: string): Failure {
  const missing = /"?([\w.]+)"? (?:does not exist|not found)/i.exec(text)?.[1];
  if (/Catalog Error: Table/.test(text)) {
    return new Failure('TABLE_NOT_FOUND', 'USER_ERROR', `line 1:15: Table 'lake.default.${missing}' does not exist`);
  }
  if (/Binder Error: Referenced column/.test(text)) {
    return new Failure('COLUMN_NOT_FOUND', 'USER_ERROR', `line 1:8: Column '${missing}' cannot be resolved`);
  }
  if (/Parser Error/.test(text)) return new Failure('SYNTAX_ERROR', 'USER_ERROR', `line 1:1: mismatched input`);
  return new Failure('GENERIC_USER_ERROR', 'USER_ERROR', `failed on 'a secret of a row'`);
}

function toDuckDb(sql: string, keepsStatistics: boolean): string {
  const estimated = /^EXPLAIN \(TYPE IO, FORMAT JSON\) ([\s\S]*)$/.exec(sql)?.[1];
  if (estimated !== undefined) {
    return `SELECT CAST(to_json({estimate: {outputRowCount: count(*), outputSizeInBytes: 'NaN', cpuCost: 8.0 * count(*)}}) AS VARCHAR)
      FROM (${toDuckDb(estimated, keepsStatistics)})`;
  }
  const counted = /^SHOW STATS FOR ([\s\S]*)$/.exec(sql)?.[1];
  if (counted !== undefined) {
    return `SELECT NULL::VARCHAR, NULL::DOUBLE, NULL::DOUBLE, NULL::DOUBLE, ${keepsStatistics ? 'count(*)::DOUBLE' : 'NULL::DOUBLE'}, NULL::VARCHAR, NULL::VARCHAR
      FROM ${toDuckDb(counted, keepsStatistics)}`;
  }
  return sql
    .replaceAll('information_schema.', 'trino_')
    .replaceAll('system.metadata.', 'trino_')
    .replaceAll('"default".', '')
    .replaceAll('slice(', 'list_slice(')
    .replaceAll(/UNNEST\(sequence\((\d+), (\d+)\)\) AS (\w)\((\w)\)/g, 'range($1, $2 + 1) AS $3($4)');
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  BOOLEAN: 'boolean',
  INTEGER: 'integer',
  BIGINT: 'bigint',
  HUGEINT: 'decimal(38,0)',
  FLOAT: 'real',
  DOUBLE: 'double',
  VARCHAR: 'varchar',
  DATE: 'date',
};

function typeName({ type }: BehindColumn): string {
  const name = String(type);
  return name.startsWith('DECIMAL')
    ? name.toLowerCase()
    : name.endsWith('[]')
      ? 'array(varchar)'
      : (TYPE_NAMES[name] ?? 'varchar');
}

function spelled(value: DuckDBValue): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : JSON.stringify(String(value));
  if (typeof value === 'object' && 'items' in value) return `[${value.items.map(spelled).join(',')}]`;
  return JSON.stringify(String(value));
}
