import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { SourceAddress } from './source-address.js';

/**
 * What libpq's modes mean for a TLS connection.
 *
 * @param ca certificates in PEM to trust in place of those of the system
 * @returns false where nothing is to be encrypted
 */
export function tlsOptions({ host, sslMode }: SourceAddress, ca: string | undefined): ConnectionOptions | false {
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
