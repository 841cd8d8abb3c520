import { EngineError } from '../../errors.js';

/**
 * How far a connection is encrypted and the server proven, as libpq has it: `prefer` falls back to plain text, `require`
 * encrypts to whoever answers, `verify-ca` checks who signed the certificate, `verify-full` also for which name.
 */
export type SslMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

/** Where a remote source is and how to sign in there. */
export interface SourceAddress {
  /** A name or an address; never the path of a socket. */
  host: string;
  port: number;
  database: string;
  username: string;
  password: string;
  sslMode: SslMode;
  /** Settings of the driver, as they were entered; each connector reads those that it knows and refuses the others. */
  options: Readonly<Record<string, unknown>>;
}

/** The settings that every connector understands. */
export interface SourceOptions {
  /** Certificates in PEM of the authorities to trust, in place of those of the system. */
  caCertificate?: string;
  /** From the first packet until the source accepts statements. */
  connectTimeoutMs: number;
}

const CONNECT_TIMEOUT_MS = 10_000;
const MAX_CONNECT_TIMEOUT_MS = 60_000;

/**
 * @returns the settings `ca_certificate` (PEM) and `connect_timeout_ms` (100 to 60,000), with defaults
 * @throws EngineError `source_option_not_allowed` for any other name and for values that do not fit
 */
export function readOptions(options: Readonly<Record<string, unknown>>): SourceOptions {
  const read: SourceOptions = { connectTimeoutMs: CONNECT_TIMEOUT_MS };
  for (const [name, value] of Object.entries(options)) {
    if (name === 'ca_certificate' && typeof value === 'string' && value.includes('-----BEGIN CERTIFICATE-----')) {
      read.caCertificate = value;
    } else if (name === 'connect_timeout_ms' && isTimeout(value)) {
      read.connectTimeoutMs = value;
    } else {
      throw new EngineError(
        'source_option_not_allowed',
        `The option “${name}” is not allowed, or its value does not fit. Allowed are ca_certificate (PEM) and connect_timeout_ms (100 to 60000).`,
        { details: { option: name } },
      );
    }
  }
  return read;
}

function isTimeout(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 100 && value <= MAX_CONNECT_TIMEOUT_MS;
}
