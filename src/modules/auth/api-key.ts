/** What an API key looks like, and what is kept of it. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const PREFIX_BYTES = 5;
const SECRET_BYTES = 32;
const KEY = /^(lum_[0-9a-f]{10})_[\w-]{43}$/;

/** A new key, `lum_<10 hexadecimal digits>_<43 characters>`: the first part finds it, the rest is 256 random bits. */
export function newKey(): { key: string; prefix: string; hash: string } {
  const prefix = `lum_${randomBytes(PREFIX_BYTES).toString('hex')}`;
  const key = `${prefix}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { key, prefix, hash: hashOf(key) };
}

/** The part by which a key is found; null when the text is no key at all. */
export function prefixOf(key: string): string | null {
  return KEY.exec(key)?.[1] ?? null;
}

/** Whether a stored hash is the key's, in a time that does not tell how much of it is right. */
export function matches(key: string, hash: string): boolean {
  return timingSafeEqual(Buffer.from(hashOf(key)), Buffer.from(hash));
}

/** SHA-256, hexadecimal. Enough for 256 random bits, which nobody can guess; passwords need more. */
function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
