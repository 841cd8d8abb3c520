/** Where a person may be sent after the sign-in: nowhere that the operator has not named. */
import { DomainError } from '../../../platform/errors/domain-error.js';

/** The page that the server has for who names no address of their own. */
const OWN_PAGE = 'signed-in';

/**
 * @param wanted an address, whole or relative to the public one; undefined for the page of the server itself
 * @param corsOrigins `*` allows none: it says who may read, not who may be handed a sign-in
 * @throws DomainError `validation_failed` when it is elsewhere
 */
export function returnAddress(wanted: string | undefined, publicUrl: string, corsOrigins: readonly string[]): string {
  const base = `${publicUrl}/`;
  if (wanted === undefined) return new URL(OWN_PAGE, base).href;
  const address = URL.canParse(wanted, base) ? new URL(wanted, base) : null;
  const allowed = [new URL(base).origin, ...corsOrigins];
  // The origin of a blob: address is that of who made it.
  const onTheWeb = address !== null && /^https?:$/.test(address.protocol);
  const usable = onTheWeb && address.hash === '' && address.username === '' && address.password === '';
  if (usable && allowed.includes(address.origin)) return address.href;
  throw new DomainError(
    'validation_failed',
    'Name an address without a fragment, below LUMIERE_PUBLIC_URL or one of CORS_ORIGINS.',
    { errors: [{ field: 'return_to', message: 'is not an address that people may be sent to' }] },
  );
}

/** What the front end is to know goes into the fragment, which no server and no log on the way sees. */
export function withFragment(address: string, values: Record<string, string>): string {
  return `${address}#${new URLSearchParams(values).toString()}`;
}
