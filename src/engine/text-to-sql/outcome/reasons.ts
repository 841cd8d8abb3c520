/** Why there is no answer, in a sentence that says what to do. */
import type { SchemaIndex } from '../evidence/schema-index.js';
import type { PlanningFailure } from '../planning/plan-context.js';
import type { Segment } from '../reading/segments.js';

export const NO_TABLES = 'The data source has no tables. Upload a file or connect a database with tables first.';
export const NOTHING_BEFORE =
  'The question before was not answered, so there is nothing that this one could go on from. Ask the whole question.';

export const NOTHING_YET =
  'Nothing was asked before that this could go on from. Ask the whole question, for example how many rows there are by month.';
export const NOTHING_TO_EDIT =
  'What was asked before has nothing that could be changed in this way. Say what to show, by what to sort or group, or which rows are meant.';
export const NO_REASONS =
  'The data says what happened and not why. Divide the figure to see what it is made of, for example “by month” or “by country”, or compare it with another year.';

export function dividesNothing(phrase: string): string {
  return `It is not said what is to be worked out by ${phrase}. Ask the whole question, for example “number of … by ${phrase}”.`;
}

export function unclearReason(unclear: readonly string[]): string {
  const quoted = unclear.slice(0, 3).map((word) => `“${word}”`);
  return `It is not clear what ${quoted.join(', ')} is to do in the question. Say what to show, by what to sort or group, or what to compare it with.`;
}

export function missingReason(missing: readonly string[], schema: SchemaIndex): string {
  const quoted = missing.slice(0, 3).map((word) => `“${word}”`);
  const what =
    quoted.length > 0
      ? `Nothing in the data matches ${quoted.join(', ')}.`
      : 'The question was understood too loosely for an answer to be trusted. Ask for one thing at a time, in the words the tables use.';
  return `${what} ${whatThereIs(schema)}`;
}

function whatThereIs(schema: SchemaIndex): string {
  const tables = schema.tables.slice(0, 5).map((entry) => `\`${entry.table.name}\``);
  return `You could ask about ${tables.join(', ')}.`;
}

export function failureReason(failure: PlanningFailure, segments: readonly Segment[], schema: SchemaIndex): string {
  const unknown = segments.filter(
    (segment) =>
      segment.mark === null &&
      segment.cue === null &&
      segment.names.length + segment.values.length === 0 &&
      segment.number === null &&
      segment.period === null,
  );
  switch (failure.reason) {
    case 'nothing-asked':
      return missingReason(
        unknown.map((segment) => segment.phrase),
        schema,
      );
    case 'unrelated':
      return `The question needs tables that nothing relates to each other (${failure.phrase}). Add a relationship between them, or ask about one of them. ${whatThereIs(schema)}`;
    case 'double-counting':
      return `The total of ${failure.phrase} would count some rows several times when it is divided this way. Divide it by something that each of its rows belongs to once.`;
    case 'left-out':
      return `Some rows of \`${failure.phrase}\` have nothing that the other figure is worked out from, and would not be counted beside it. Ask for one of the two at a time.`;
    case 'not-grouped':
      return `What is worked out has no one \`${failure.phrase}\` to be sorted by. Sort by what is shown, or divide by it as well.`;
    case 'undated':
      return `Nothing in \`${failure.phrase}\` says when: it has no column of dates. Ask for a development of something that has one.`;
    case 'unranked':
      return `It is not said what “${failure.phrase}” ranks by. Add a measure, for example “top 5 products by price”.`;
    case 'unspread':
      return `It is not said what “${failure.phrase}” is the average over. Say for each of what, for example “average revenue per order”.`;
    case 'uncounted':
      return `“${failure.phrase}” may be the different ones or how many of them in all. Ask “how many different …”, or for the total quantity.`;
    case 'parts':
      return `“${failure.phrase}” holds parts of a whole, which cannot be added up. Ask for their average.`;
    case 'unknown-column':
      return `No column was found for “${failure.phrase}”. ${whatThereIs(schema)}`;
    case 'unknown-value':
      return `The value “${failure.phrase}” was not found in the data. Check its spelling, or say which column it belongs to.`;
    case 'contradiction':
      return `No row can be “${failure.phrase}” and something else of the same kind at once. Ask for one or the other, or compare them with “versus”.`;
    case 'unsupported':
      return `“${failure.phrase}” cannot be worked out from the data that is there. Ask for a number or a column that the data holds.`;
  }
}
