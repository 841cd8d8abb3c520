import { buildMessage, ValidateBy } from 'class-validator';

const MOST_LABELS = 20;
const LONGEST_NAME = 100;
const LONGEST_VALUE = 500;

/** An object of texts by name, a few and short. */
export function IsLabels(): PropertyDecorator {
  return ValidateBy({
    name: 'isLabels',
    validator: {
      validate: areLabels,
      defaultMessage: buildMessage(
        (prefix) =>
          `${prefix}$property must be an object of at most ${MOST_LABELS} texts of up to ${LONGEST_VALUE} characters, by name`,
      ),
    },
  });
}

function areLabels(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const labels: [string, unknown][] = Object.entries(value);
  return (
    labels.length <= MOST_LABELS &&
    labels.every(
      ([name, label]) => name.length <= LONGEST_NAME && typeof label === 'string' && label.length <= LONGEST_VALUE,
    )
  );
}
