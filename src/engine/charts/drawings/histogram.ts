/** How often the values of one measure fall into each of a few equal steps. */
import type { ProfiledTable } from '../column-profile.js';
import { midSentence, trimmedNumber } from '../wording.js';
import { measureAxis, type Drawing, type NotDrawable } from './drawing.js';

/** The bins are counted here over all rows, so that a large result needs no more data in the specification than a small one. */
export function drawHistogram(table: ProfiledTable): Drawing | NotDrawable {
  const [measure] = table.measures;
  const values = (measure?.values ?? []).filter((value) => value !== null);
  if (!measure || values.length < 2 || measure.distinct < 2) {
    return { needs: 'a histogram needs a number column with at least two different values.' };
  }
  const step = binStep(values, measure.min, measure.max, measure.whole);
  const first = Math.floor(measure.min / step);
  const counts = new Map<number, number>();
  for (const value of values) {
    const bin = Math.floor(value / step) - first;
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  const last = Math.floor(measure.max / step) - first;
  const edge = (bin: number) => Number(((first + bin) * step).toPrecision(12));
  const rows = Array.from({ length: last + 1 }, (_, bin) => ({
    bin_start: edge(bin),
    bin_end: edge(bin + 1),
    value: counts.get(bin) ?? 0,
    label: `${trimmedNumber(edge(bin), 6)} to ${trimmedNumber(edge(bin + 1), 6)}`,
  }));
  return {
    type: 'histogram',
    title: `Distribution of ${midSentence(measure.title)}`,
    reason: `How many of ${values.length.toLocaleString('en-US')} rows fall into each range of ${midSentence(measure.title)}.`,
    height: null,
    rows,
    view: {
      mark: { type: 'rect', strokeWidth: 1, stroke: '#ffffff' },
      encoding: {
        x: {
          field: 'bin_start',
          type: 'quantitative',
          scale: { zero: false, nice: false, domain: [edge(0), edge(last + 1)] },
          axis: { ...measureAxis([measure], measure.title), grid: false, labelOverlap: 'greedy' },
        },
        x2: { field: 'bin_end' },
        y2: { datum: 0 },
        y: { field: 'value', type: 'quantitative', scale: { zero: true }, axis: { title: 'Rows', tickMinStep: 1 } },
        tooltip: [
          { field: 'label', type: 'nominal', title: measure.title },
          { field: 'value', type: 'quantitative', title: 'Rows', format: ',d' },
        ],
      },
    },
  };
}

/**
 * A round bin width near the rule of Freedman and Diaconis (1981), for 5 to 40 bins; whole numbers get whole widths.
 */
function binStep(values: number[], min: number, max: number, whole: boolean): number {
  const sorted = [...values].sort((a, b) => a - b);
  const quantile = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? min;
  const width = (2 * (quantile(0.75) - quantile(0.25))) / Math.cbrt(values.length);
  const bounded = Math.min(Math.max(width, (max - min) / 40), (max - min) / 5);
  const power = 10 ** Math.floor(Math.log10(bounded));
  const step =
    [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= bounded * 0.999) ?? power * 10;
  return whole ? Math.max(1, Math.round(step)) : step;
}
