/** Half-open ranges of days as people would say them. */

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const DAY = 86_400_000;

const dayBefore = (date: string): string => new Date(Date.parse(date) - DAY).toISOString().slice(0, 10);
const isYearStart = (date: string): boolean => date.endsWith('-01-01');
const isMonthStart = (date: string): boolean => date.endsWith('-01');
const monthName = (date: string): string => `${MONTHS[Number(date.slice(5, 7)) - 1] ?? ''} ${date.slice(0, 4)}`;

function monthsBetween(from: string, to: string): number {
  return (Number(to.slice(0, 4)) - Number(from.slice(0, 4))) * 12 + Number(to.slice(5, 7)) - Number(from.slice(5, 7));
}

/** "in 2013", "in October 2026", "since May 2023", "before 2024": days from `from` until before `to`, ISO 8601. */
export function periodInWords(from: string | null, to: string | null): string {
  if (from === null) return to === null ? '' : `before ${boundInWords(to)}`;
  if (to === null) return `since ${boundInWords(from)}`;
  const last = dayBefore(to);
  if (last === from) return `on ${from}`;
  if (isYearStart(from) && isYearStart(to)) {
    const lastYear = last.slice(0, 4);
    return lastYear === from.slice(0, 4) ? `in ${lastYear}` : `from ${from.slice(0, 4)} to ${lastYear}`;
  }
  if (isMonthStart(from) && isMonthStart(to)) {
    const months = monthsBetween(from, to);
    if (months === 1) return `in ${monthName(from)}`;
    const month = Number(from.slice(5, 7));
    if (months === 3 && month % 3 === 1)
      return `in the ${QUARTERS[(month - 1) / 3] ?? ''} quarter of ${from.slice(0, 4)}`;
    return `from ${monthName(from)} to ${monthName(last)}`;
  }
  return `from ${from} to ${last}`;
}

const QUARTERS = ['first', 'second', 'third', 'fourth'];

function boundInWords(date: string): string {
  if (isYearStart(date)) return date.slice(0, 4);
  return isMonthStart(date) ? monthName(date) : date;
}
