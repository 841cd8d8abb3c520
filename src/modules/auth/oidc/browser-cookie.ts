/** The cookie that ties a sign-in to the browser that it began in. Each sign-in has its own, so two tabs do not disturb each other. */
import { hashOf } from './secrets.js';

const ID_CHARACTERS = 16;

/** @param secure whether people reach the server over TLS; then no other site, not even a sibling, can set the cookie */
export function browserCookie(
  state: string,
  value: string,
  { lifeSeconds, secure }: { lifeSeconds: number; secure: boolean },
): string {
  const attributes = ['Path=/', `Max-Age=${lifeSeconds}`, 'HttpOnly', 'SameSite=Lax', ...(secure ? ['Secure'] : [])];
  return [`${nameOf(state, secure)}=${value}`, ...attributes].join('; ');
}

/** @returns null when the browser has not sent the cookie of this sign-in */
export function readBrowserCookie(header: string | undefined, state: string, secure: boolean): string | null {
  const start = `${nameOf(state, secure)}=`;
  const cookies = (header ?? '').split(';').map((cookie) => cookie.trim());
  return cookies.find((cookie) => cookie.startsWith(start))?.slice(start.length) ?? null;
}

function nameOf(state: string, secure: boolean): string {
  return `${secure ? '__Host-' : ''}lumiere-oidc-${hashOf(state).slice(0, ID_CHARACTERS)}`;
}
