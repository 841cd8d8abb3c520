/** One class per concern, each read and checked once at boot. `.env.example` lists every variable. */
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { ConfigurationError, EnvironmentReader, type Environment } from './environment.js';
import { DocumentsConfig } from './documents.config.js';
import { ExportsConfig } from './exports.config.js';
import { JobsConfig } from './jobs.config.js';
import { AgentsConfig } from './agents.config.js';
import { LlmConfig } from './llm.config.js';
import { MetricsConfig } from './metrics.config.js';
import { OidcConfig } from './oidc.config.js';
import { WebhookConfig } from './webhook.config.js';
import { ResultStreamsConfig } from './results.config.js';

const MIB = 1024 * 1024;

export class RuntimeConfig {
  readonly production: boolean;
  readonly dataDir: string;

  constructor(env: EnvironmentReader) {
    this.production = env.oneOf('NODE_ENV', 'development', ['development', 'test', 'production']) === 'production';
    this.dataDir = resolve(env.string('LUMIERE_DATA_DIR', './data'));
  }
}

export class HttpConfig {
  readonly port: number;
  readonly host: string;
  /** Where people reach the server, for links in mails. */
  readonly publicUrl: string | undefined;
  readonly corsOrigins: string[];
  /** Proxies in front of the server whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: string[];
  readonly maxBodyBytes: number;
  readonly maxUploadBytes: number;
  readonly maxUploadFiles: number;
  /** Uploads that are made into tables at the same time; further ones wait their turn. */
  readonly uploadConcurrency: number;
  readonly uploadWaitMs: number;

  constructor(env: EnvironmentReader) {
    this.port = env.integer('PORT', 8000, { min: 0, max: 65_535 });
    this.host = env.string('HOST', '127.0.0.1');
    this.publicUrl = env.url('LUMIERE_PUBLIC_URL', ['http:', 'https:'])?.replace(/\/+$/, '');
    this.corsOrigins = readOrigins(env);
    this.trustedProxies = readProxies(env);
    this.maxBodyBytes = env.integer('LUMIERE_MAX_BODY_KB', 1024, { min: 16, max: 65_536 }) * 1024;
    this.maxUploadBytes = env.integer('LUMIERE_MAX_UPLOAD_MB', 5120, { min: 1, max: 1_048_576 }) * MIB;
    this.maxUploadFiles = env.integer('LUMIERE_MAX_UPLOAD_FILES', 50, { min: 1, max: 1000 });
    this.uploadConcurrency = env.integer('LUMIERE_UPLOAD_CONCURRENCY', 2, { min: 1, max: 64 });
    this.uploadWaitMs = env.integer('LUMIERE_UPLOAD_WAIT_SECONDS', 120, { min: 1, max: 3600 }) * 1000;
  }
}

function readOrigins(env: EnvironmentReader): string[] {
  const origins = env.list('CORS_ORIGINS');
  const isOrigin = (text: string): boolean =>
    /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
  if (!origins.every((text) => text === '*' || isOrigin(text))) {
    env.refuse('CORS_ORIGINS must be origins such as https://app.example.com, without a path, or *.');
  }
  return origins;
}

/** Ranges that Fastify knows by name. */
const NAMED_RANGES = ['loopback', 'linklocal', 'uniquelocal'];

function readProxies(env: EnvironmentReader): string[] {
  const proxies = env.list('TRUSTED_PROXIES');
  if (!proxies.every((text) => NAMED_RANGES.includes(text) || isAddressRange(text))) {
    env.refuse(
      `TRUSTED_PROXIES must be IP addresses, ranges such as 10.0.0.0/8, or names of ranges: ${NAMED_RANGES.join(', ')}.`,
    );
  }
  return proxies;
}

/** An IP address, or one with the length of its network's prefix. */
function isAddressRange(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/');
  const bits = { 4: 32, 6: 128 }[isIP(address)];
  if (bits === undefined || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= bits);
}

export class DatabaseConfig {
  /** A PostgreSQL server; undefined means the embedded database in the data directory. */
  readonly url: string | undefined;
  readonly poolSize: number;
  readonly connectionTimeoutMs: number;

