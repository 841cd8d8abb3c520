/** Figures as a sentence has them. */
import { dateLabel } from '../charts/calendar.js';
import type { Measure } from '../charts/column-profile.js';
import { compactNumber, midSentence } from '../charts/wording.js';
import type { Point, Series } from './measurements.js';

/** A value of a measure: three or more digits, a share in percent. */
export function amount(value: number, { share }: Pick<Measure, 'share'>): string {
  return compactNumber(value, share);
}

/** A difference between two values of a measure, without its sign; between shares in percentage points. */
export function distance(value: number, { share }: Pick<Measure, 'share'>): string {
  const size = Math.abs(value);
  return share ? `${compactNumber(size * 100, false)} percentage points` : compactNumber(size, false);
}

/** A fraction in whole percent, with one digit below 10 %. */
export function percent(fraction: number): string {
  const hundredths = Math.abs(fraction) * 100;
  return `${hundredths.toLocaleString('en-US', { maximumFractionDigits: hundredths < 10 ? 1 : 0 })} %`;
}

/** The name of a measure within a sentence. Values that were put together to periods are called what they became. */
export function measureName({ title, additive, aggregate }: Measure, { points }: Pick<Series, 'points'>): string {
  const name = midSentence(title);
  const isPutTogether = points.some(({ row }) => row === null);
  if (!isPutTogether || aggregate) return name;
  return `${additive ? 'total' : 'average'} ${name}`;
}

export function periodName({ time }: Point, { granularity }: Pick<Series, 'granularity'>): string {
  return dateLabel(time, granularity);
}

/** A figure without the noise of binary fractions: fifteen digits. */
export function figure(value: number): number {
  return Number(value.toPrecision(15));
}
