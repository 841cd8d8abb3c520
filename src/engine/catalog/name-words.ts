/** The words that a name of a table or column is made of. */

/** Words that only say "this is a key" and nothing of what it is a key of. */
const KEY_WORDS = new Set(['id', 'key', 'code', 'no', 'nr', 'num', 'number', 'uuid', 'guid', 'pk', 'fk', 'sk', 'ref']);

/**
 * Splits a name into lower-case singular words: `OrderDetails`, `order_details` and `order-detail` are all `order detail`,
 * and `customerID` is `customer id`.
 */
export function nameWords(name: string): string[] {
  const words = name
    .normalize('NFKC')
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  return words.map(singular);
}

export function isKeyWord(word: string): boolean {
  return KEY_WORDS.has(word);
}

/** The words without the key words at their end: of `customer id`, `customer`. */
export function stem(words: readonly string[]): string[] {
  let end = words.length;
  while (end > 0 && isKeyWord(words[end - 1] ?? '')) end -= 1;
  return words.slice(0, end);
}

function singular(word: string): string {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (word.length > 4 && /(ss|x|ch|sh|z)es$/.test(word)) return word.slice(0, -2);
  if (word.length > 3 && word.endsWith('s') && !/(ss|us|is)$/.test(word)) return word.slice(0, -1);
  return word;
}
