import type { HttpConfig } from '../../platform/config/index.js';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Whether a page from there may talk to this server over MCP. A browser says where a page is from and cannot be made to say
 * otherwise by DNS, whatever name leads to this machine (DNS rebinding). Programs that are no browsers send no origin.
 *
 * @param origin the `Origin` header
 */
export function isAllowedOrigin(
  origin: string | undefined,
  { corsOrigins, publicUrl, host }: Pick<HttpConfig, 'corsOrigins' | 'publicUrl' | 'host'>,
): boolean {
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  if (corsOrigins.includes('*') || corsOrigins.includes(origin)) return true;
  if (publicUrl !== undefined && new URL(publicUrl).origin === origin) return true;
  // Pages of this machine, such as the inspector of MCP, while nobody else can reach the server.
  const isLocal = LOOPBACK.has(host) || host === '::1';
  return isLocal && LOOPBACK.has(new URL(origin).hostname);
}
