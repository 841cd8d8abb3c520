/** German number words, as lines of phrases. */
const ONES = 'null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf'.split(' ');
const TEENS = 'dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn'.split(' ');
const TENS = 'zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig'.split(' ');

/** "eins" is "ein" in a compound. */
const joined = (word: string): string => (word === 'eins' ? 'ein' : word);

const BELOW_HUNDRED: readonly (readonly [string, number])[] = [
  ...[...ONES, ...TEENS].map((word, value): [string, number] => [word, value]),
  ...TENS.flatMap((ten, index): [string, number][] =>
    ['', ...ONES.slice(1, 10)].map((one, digit) => [
      one === '' ? ten : `${joined(one)}und${ten}`,
      (index + 2) * 10 + digit,
    ]),
  ),
];

export const NUMBERS = [
  ...BELOW_HUNDRED.map(([word, value]) => `${word} = ${value}`),
  ...ONES.slice(1, 10).flatMap((word, index) => [
    `${joined(word)}hundert = ${index + 1}00`,
    `${joined(word)}tausend = ${index + 1}000`,
  ]),
  'zwo = 2',
  'hundert = 100',
  'tausend | tsd = thousand',
  'million | mio = million',
  'milliarde | mrd = billion',
  'dutzend = dozen',
  'einmal = once',
  'zweimal = twice',
].join('\n');
