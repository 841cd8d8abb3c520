/**
 * A ClickHouse server as its HTTP interface shows it ("HTTP Interface", "Settings"): users, databases, settings and what
 * they allow, query ids and KILL QUERY, formats with their settings, and exceptions before and after the first row. Its
 * statements are run by DuckDB; the answers to expressions that only ClickHouse has were recorded from version 26.9.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { toDuckDb } from './clickhouse-translation.js';
import { type BehindColumn, DuckDbBehind } from './duckdb-behind.js';

/** What ClickHouse has answered to an expression: its type, and the value as the format JSON spells it. */
export interface Recorded {
  type: string;
  json: string;
}

export interface ClickHouseDoubleOptions {
  /** Statements of DuckDB that make the tables. */
  setup: readonly string[];
  /** By expression, for statements `SELECT expression AS cell`. */
  recorded?: Readonly<Record<string, Recorded>>;
  users?: Readonly<Record<string, string>>;
  /** `readonly` of the users' profile. */
  readonly?: 0 | 1 | 2;
  version?: string;
  /** After how many rows of a statement something goes wrong. */
  failAfter?: number;
  /** How an exception after the first row is told: as since version 25.11, or only as text before the connection is cut. */
  exceptions?: 'tagged' | 'text' | 'cut';
}

interface Running {
  sql: string;
  abort: AbortController;
  response: ServerResponse;
}

class ServerException extends Error {
  constructor(
    readonly code: number,
    readonly status: number,
    text: string,
    name: string,
  ) {
    super(`Code: ${code}. DB::Exception: ${text} (${name}) (version 26.9.2.1 (official build))\n`);
  }
}