  constructor(env: EnvironmentReader) {
    this.url = env.url('DATABASE_URL', ['postgres:', 'postgresql:']);
    // Two at least: while migrations run, one connection holds the lock.
    this.poolSize = env.integer('DATABASE_POOL_SIZE', this.url === undefined ? 4 : 10, { min: 2, max: 500 });
    this.connectionTimeoutMs = env.integer('DATABASE_CONNECTION_TIMEOUT_MS', 10_000, { min: 100, max: 600_000 });
  }
}

export class AuthConfig {
  readonly accessTokenSeconds: number;
  readonly refreshTokenDays: number;
  readonly bcryptCost: number;
  readonly registrationOpen: boolean;
  /** Failed sign-ins to one account, before the next one has to wait. */
  readonly loginFreeAttempts: number;
  /** The same from one address, which may be that of a whole office. */
  readonly loginFreeAttemptsPerAddress: number;

  constructor(env: EnvironmentReader) {
    this.accessTokenSeconds = env.integer('ACCESS_TOKEN_SECONDS', 900, { min: 30, max: 86_400 });
    this.refreshTokenDays = env.integer('REFRESH_TOKEN_DAYS', 30, { min: 1, max: 365 });
    this.bcryptCost = env.integer('BCRYPT_COST', 12, { min: 10, max: 15 });
    this.registrationOpen = env.boolean('REGISTRATION_OPEN', true);
    this.loginFreeAttempts = env.integer('LOGIN_FREE_ATTEMPTS', 5, { min: 1, max: 1_000_000 });
    this.loginFreeAttemptsPerAddress = env.integer('LOGIN_FREE_ATTEMPTS_PER_ADDRESS', 25, { min: 1, max: 1_000_000 });
  }
}

/** Who has the first account, when it is not left to whoever registers first. */
export class FirstAdministratorConfig {
  /** Undefined when none of the variables is set. */
  readonly account: Readonly<{ username: string; email: string; password: string }> | undefined;

  constructor(env: EnvironmentReader) {
    const username = env.optional('ADMIN_USERNAME');
    const email = env.optional('ADMIN_EMAIL');
    const password = env.optional('ADMIN_PASSWORD');
    if (username === undefined && email === undefined && password === undefined) return;
    const missing = (name: string): string => {
      env.refuse(`${name} must be set too: the first administrator needs a name, an email and a password.`);
      return '';
    };
    this.account = {
      username: username ?? missing('ADMIN_USERNAME'),
      email: email ?? missing('ADMIN_EMAIL'),
      password: password ?? missing('ADMIN_PASSWORD'),
    };
  }
}

export class MailConfig {
  /** The server that mails go over; undefined means that none can be sent. */
  readonly smtpUrl: string | undefined;
  /** What mails name as their sender; set whenever there is a server. */
  readonly from: string;

  constructor(env: EnvironmentReader) {
    this.smtpUrl = env.url('SMTP_URL', ['smtp:', 'smtps:']);
    this.from = env.string('MAIL_FROM', '');
    if (this.smtpUrl !== undefined && !/^[^\r\n]*@[^\r\n]+$/.test(this.from)) {
      env.refuse(
        'MAIL_FROM must be the address that mails come from when SMTP_URL is set, such as Lumiere <lumiere@example.com>.',
      );
    }
  }
}

/** Beside those for runs: pages of results, previews, and profiling what is uploaded. */
const PROCESSES_FOR_READING = 2;
/** A run may still be going on for so long after its time-out. */
const RUN_GRACE_MS = 60_000;

export class QueryConfig {
  readonly maxRows: number;
  readonly timeoutMs: number;
  readonly maxMemoryBytes: number;
  readonly maxResultBytes: number;
  readonly maxSpillBytes: number;
  readonly threads: number;
  /** Processes that work with DuckDB, at the most. */
  readonly processes: number;
  /** Runs at the same time in this process; further ones wait their turn. */
  readonly concurrency: number;
  /** Runs of one person at the same time. */
  readonly concurrencyPerUser: number;
  /** Runs at one source at the same time. */
  readonly concurrencyPerSource: number;
  /** What a statement may be expected to cost before it is run, at the most; undefined for no such cap. */
  readonly estimateCaps: Readonly<Record<'rows' | 'bytes' | 'cost', number | undefined>>;
  /** Rows that one statement over a combined source may fetch from databases, of one table and of all. */
  readonly maxFetchRows: number;
  /** The same in bytes, as Parquet. */
  readonly maxFetchBytes: number;
  /** Runs that may wait for their turn. */
  readonly mostWaiting: number = 200;
  /** Runs of one person that may wait for their turn. */
  readonly mostWaitingPerUser: number = 100;

