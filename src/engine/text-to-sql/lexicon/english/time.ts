/** English words about numbers, dates and periods. */
import type { TimeUnit, TimeWord } from '../lexicon.js';

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

export const NUMBER_WORDS: ReadonlyMap<string, number> = new Map(
  (
    'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen ' +
    'eighteen nineteen'
  )
    .split(' ')
    .map((word, value): [string, number] => [word, value])
    .concat(
      'twenty thirty forty fifty sixty seventy eighty ninety'
        .split(' ')
        .map((word, index): [string, number] => [word, (index + 2) * 10]),
    )
    .concat([
      ['dozen', 12],
      ['single', 1],
      ['once', 1],
      ['twice', 2],
    ]),
);

export const ORDINALS: ReadonlyMap<string, number> = new Map(
  'first second third fourth fifth sixth seventh eighth ninth tenth'
    .split(' ')
    .flatMap((word, index): [string, number][] => [
      [word, index + 1],
      [`${index + 1}${['st', 'nd', 'rd'][index] ?? 'th'}`, index + 1],
    ]),
);

export const MAGNITUDES: ReadonlyMap<string, number> = new Map([
  ['k', 1e3],
  ['thousand', 1e3],
  ['hundred', 1e2],
  ['m', 1e6],
  ['mn', 1e6],
  ['million', 1e6],
  ['millions', 1e6],
  ['b', 1e9],
  ['bn', 1e9],
  ['billion', 1e9],
  ['billions', 1e9],
]);

/** Spans of time in milliseconds. */
export const DURATIONS: ReadonlyMap<string, number> = new Map(
  (
    [
      [1, 'millisecond milliseconds ms'],
      [1_000, 'second seconds sec secs'],
      [60_000, 'minute minutes min mins'],
      [3_600_000, 'hour hours hr hrs'],
    ] as const
  ).flatMap(([length, names]) => names.split(' ').map((name): [string, number] => [name, length])),
);

export const MONTHS: ReadonlyMap<string, number> = new Map(
  'january february march april may june july august september october november december'
    .split(' ')
    .flatMap((word, index): [string, number][] => [
      [word, index + 1],
      [word.slice(0, 3), index + 1],
    ])
    .concat([['sept', 9]]),
);

export const TIME_UNITS: ReadonlyMap<string, TimeUnit> = new Map([
  ['day', 'day'],
  ['days', 'day'],
  ['week', 'week'],
  ['weeks', 'week'],
  ['month', 'month'],
  ['months', 'month'],
  ['quarter', 'quarter'],
  ['quarters', 'quarter'],
  ['year', 'year'],
  ['years', 'year'],
]);

export const TIME_WORDS: Record<TimeWord, ReadonlySet<string>> = {
  last: words('last past previous prior'),
  this: words('this current'),
  next: words('next coming'),
  since: words('since'),
  before: words('before'),
  after: words('after'),
  until: words('until till through'),
  ago: words('ago'),
  from: words('from between'),
  to: words('to and until through till'),
  in: words('in on of during for the year within'),
  today: words('today'),
  yesterday: words('yesterday'),
  decade: words('s'),
  inclusive: words('inclusive'),
  fiscal: words('fiscal financial'),
  toDate: words('date'),
  onDay: words('on every each'),
};

export const WEEKDAYS: ReadonlyMap<string, readonly number[]> = new Map([
  ...'monday tuesday wednesday thursday friday saturday sunday'
    .split(' ')
    .flatMap((day, index): [string, number[]][] => [
      [day, [index + 1]],
      [`${day}s`, [index + 1]],
    ]),
  ['weekend', [6, 7]],
  ['weekends', [6, 7]],
  ['weekdays', [1, 2, 3, 4, 5]],
  ['workdays', [1, 2, 3, 4, 5]],
]);