/** Settings that the server knows, with what they are when nobody sets them. */
const DEFAULTS: Readonly<Record<string, string>> = {
  readonly: '0',
  limit: '0',
  max_execution_time: '0',
  timeout_overflow_mode: 'throw',
  join_use_nulls: '0',
  union_default_mode: '',
  session_timezone: '',
  send_progress_in_http_headers: '0',
  cancel_http_readonly_queries_on_client_close: '0',
  format_custom_escaping_rule: 'Escaped',
  format_custom_result_before_delimiter: '',
  format_custom_row_before_delimiter: '',
  format_custom_field_delimiter: '\t',
  format_custom_row_after_delimiter: '\n',
  format_custom_row_between_delimiter: '',
  format_custom_result_after_delimiter: '',
  output_format_json_quote_64bit_integers: '0',
  output_format_json_quote_decimals: '0',
  output_format_json_quote_denormals: '0',
  output_format_json_escape_forward_slashes: '1',
  output_format_json_named_tuples_as_objects: '1',
  output_format_decimal_trailing_zeros: '0',
  date_time_output_format: 'simple',
};
/** Parameters of the HTTP interface that are no settings. */
const RESERVED = new Set(['query_id', 'wait_end_of_query', 'database']);
const READS = /^\s*(?:SELECT|WITH|EXPLAIN|\(|KILL QUERY)\b/i;

export class ClickHouseDouble {
  readonly running = new Map<string, Running>();
  /** Heads of all requests, for who looks for secrets in them. */
  readonly seen: { url: string; headers: IncomingMessage['headers'] }[] = [];
  /** What it was asked to run, without the format. */
  readonly statements: string[] = [];
  private readonly server: Server;

  private constructor(
    private readonly behind: DuckDbBehind,
    private readonly options: ClickHouseDoubleOptions,
  ) {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  static async start(options: ClickHouseDoubleOptions): Promise<ClickHouseDouble> {
    const double = new ClickHouseDouble(await DuckDbBehind.open(options.setup), options);
    double.server.listen(0, '127.0.0.1');
    await once(double.server, 'listening');
    return double;
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  /** Cuts the connections over which something runs. */
  endSessions(): void {
    for (const { response } of this.running.values()) response.socket?.destroy();
  }

  async stop(): Promise<void> {
    for (const { abort } of this.running.values()) abort.abort();
    this.server.closeAllConnections();
    this.server.close();
    while (this.running.size > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    this.behind.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.seen.push({ url: request.url ?? '', headers: request.headers });
    const query = new URL(request.url ?? '/', 'http://double').searchParams;
    const id = query.get('query_id') ?? crypto.randomUUID();
    response.setHeader('x-clickhouse-query-id', id);
    response.setHeader('x-clickhouse-server-display-name', 'double');
    const abort = new AbortController();
    const timers: NodeJS.Timeout[] = [];
    try {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const text = Buffer.concat(parts).toString('utf8');
      this.signIn(request);
      const settings = this.settings(query);
      const { sql, format } = this.parsed(text, settings);
      this.statements.push(sql);
      const killed = /^KILL QUERY WHERE query_id = '([^']*)' ASYNC$/.exec(sql)?.[1];
      if (killed !== undefined) return void response.end(this.kill(killed));
      this.running.set(id, { sql, abort, response });
      response.on('close', () => {
        if (settings['cancel_http_readonly_queries_on_client_close'] === '1' && settings['readonly'] !== '0') {
          abort.abort();
        }
      });
      const seconds = Number(settings['max_execution_time']);
      if (seconds > 0) {
        const over = new ServerException(159, 500, 'Timeout exceeded', 'TIMEOUT_EXCEEDED');
        timers.push(setTimeout(() => abort.abort(over), seconds * 1000));
      }
      const output = new Output(response, format, settings, query.get('wait_end_of_query') === '1');
      await this.run(sql, settings, output, abort.signal);
      output.finish();
    } catch (error) {
      this.fail(response, exceptionOf(abort.signal.aborted ? (abort.signal.reason ?? error) : error));
    } finally {
      timers.forEach(clearTimeout);
      this.running.delete(id);
    }
  }

  private signIn(request: IncomingMessage): void {
    const { users = { reader: 'reads only' } } = this.options;
    const header = (name: string): string => {
      const value = request.headers[`x-clickhouse-${name}`];
      return Buffer.from(typeof value === 'string' ? value : '', 'latin1').toString('utf8');
    };
    const user = header('user');
    if (!Object.hasOwn(users, user) || users[user] !== header('key')) {
      const text = `${user}: Authentication failed: password is incorrect, or there is no user with such name.`;
      throw new ServerException(516, 403, text, 'AUTHENTICATION_FAILED');
    }
    if (header('database') !== 'shop') {
      throw new ServerException(81, 404, `Database ${header('database')} does not exist.`, 'UNKNOWN_DATABASE');
    }
  }

  private settings(query: URLSearchParams): Record<string, string> {
    const profile = String(this.options.readonly ?? 0);
    const settings: Record<string, string> = { ...DEFAULTS, readonly: profile };
    for (const [name, value] of query) {
      if (RESERVED.has(name)) continue;
      if (!(name in DEFAULTS)) {
        throw new ServerException(
          115,
          404,
          `Setting ${name} is neither a builtin setting nor started with the prefix 'SQL_'`,
          'UNKNOWN_SETTING',
        );
      }
      if (profile === '1' || (profile === '2' && name === 'readonly')) {
        throw new ServerException(164, 500, `Cannot modify '${name}' setting in readonly mode.`, 'READONLY');
      }
      settings[name] = value;
    }
    return settings;
  }

  private parsed(text: string, settings: Record<string, string>): { sql: string; format: string } {
    const found = /^([\s\S]*?)\s*\bFORMAT (\w+)\s*$/.exec(text);
    const sql = (found?.[1] ?? text).trim();
    const syntax = (what: string): ServerException =>
      new ServerException(62, 400, `Syntax error${what}: failed at position 1 (line 1, col 1): ${sql}`, 'SYNTAX_ERROR');
    if (/;\s*\S/.test(sql)) throw syntax(' (Multi-statements are not allowed)');
    if (/\bFORMAT \w+$/.test(sql)) throw syntax('');
    if (settings['readonly'] !== '0' && !READS.test(sql)) {
      throw new ServerException(164, 500, 'reader: Cannot execute query in readonly mode.', 'READONLY');
    }
    return { sql, format: found?.[2] ?? 'TabSeparated' };
  }

  private async run(sql: string, settings: Record<string, string>, output: Output, signal: AbortSignal): Promise<void> {
    const cell = /^SELECT ([\s\S]*) AS cell$/.exec(sql)?.[1];
    const known = cell === undefined ? undefined : this.options.recorded?.[cell];
    if (known) {
      output.head(['cell'], [known.type]);
      return output.rows([known.json === '' ? [] : [known.json]]);
    }
    const most = Number(settings['limit']) || Infinity;
    let given = 0;
    let types: DuckDBType[] = [];
    await this.behind.run(
      toDuckDb(sql, { version: this.options.version ?? '26.9.2.1', readonly: String(this.options.readonly ?? 0) }),
      signal,
      (columns) => {
        types = columns.map(({ type }) => type);
        output.head(
          columns.map(({ name }) => name),
          columns.map(typeName),
        );
      },
      async (rows) => {
        const wanted = rows.slice(0, most - given);
        given += wanted.length;
        if (given > (this.options.failAfter ?? Infinity)) {
          throw new ServerException(
            395,
            500,
            `Value passed to 'throwIf' function is non-zero: 'a secret of a row'`,
            'X',
          );
        }
        await output.rows(wanted.map((row) => row.map((value, index) => spelled(value, types[index], settings))));
      },
    );
  }

  private kill(id: string): string {
    const found = this.running.get(id);
    found?.abort.abort(new ServerException(394, 500, 'Query was cancelled', 'QUERY_WAS_CANCELLED'));
    return found ? `${JSON.stringify(['waiting', id, 'reader', found.sql])}\n` : '';
  }

  private fail(response: ServerResponse, exception: ServerException): void {
    if (!response.headersSent) {
      response.writeHead(exception.status, { 'x-clickhouse-exception-code': String(exception.code) });
      return void response.end(exception.message);
    }
    const { exceptions = 'tagged' } = this.options;
    if (exceptions === 'tagged') {
      const tag = 'dOmQXPALFoBsSbyq';
      const text = exception.message;
      response.end(`\r\n__exception__\r\n${tag}\r\n${text}${Buffer.byteLength(text)} ${tag}\r\n__exception__\r\n`);
    } else if (exceptions === 'text') response.end(exception.message);
    else response.write(exception.message, () => response.socket?.destroy());
  }
}

/** An answer in one of the formats. */
class Output {
  private held: string[] = [];

  constructor(
    private readonly response: ServerResponse,
    private readonly format: string,
    private readonly settings: Record<string, string>,
    private readonly buffered: boolean,
  ) {
    if (format === 'CustomSeparatedWithNamesAndTypes' && settings['format_custom_escaping_rule'] !== 'JSON') {
      throw new ServerException(36, 400, 'The double escapes by JSON only.', 'BAD_ARGUMENTS');
    }
  }

  head(names: string[], types: string[]): void {
    this.held.push(this.setting('format_custom_result_before_delimiter'));
    if (this.format !== 'CustomSeparatedWithNamesAndTypes') this.held = [];
    else this.held.push(...[names, types].map((line) => this.row(line.map((text) => JSON.stringify(text)))));
  }

  async rows(rows: readonly string[][]): Promise<void> {
    this.held.push(...rows.map((row) => this.row(row)));
    if (this.buffered) return;
    const text = this.held.join('');
    this.held = [];
    if (text !== '' && !this.response.write(text) && !this.response.destroyed) {
      await Promise.race([once(this.response, 'drain'), once(this.response, 'close')]);
    }
  }

  finish(): void {
    const isCustom = this.format === 'CustomSeparatedWithNamesAndTypes';
    this.response.end(this.held.join('') + (isCustom ? this.setting('format_custom_result_after_delimiter') : ''));
  }

  private row(cells: readonly string[]): string {
    if (this.format === 'JSONCompactEachRow') return `[${cells.join(', ')}]\n`;
    return (
      this.setting('format_custom_row_before_delimiter') +
      cells.join(this.setting('format_custom_field_delimiter')) +
      this.setting('format_custom_row_after_delimiter')
    );
  }

  private setting(name: string): string {
    return this.settings[name] ?? '';
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  BOOLEAN: 'Bool',
  TINYINT: 'Int8',
  UTINYINT: 'UInt8',
  SMALLINT: 'Int16',
  INTEGER: 'Int32',
  UINTEGER: 'UInt32',
  BIGINT: 'Int64',
  UBIGINT: 'UInt64',
  HUGEINT: 'Int128',
  FLOAT: 'Float32',
  DOUBLE: 'Float64',
  VARCHAR: 'String',
  DATE: 'Date',
  'TIMESTAMP WITH TIME ZONE': 'DateTime',
};

function typeName({ type }: BehindColumn): string {
  const name = String(type);
  if (name.endsWith('[]')) return 'Array(String)';
  const decimal = /^DECIMAL\((\d+),(\d+)\)$/.exec(name);
  return decimal ? `Decimal(${decimal[1]}, ${decimal[2]})` : (TYPE_NAMES[name] ?? 'String');
}

/** A value as JSON, in the way that the settings ask for. */
function spelled(value: DuckDBValue, type: DuckDBType | undefined, settings: Record<string, string>): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') {
    return settings['output_format_json_quote_64bit_integers'] === '1' ? `"${value}"` : String(value);
  }
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return String(value);
    const word = Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
    return settings['output_format_json_quote_denormals'] === '1' ? `"${word}"` : 'null';
  }
  if (typeof value === 'object' && 'items' in value) {
    return `[${value.items.map((item) => spelled(item, undefined, settings)).join(',')}]`;
  }
  const isDecimal = String(type).startsWith('DECIMAL');
  if (isDecimal) return settings['output_format_json_quote_decimals'] === '1' ? `"${String(value)}"` : String(value);
  return JSON.stringify(String(value));
}

function exceptionOf(error: unknown): ServerException {
  if (error instanceof ServerException) return error;
  const text = error instanceof Error ? error.message : String(error);
  const missing = /(?:Table with name|column) "?([\w.]+)"? (?:does not exist|not found)/i.exec(text)?.[1];
  if (/Catalog Error: Table/.test(text)) {
    return new ServerException(60, 404, `Unknown table expression identifier '${missing}'`, 'UNKNOWN_TABLE');
  }
  if (/Binder Error: Referenced column/.test(text)) {
    return new ServerException(47, 404, `Unknown expression identifier \`${missing}\``, 'UNKNOWN_IDENTIFIER');
  }
  if (/Parser Error/.test(text))
    return new ServerException(62, 400, `Syntax error: failed at position 1`, 'SYNTAX_ERROR');
  return new ServerException(
    395,
    500,
    `Value passed to 'throwIf' function is non-zero: 'a secret of a row'`,
    'FUNCTION_THROW_IF_VALUE_IS_NON_ZERO',
  );
}