  constructor(env: EnvironmentReader) {
    this.maxRows = env.integer('QUERY_MAX_ROWS', 1_000_000, { min: 1, max: 100_000_000 });
    this.timeoutMs = env.integer('QUERY_TIMEOUT_MS', 60_000, { min: 100, max: 3_600_000 });
    this.maxMemoryBytes = env.integer('QUERY_MAX_MEMORY_MB', 1024, { min: 64, max: 1_048_576 }) * MIB;
    this.maxResultBytes = env.integer('QUERY_MAX_RESULT_MB', 2048, { min: 1, max: 1_048_576 }) * MIB;
    this.maxSpillBytes = env.integer('QUERY_MAX_SPILL_MB', 10_240, { min: 0, max: 1_048_576 }) * MIB;
    this.maxFetchRows = env.integer('COMBINED_MAX_FETCH_ROWS', 5_000_000, { min: 1, max: 1_000_000_000 });
    this.maxFetchBytes = env.integer('COMBINED_MAX_FETCH_MB', 1024, { min: 1, max: 1_048_576 }) * MIB;
    this.threads = env.integer('QUERY_THREADS', 2, { min: 1, max: 256 });
    this.concurrency = env.integer('QUERY_CONCURRENCY', 4, { min: 1, max: 64 });
    this.processes = env.integer('QUERY_PROCESSES', this.concurrency + PROCESSES_FOR_READING, { min: 1, max: 128 });
    // One person cannot take every slot, unless there is only one.
    const mostOfOne = Math.max(1, this.concurrency - 1);
    this.concurrencyPerUser = env.integer('QUERY_CONCURRENCY_PER_USER', mostOfOne, { min: 1, max: 64 });
    const cap = (name: string): number | undefined =>
      env.integer(name, 0, { min: 0, max: Number.MAX_SAFE_INTEGER }) || undefined;
    const megabytes = cap('QUERY_MAX_ESTIMATED_MB');
    this.estimateCaps = {
      rows: cap('QUERY_MAX_ESTIMATED_ROWS'),
      bytes: megabytes === undefined ? undefined : megabytes * MIB,
      cost: cap('QUERY_MAX_ESTIMATED_COST'),
    };
    this.concurrencyPerSource = env.integer('QUERY_CONCURRENCY_PER_SOURCE', this.concurrency, { min: 1, max: 64 });
  }

  /** The longest run there can be, with time to clean up. */
  get longestRunMs(): number {
    return this.timeoutMs + RUN_GRACE_MS;
  }

  /** The longest time from a question to the end of its run, when everybody before it takes as long as may be. */
  get longestStayMs(): number {
    return (Math.ceil(this.mostWaiting / this.concurrency) + 1) * this.longestRunMs;
  }
}

/** Networks that are closed to sources unless they are named. */
const NETWORKS = ['loopback', 'private'];

export class SourceConfig {
  /** Whether databases on this machine may be connected to. */
  readonly allowLoopback: boolean;
  /** Whether databases at private addresses may be connected to. */
  readonly allowPrivate: boolean;
  /** When a database that cannot be reached is left alone, and for how long. */
  readonly breaker: { failures: number; windowMs: number; firstBackOffMs: number; longestBackOffMs: number };

  constructor(env: EnvironmentReader) {
    const networks = env.list('SOURCE_NETWORKS');
    if (!networks.every((name) => NETWORKS.includes(name))) {
      throw new ConfigurationError(
        `SOURCE_NETWORKS must be a list of these, separated by commas: ${NETWORKS.join(', ')}.`,
      );
    }
    this.allowLoopback = networks.includes('loopback');
    this.allowPrivate = networks.includes('private');
    const seconds = (name: string, fallback: number): number =>
      env.integer(name, fallback, { min: 1, max: 86_400 }) * 1000;
    const firstBackOffMs = seconds('SOURCE_BACK_OFF_SECONDS', 5);
    this.breaker = {
      failures: env.integer('SOURCE_FAILURES', 5, { min: 1, max: 1000 }),
      windowMs: seconds('SOURCE_FAILURES_WITHIN_SECONDS', 60),
      firstBackOffMs,
      longestBackOffMs: Math.max(firstBackOffMs, seconds('SOURCE_LONGEST_BACK_OFF_SECONDS', 300)),
    };
  }
}

