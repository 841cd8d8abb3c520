/** Turns column names into words for axes, legends and titles, and numbers and dates into labels. */
import { harmlessText } from './cells.js';

/** A set of words written one after the other. */
export function wordSet(words: string): Set<string> {
  return new Set(words.trim().split(/\s+/));
}

/** The words of a column name in lower case: `count(orderItems.id)` → `count`, `order`, `items`, `id`. */
export function nameWords(name: string): string[] {
  return name
    .slice(0, 200)
    .replace(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}\p{M}]+/u)
    .filter((word) => word !== '');
}

const AGGREGATE_CALL = /^(?:"?\w+"?\.)?(count|sum|avg|mean|median|min|max)\s*\(\s*(distinct\s+)?(.*)\)$/is;
const AGGREGATE_WORDS: Record<string, string> = {
  sum: 'Total',
  avg: 'Average',
  mean: 'Average',
  median: 'Median',
  min: 'Lowest',
  max: 'Highest',
};
/** Short forms that result columns are full of. */
const LONG_FORMS = new Map([
  ['avg', 'average'],
  ['qty', 'quantity'],
  ['pct', 'percent'],
  ['num', 'number'],
  ['nb', 'number'],
  ['amt', 'amount'],
  ['min', 'lowest'],
  ['max', 'highest'],
]);
const INITIALISMS = wordSet('id uuid url ip usd eur gbp vat gdp kpi sku isbn utc');

/** A column name as a person would write it: `total_quantity` → `Total quantity`, `avg(unit_price)` → `Average unit price`. */
export function readableName(name: string): string {
  const trimmed = name.trim();
  if (/^count_star\(\)$/i.test(trimmed)) return 'Count';
  const call = AGGREGATE_CALL.exec(trimmed);
  if (call) return readableAggregate(call[1] ?? '', call[2] !== undefined, call[3] ?? '');
  // A name with spaces or letters of other scripts was written for people already.
  if (/\s/.test(trimmed) && !/[_()]/.test(trimmed)) return capitalised(harmlessText(trimmed));
  const words = nameWords(trimmed).map((word) =>
    INITIALISMS.has(word) ? word.toUpperCase() : (LONG_FORMS.get(word) ?? word),
  );
  return words.length === 0 ? 'Value' : capitalised(harmlessText(words.join(' ')));
}

function readableAggregate(aggregate: string, distinct: boolean, argument: string): string {
  const subject = argument.trim() === '*' ? '' : nameWords(argument).join(' ');
  const kind = aggregate.toLowerCase();
  if (kind === 'count') {
    if (subject === '') return 'Count';
    return harmlessText(`${distinct ? 'Distinct count' : 'Count'} of ${subject}`);
  }
  return harmlessText(`${AGGREGATE_WORDS[kind] ?? 'Value'} ${subject}`.trim());
}

export function capitalised(text: string): string {
  const [first = ''] = text;
  return first.toUpperCase() + text.slice(first.length);
}

/** The name with a small first letter, for the middle of a sentence; initialisms keep theirs. */
export function midSentence(title: string): string {
  return /^\p{Lu}\p{Ll}/u.test(title) || /^\p{Lu}\s/u.test(title)
    ? (title[0] ?? '').toLowerCase() + title.slice(1)
    : title;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: string[]): string {
  if (items.length <= 1) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`;
}

const SCALES: [number, string][] = [
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'k'],
];

/** A short number for a label beside a mark: 1,234 → `1,234`, 1,234,567 → `1.23M`, 0.1234 (as a share) → `12.3%`. */
export function compactNumber(value: number, share: boolean): string {
  // The minus sign, as the axes have it.
  return shortNumber(value, share).replace(/^-/, '−');
}

function shortNumber(value: number, share: boolean): string {
  const size = Math.abs(value);
  if (share) return `${size >= 0.01 ? tenths(value * 100) : trimmedNumber(value * 100, 2)}%`;
  if (size >= 1e15) return value.toExponential(2);
  if (size >= 1e4) {
    for (const [index, [factor, suffix]] of SCALES.entries()) {
      if (size < factor) continue;
      const rounded = trimmedNumber(value / factor, 3);
      const next = SCALES[index - 1];
      // 999,950 rounds to 1,000k: it is 1M.
      return next && Math.abs(Number(rounded.replaceAll(',', ''))) >= 1000
        ? `${value < 0 ? '-' : ''}1${next[1]}`
        : `${rounded}${suffix}`;
    }
  }
  return Number.isInteger(value) ? value.toLocaleString('en-US') : trimmedNumber(value, size >= 1000 ? 5 : 3);
}

function tenths(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 1 });
}

/** A number with thousands separators, rounded to `digits` significant ones (all digits before the point are kept). */
export function trimmedNumber(value: number, digits: number): string {
  if (value !== 0 && Math.abs(value) < 1e-6) return value.toExponential(2);
  return value.toLocaleString('en-US', {
    maximumSignificantDigits: Math.max(digits, Math.floor(Math.log10(Math.max(1, Math.abs(value)))) + 1),
  });
}

/** Breaks a sentence into at most `maxLines` lines of about `width` characters. */
export function wrapped(text: string, width: number, maxLines: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  if (lines.length <= maxLines) return lines;
  const kept = lines.slice(0, maxLines);
  return [...kept.slice(0, -1), `${kept.at(-1) ?? ''}…`];
}
