/** Vietnamese number words, as lines of phrases. */
const ONES = 'không một hai ba bốn năm sáu bảy tám chín'.split(' ');
/** What some digits are called behind tens: "hai mươi mốt", "hai mươi lăm". */
const BEHIND_TENS: Record<number, string> = { 1: 'mốt', 4: 'tư', 5: 'lăm' };

const TENS = Array.from({ length: 9 }, (_, index) => (index === 0 ? 'mười' : `${ONES[index + 1] ?? ''} mươi`));

export const NUMBERS = [
  // "không" alone is "not", "năm" is a year far more often than five.
  ...ONES.flatMap((word, value) => (value === 0 || value === 5 ? [] : [`${word} = ${value}`])),
  ...TENS.flatMap((ten, index) =>
    ONES.map((one, digit) => {
      const last = index === 0 && digit !== 5 ? one : (BEHIND_TENS[digit] ?? one);
      return digit === 0 ? `${ten} = ${(index + 1) * 10}` : `${ten} ${last} = ${(index + 1) * 10 + digit}`;
    }),
  ),
  'trăm = hundred',
  ...ONES.slice(1).map((one, index) => `${one} trăm = ${(index + 1) * 100}`),
  'nghìn | ngàn = thousand',
  ...ONES.slice(1).map((one, index) => `${one} nghìn | ${one} ngàn = ${(index + 1) * 1000}`),
  'triệu = million',
  'tỷ | tỉ = billion',
].join('\n');
