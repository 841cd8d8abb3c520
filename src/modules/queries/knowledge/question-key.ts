import { createHash } from 'node:crypto';

/**
 * The same for questions that differ in case, spaces and punctuation only. A mark before a digit stays, because it may be
 * the sign or the point of a number, and so do percent signs.
 */
export function questionKeyOf(question: string): string {
  const words = question
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/(?!%)\p{P}(?!\d)/gu, ' ')
    .split(/\s+/u)
    .filter((word) => word !== '');
  return createHash('sha256').update(words.join(' ')).digest('hex');
}
