/** One number, large. */
import type { ProfiledTable } from '../column-profile.js';
import { INK, MUTED_INK, PRIMARY_COLOUR } from '../theme.js';
import { compactNumber, midSentence, trimmedNumber } from '../wording.js';
import { dimensionOf, fullNumberFormat, type Drawing, type NotDrawable } from './drawing.js';

/** The single value of the result, with what it counts and, where the row has one, its name. */
export function drawNumber(table: ProfiledTable): Drawing | NotDrawable {
  const [measure] = table.measures;
  const value = measure?.values[0];
  if (!measure || table.rowCount !== 1 || value === null || value === undefined) {
    return { needs: 'a single number needs a result of one row with a number column.' };
  }
  const name = [...table.times, ...table.categories].map((profile) => dimensionOf(profile).values[0] ?? '').join(' · ');
  const exact = measure.share ? compactNumber(value, true) : trimmedNumber(value, 6);
  const figure = exact.length > 13 ? compactNumber(value, measure.share) : exact;
  const caption = figure === exact ? measure.title : `${measure.title}: ${exact}`;
  return {
    type: 'number',
    title: name === '' ? measure.title : `${name}: ${midSentence(measure.title)}`,
    reason: 'The result is a single number.',
    height: 150,
    rows: [
      {
        [measure.field]: value,
        value_label: figure,
        label: name === '' ? caption : name,
        series: name === '' ? '' : caption,
      },
    ],
    view: {
      layer: [
        line('value_label', { fontSize: 60, fontWeight: 'bold', color: PRIMARY_COLOUR, dy: -16 }),
        line('label', { fontSize: 15, color: INK, dy: 34 }),
        line('series', { fontSize: 13, color: MUTED_INK, dy: 56 }),
      ],
      encoding: {
        tooltip: [
          { field: measure.field, type: 'quantitative', title: measure.title, format: fullNumberFormat(measure) },
        ],
      },
    },
  };
}

function line(field: string, mark: Record<string, unknown>): Record<string, unknown> {
  return {
    mark: { type: 'text', align: 'center', baseline: 'middle', limit: 660, ...mark },
    encoding: { text: { field, type: 'nominal' } },
  };
}
