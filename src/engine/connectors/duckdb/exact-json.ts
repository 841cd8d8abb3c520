import type { CellValue } from '../../charts/contract.js';

/** A number that may have more digits than a double keeps, or be beyond its range. */
const SUSPICIOUS = /[\d.]{16}|\d[eE][+-]?\d{3}/;
/** A text, which is left as it is, or a number. */
const TEXT_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * Parses JSON with every number as it was written: those that a JSON number of JavaScript would change, and integers beyond
 * 2^53, become strings.
 *
 * @throws SyntaxError when the text is no JSON
 */
export function parseExactly(text: string): CellValue {
  const rounded = JSON.parse(text) as CellValue;
  if (!SUSPICIOUS.test(text)) return rounded;
  return JSON.parse(text.replace(TEXT_OR_NUMBER, (token) => withAllDigits(token))) as CellValue;
}

function withAllDigits(token: string): string {
  if (token.startsWith('"')) return token;
  const number = Number(token);
  const isKept = /^-?\d+$/.test(token) ? Number.isSafeInteger(number) : sameDigits(token, String(number));
  return isKept ? token : `"${token}"`;
}

/** Whether two spellings are of the same decimal number. */
function sameDigits(one: string, other: string): boolean {
  return normalised(one) === normalised(other);
}

/** Digits without zeros around them, and the power of ten of the first one. */
function normalised(spelling: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(spelling) ?? [];
  const digits = `${whole}${fraction}`;
  const first = digits.search(/[1-9]/);
  if (first < 0) return digits === '' ? spelling : '0';
  return `${sign}${digits.slice(first).replace(/0+$/, '')}e${Number(exponent) + whole.length - first}`;
}
