import { median as medianOf } from './statistics/order.js';
import type { Measure } from '../charts/column-profile.js';
import type { Granularity } from '../charts/calendar.js';
import { capitalised } from '../charts/wording.js';
import type { Candidate } from './contract.js';
import { cycleOf, periodOf, periodWord } from './periods.js';
import { distance, figure, measureName, percent, periodName } from './phrases.js';
import { mannKendall, theilSenSlope } from './statistics/mann-kendall.js';
import { nameOf, type Subject, wholeSeries } from './subject.js';

/** Fewer periods are no trend: whole cycles where there are any, so that half a season is not taken for one. */
const LEAST_PERIODS: Record<Granularity, number> = { year: 8, quarter: 8, month: 12, day: 14, minute: 20, second: 20 };

/** From so many cycles on each period is compared with the same one of other cycles only. */
const CYCLES_TO_COMPARE = 3;

/** Whether a measure rises or falls over time: Mann–Kendall, by season where there are enough, with the slope of Theil and Sen. */
export async function trendOf(subject: Subject, measure: Measure): Promise<Candidate | null> {
  const series = await wholeSeries(subject, measure);
  if (series === undefined) return null;
  const { granularity, points, time } = series;
  const [first, last] = [points.at(0), points.at(-1)];
  if (first === undefined || last === undefined || points.length < LEAST_PERIODS[granularity]) return null;
  const positioned = points.map(({ time: at, value }) => ({ position: periodOf(at, granularity), value }));
  const span = periodOf(last.time, granularity) - periodOf(first.time, granularity);
  const cycle = cycleOf(granularity);
  const seasons = cycle > 1 && points.length >= cycle * CYCLES_TO_COMPARE ? cycle : 1;
  const test = mannKendall(positioned, seasons);
  const slope = theilSenSlope(positioned, seasons);
  const level = medianOf(points.map(({ value }) => Math.abs(value)));
  const relative = level === 0 ? null : (slope * span) / level;
  const verb = slope > 0 ? 'rises' : 'falls';
  const name = measureName(measure, series);
  const by = `by about ${distance(slope, measure)} a ${granularity}`;
  const overall = relative === null ? '' : `, which is ${percent(relative)} of its usual level over the whole time`;
  const season = seasons > 1 ? ', seasons allowed for' : '';
  return {
    key: `trend-${time.column}-${measure.column}`,
    type: 'trend',
    title: `${capitalised(name)} ${verb}`,
    sentence:
      `${capitalised(name)} ${verb} ${by} over ${span + 1} ${periodWord(granularity, span + 1)}, ` +
      `from ${periodName(first, series)} to ${periodName(last, series)}${overall}${season}.`,
    figures: {
      slope_per_period: figure(slope),
      period: granularity,
      periods: points.length,
      first: figure(first.value),
      last: figure(last.value),
      relative_change: relative === null ? null : figure(relative),
      tau: figure(test.tau),
      last_period_left_out: series.lastIsPartial,
    },
    test: {
      test: seasons > 1 ? 'seasonal Kendall' : 'Mann–Kendall',
      statistic: figure(test.z),
      p_value: test.pValue,
    },
    effect: slope === 0 ? null : Math.abs(test.tau),
    rows: points.flatMap(({ row }) => (row === null ? [] : [row])),
    keys: [periodName(first, series), periodName(last, series)],
    columns: [nameOf(subject, time), nameOf(subject, measure)],
  };
}