export class LogConfig {
  readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  readonly pretty: boolean;

  constructor(env: EnvironmentReader, runtime: RuntimeConfig) {
    this.level = env.oneOf('LOG_LEVEL', 'info', ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']);
    this.pretty = env.boolean('LOG_PRETTY', !runtime.production && process.stdout.isTTY);
  }
}

/** The keys that must be given in production and are made in the data directory elsewhere. */
export class KeyConfig {
  readonly secretKey: string | undefined;
  readonly encryptionKey: string | undefined;
  /** Keys that stored credentials may still be encrypted with; nothing new is. */
  readonly previousEncryptionKeys: string[];

  constructor(env: EnvironmentReader, runtime: RuntimeConfig) {
    this.secretKey = readKey(env, 'LUMIERE_SECRET_KEY', runtime.production);
    this.encryptionKey = readKey(env, 'LUMIERE_ENCRYPTION_KEY', runtime.production);
    this.previousEncryptionKeys = env.list('LUMIERE_ENCRYPTION_KEY_PREVIOUS');
    if (this.previousEncryptionKeys.some((key) => key.length < SHORTEST_KEY)) {
      env.refuse(
        `LUMIERE_ENCRYPTION_KEY_PREVIOUS must be keys of at least ${SHORTEST_KEY} characters, separated by commas.`,
      );
    }
    if (this.secretKey !== undefined && this.secretKey === this.encryptionKey) {
      env.refuse('LUMIERE_ENCRYPTION_KEY must differ from LUMIERE_SECRET_KEY.');
    }
  }
}

const SHORTEST_KEY = 32;
const PLACEHOLDERS = /change[-_ ]?(me|this)|placeholder|^(secret|default|password|example|your|lumiere)/i;

function readKey(env: EnvironmentReader, name: string, production: boolean): string | undefined {
  const key = env.optional(name);
  const howTo = 'Make one with: openssl rand -base64 48';
  if (key === undefined) {
    if (production) env.refuse(`${name} must be set when NODE_ENV is production. ${howTo}`);
    return undefined;
  }
  if (key.length < SHORTEST_KEY) {
    env.refuse(`${name} is too short: it needs at least ${SHORTEST_KEY} characters. ${howTo}`);
  } else if (PLACEHOLDERS.test(key) || new Set(key).size < 12) {
    env.refuse(`${name} looks like a placeholder, not a random key. ${howTo}`);
  }
  return key;
}

export interface Configuration {
  runtime: RuntimeConfig;
  http: HttpConfig;
  database: DatabaseConfig;
  jobs: JobsConfig;
  auth: AuthConfig;
  firstAdministrator: FirstAdministratorConfig;
  oidc: OidcConfig;
  mail: MailConfig;
  llm: LlmConfig;
  agents: AgentsConfig;
  query: QueryConfig;
  resultStreams: ResultStreamsConfig;
  exports: ExportsConfig;
  sources: SourceConfig;
  documents: DocumentsConfig;
  webhooks: WebhookConfig;
  metrics: MetricsConfig;
  log: LogConfig;
  keys: KeyConfig;
}

/**
 * Reads and checks the whole configuration.
 *
 * @throws ConfigurationError that names every variable that is wrong, each in a line
 */
export function loadConfiguration(environment: Environment): Configuration {
  const noted: string[] = [];
  const env = new EnvironmentReader(environment, noted);
  const runtime = new RuntimeConfig(env);
  const http = new HttpConfig(env);
  const database = new DatabaseConfig(env);
  const configuration = {
    runtime,
    http,
    database,
    jobs: new JobsConfig(env, database.url === undefined),
    auth: new AuthConfig(env),
    firstAdministrator: new FirstAdministratorConfig(env),
    oidc: new OidcConfig(env, http.publicUrl),
    mail: new MailConfig(env),
    llm: new LlmConfig(env),
    agents: new AgentsConfig(env),
    query: new QueryConfig(env),
    resultStreams: new ResultStreamsConfig(env),
    exports: new ExportsConfig(env),
    sources: new SourceConfig(env),
    documents: new DocumentsConfig(env),
    webhooks: new WebhookConfig(env),
    metrics: new MetricsConfig(env),
    log: new LogConfig(env, runtime),
    keys: new KeyConfig(env, runtime),
  };
  if (noted.length > 0) throw new ConfigurationError(noted.join('\n'));
  return configuration;
}
