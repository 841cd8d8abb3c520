import { createHash } from 'node:crypto';

/**
 * The key in front of a value whose digest a `hash` mask shows: the digest is the SHA-256, in small hexadecimal digits, of
 * `key:value-as-text` in every engine, so that the same value looks the same everywhere. Made of digits only, it can stand
 * between quotes in every dialect.
 */
export const digestKey = (maskKey: string): string => createHash('sha256').update(maskKey).digest('hex');
