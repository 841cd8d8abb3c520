import type { LoggerService } from '@nestjs/common';
import { type Logger, pino } from 'pino';
import type { LogConfig } from '../config/index.js';

/** Where secrets may stand in what is logged. They are replaced, not shown shortened. */
const SECRET_PATHS = [
  'req.headers.authorization',
  'req.headers["x-api-key"]',
  'req.headers.cookie',
  'headers.authorization',
  'headers["x-api-key"]',
  '*.password',
  '*.current_password',
  '*.new_password',
  '*.access_token',
  '*.refresh_token',
  '*.password_hash',
  '*.token',
  '*.key',
  'password',
  'access_token',
  'refresh_token',
  'token',
];

/** Structured logs on standard output: JSON lines, or readable lines on a terminal. */
export function createLogger(config: LogConfig): Logger {
  return pino({
    level: config.level,
    redact: { paths: SECRET_PATHS, censor: '[redacted]' },
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: (error: unknown) => errorForLog(error), req: requestLine },
    ...(config.pretty
      ? {
          transport: {
            target: 'pino-pretty',
            options: { translateTime: 'SYS:HH:MM:ss', ignore: 'pid,hostname', singleLine: true },
          },
        }
      : {}),
  });
}

const DEEPEST_CAUSE = 3;

/**
 * What the log tells of an error. Named one by one, because an error carries more than it says: TypeORM copies the
 * parameters of a failed statement into its errors.
 */
export function errorForLog(error: unknown, depth = 0): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const hasCause = error.cause instanceof Error && depth < DEEPEST_CAUSE;
  const code = 'code' in error ? error.code : undefined;
  const constraint = 'constraint' in error ? error.constraint : undefined;
  return {
    type: error.constructor.name,
    message: error.message,
    ...(code === undefined ? {} : { code }),
    ...(constraint === undefined ? {} : { constraint }),
    stack: error.stack,
    ...(hasCause ? { cause: errorForLog(error.cause, depth + 1) } : {}),
  };
}

/** Whoever has such a path may open what is behind it. */
const SECRET_PATH = /(\/public\/dashboards\/)[^/?]+/;

/** The query string stays out of the log: it may carry what a person asked for. So do tokens in paths. */
function pathForLog(url: string): string | undefined {
  return url.split('?')[0]?.replace(SECRET_PATH, '$1…');
}

function requestLine(request: { method: string; url: string; ip?: string }): Record<string, unknown> {
  return { method: request.method, path: pathForLog(request.url), ip: request.ip };
}

/** Nest's own messages through the same log; its start-up chatter at debug level. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context?: unknown): void {
    this.logger.debug({ context }, String(message));
  }

  error(message: unknown, ...details: unknown[]): void {
    // What cannot be listened on is thrown as well, and told once by who started the server.
    if (details.at(-1) === 'NestApplication' && String(message).startsWith('Error: listen ')) return;
    const err = message instanceof Error ? message : undefined;
    if (isFields(message)) this.logger.error({ ...message, context: details.at(-1) }, String(details[0]));
    else this.logger.error({ err, details }, err?.message ?? String(message));
  }

  warn(message: unknown, ...details: unknown[]): void {
    if (isFields(message)) this.logger.warn({ ...message, context: details.at(-1) }, String(details[0]));
    else this.logger.warn({ context: details.at(-1) }, String(message));
  }

  debug(message: unknown, context?: unknown): void {
    this.logger.debug({ context }, String(message));
  }

  verbose(message: unknown, context?: unknown): void {
    this.logger.trace({ context }, String(message));
  }
}

/** What is told beside the message, as `logger.warn({ err, job }, 'a job failed')` has it. */
function isFields(message: unknown): message is Record<string, unknown> {
  return typeof message === 'object' && message !== null && !(message instanceof Error);
}
