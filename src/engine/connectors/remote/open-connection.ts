import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { EngineError } from '../../errors.js';
import { type AddressPolicy, resolveAllowed } from './address-policy.js';
import { interruptibly, sourceTimeout } from './interruption.js';
import { readOptions, type SourceAddress } from './source-address.js';

/** One way to a source: the address that was checked, and how the connection is encrypted, or false. */
export interface Route {
  address: string;
  port: number;
  tls: ConnectionOptions | false;
}

export interface Opening<T> {
  source: SourceAddress;
  policy: AddressPolicy;
  /** For all attempts together; the source's own `connect_timeout_ms` may be shorter. */
  timeoutMs: number;
  signal: AbortSignal;
  /** Connects and signs in. It is given the milliseconds that are left, and leaves nothing open when it fails. */
  connect: (route: Route, timeoutMs: number) => Promise<T>;
  /** What an error of `connect` means. */
  explain: (error: unknown) => EngineError;
}

/**
 * Connects to a source by the first way that works: every allowed address of its host in turn, and with `prefer` each
 * first with TLS and then without. Another way is tried only where the source was not reached or TLS failed.
 *
 * @throws EngineError `source_address_not_allowed`, `source_option_not_allowed`, `source_timeout`, `query_cancelled`, and
 *   what `explain` makes of the last failure
 */
export async function openConnection<T>(opening: Opening<T>): Promise<T> {
  const { source, policy, signal, timeoutMs, explain } = opening;
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
        return await opening.connect({ address, port: source.port, tls }, left);
      } catch (error) {
        failure = error;
        const { code } = explain(error);
        if (code === 'source_tls_failed') continue;
        if (code === 'source_unreachable') break;
        throw explain(error);
      }
    }
  }
  throw explain(failure);
}

function tlsOptions({ host, sslMode }: SourceAddress, ca: string | undefined): ConnectionOptions | false {
  if (sslMode === 'disable') return false;
  const verified = sslMode === 'verify-ca' || sslMode === 'verify-full';
  return {
    // The certificate is checked against the name that was asked for, not against the address that it led to.
    host,
    ...(isIP(host) ? {} : { servername: host }),
    rejectUnauthorized: verified,
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca }),
    ...(sslMode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  };
}
