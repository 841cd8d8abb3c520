import type { Category, Measure } from '../charts/column-profile.js';
import { capitalised, listed, midSentence } from '../charts/wording.js';
import type { Candidate } from './contract.js';
import { figure, percent } from './phrases.js';
import { concentrationOf } from './statistics/concentration.js';
import { nameOf, type Subject } from './subject.js';

const LEAST_GROUPS = 5;
/** As few groups as hold so much of the total … */
const HALF = 0.5;
/** … are worth naming when they are no larger a part of all groups. */
const LARGEST_PART = 0.25;
const NAMED = 3;

/** Whether a few groups hold most of a total: the share of the largest, Gini and Herfindahl, against a total divided at random. */
export async function concentrationIn(
  subject: Subject,
  category: Category,
  measure: Measure,
): Promise<Candidate | null> {
  if (!measure.additive || measure.share || category.order !== null || subject.truncated) return null;
  const groups = await subject.measurements.groups(category, measure);
  const total = groups?.reduce((sum, group) => sum + group.total, 0) ?? 0;
  if (groups === undefined || groups.length < LEAST_GROUPS || total <= 0) return null;
  const test = concentrationOf(groups.map((group) => group.total));
  let [count, held] = [0, 0];
  while (held < HALF * total && count < groups.length) {
    held += groups[count]?.total ?? 0;
    count += 1;
  }
  const share = held / total;
  const largest = groups.slice(0, count).map(({ name }) => name);
  const name = midSentence(measure.title);
  const by = midSentence(category.title);
  const more = count > NAMED ? [`${count - NAMED} more`] : [];
  return {
    key: `concentration-${category.column}-${measure.column}`,
    type: 'concentration',
    title: `${capitalised(name)} is concentrated on few values of ${by}`,
    sentence:
      `${count} of ${groups.length.toLocaleString('en-US')} values of ${by} ${count === 1 ? 'holds' : 'hold'} ${percent(share)} of all ` +
      `${name} in this result: ${listed([...largest.slice(0, NAMED), ...more])}.`,
    figures: {
      groups: groups.length,
      largest: count,
      share: figure(share),
      largest_share: figure((groups[0]?.total ?? 0) / total),
      total: figure(total),
      gini: figure(test.gini),
      herfindahl: figure(test.herfindahl),
    },
    test: { test: 'Gail–Gastwirth (Gini)', statistic: figure(test.gini), p_value: test.pValue },
    effect: count / groups.length > LARGEST_PART ? null : share - count / groups.length,
    rows: rowsOf(category, largest, subject.measurements.rowCount),
    keys: largest,
    columns: [nameOf(subject, category), nameOf(subject, measure)],
  };
}

/** The rows of the groups, where each group is a row. */
function rowsOf({ values, distinct }: Category, names: readonly string[], rowCount: number): number[] {
  if (distinct !== rowCount || values.length !== rowCount) return [];
  return names.map((name) => values.indexOf(name));
}
