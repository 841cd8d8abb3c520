/** Shares of a whole as a ring. */
import type { ProfiledTable } from '../column-profile.js';
import { midSentence } from '../wording.js';
import { dimensionOf, fullNumberFormat, tellsRowsApart, type Drawing, type NotDrawable } from './drawing.js';

const MAX_SLICES = 8;

/** A slice for each category, the largest first; beyond eight the small ones become "Other". */
export function drawPie(table: ProfiledTable): Drawing | NotDrawable {
  const [measure] = table.measures;
  const profile = table.categories[0] ?? table.times[0];
  if (!measure || !profile || !tellsRowsApart(profile) || table.rowCount < 2) {
    return { needs: 'a pie chart needs one column that names each row once, and one number column.' };
  }
  const dimension = dimensionOf(profile);
  const total = measure.values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  if (measure.min < 0 || total <= 0)
    return { needs: 'a pie chart needs numbers that are not negative and add up to more than zero.' };
  const slices = dimension.values
    .map((label, row) => ({ label, value: measure.values[row] ?? 0 }))
    .sort((a, b) => b.value - a.value);
  if (slices.length > MAX_SLICES) {
    if (!measure.additive)
      return { needs: `a pie chart of ${MAX_SLICES} slices at most, or a column of amounts that add up.` };
    const rest = slices.splice(MAX_SLICES - 1);
    slices.push({
      label: `Other (${rest.length.toLocaleString('en-US')})`,
      value: rest.reduce((sum, { value }) => sum + value, 0),
    });
  }
  const rows = slices.map(({ label, value }, rank) => ({
    [dimension.field]: label,
    [measure.field]: value,
    rank,
    label: sliceLabel(label, value / total),
  }));
  const labels = slices.map(({ label, value }) => sliceLabel(label, value / total));
  const slicesOther = dimension.distinct > slices.length;
  return {
    type: 'pie',
    title: `${measure.title} by ${midSentence(dimension.title)}`,
    reason: `Each ${midSentence(dimension.title)} as a share of the whole${slicesOther ? '; the smallest are drawn together as "Other"' : ''}.`,
    height: null,
    width: 600,
    rows,
    view: {
      mark: { type: 'arc', innerRadius: 78, outerRadius: 142, padAngle: 0.012, cornerRadius: 2 },
      encoding: {
        theta: { field: measure.field, type: 'quantitative', stack: true },
        order: { field: 'rank', type: 'quantitative' },
        color: {
          field: 'label',
          type: 'nominal',
          sort: null,
          scale: { domain: labels },
          legend: {
            title: null,
            orient: 'right',
            offset: 24,
            labelFontSize: 12.5,
            symbolType: 'circle',
            rowPadding: 9,
            labelLimit: 260,
          },
        },
        tooltip: [
          { field: dimension.field, type: 'nominal', title: dimension.title },
          { field: measure.field, type: 'quantitative', title: measure.title, format: fullNumberFormat(measure) },
          { field: 'label', type: 'nominal', title: 'Share' },
        ],
      },
    },
  };
}

function sliceLabel(name: string, share: number): string {
  return `${name}: ${(share * 100).toLocaleString('en-US', { maximumFractionDigits: share < 0.001 ? 3 : 1 })}%`;
}
