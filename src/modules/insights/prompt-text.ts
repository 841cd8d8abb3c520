/**
 * Texts with places to fill in, `{{name}}`. There is nothing else in them: no conditions, loops, paths, escapes or partials.
 * A value goes in as it is and is never looked at for further places, whoever wrote it (docs/decisions/0016-findings-and-prompts.md).
 */
import { DomainError, type FieldError } from '../../platform/errors/domain-error.js';

export const VARIABLE_TYPES = ['text', 'number', 'boolean', 'date'] as const;
export type VariableType = (typeof VARIABLE_TYPES)[number];

/** A place to fill in. */
export interface PromptVariable {
  name: string;
  type: VariableType;
  /** Longest value, in characters. */
  maxLength: number;
}

export const VARIABLE_NAME = /^[a-z][a-z0-9_]{0,49}$/;
/** Longest filled-in text, in characters. */
const LONGEST_TEXT = 200_000;
const PLACE = /\{\{([^{}]*)\}\}/g;

/**
 * Whether a template and its variables belong together.
 *
 * @throws DomainError `validation_failed` when a place has no variable, a variable no place, or braces are left open
 */
export function checkTemplate(template: string, variables: readonly PromptVariable[]): void {
  const declared = new Set(variables.map(({ name }) => name));
  const used = new Set([...template.matchAll(PLACE)].map(([, name = '']) => name));
  const errors: FieldError[] = [];
  const refuse = (field: string, message: string) => errors.push({ field, message });
  if (declared.size < variables.length) refuse('variables', 'name every variable once');
  if (template.replaceAll(PLACE, '').includes('{{')) refuse('template', 'has {{ without a name and }} behind it');
  if ([...used].some((name) => !declared.has(name))) refuse('template', 'has a place that is no variable');
  if ([...declared].some((name) => !used.has(name)))
    refuse('variables', 'has a variable that the template does not use');
  if (errors.length > 0) {
    throw new DomainError('validation_failed', 'Write every place as {{name}} and declare it once as a variable.', {
      errors,
    });
  }
}

/**
 * The text with every place filled in.
 *
 * @param values by variable, all of them and no others
 * @throws DomainError `validation_failed` naming every value that is missing, unknown, of another type or too long
 */
export function fillIn(
  template: string,
  variables: readonly PromptVariable[],
  values: Readonly<Record<string, unknown>>,
): string {
  const given = new Map(Object.entries(values));
  const known = new Set(variables.map(({ name }) => name));
  const errors = [
    ...variables.flatMap((variable) => complaint(variable, given.get(variable.name))),
    // The name may be anything; it is not repeated.
    ...([...given.keys()].every((name) => known.has(name)) ? [] : [unknownValue()]),
  ];
  if (errors.length > 0)
    throw new DomainError('validation_failed', 'Give every variable a value of its type.', { errors });
  const text = template.replaceAll(PLACE, (_, name: string) => String(given.get(name)));
  if (text.length <= LONGEST_TEXT) return text;
  throw new DomainError('validation_failed', `Shorten the values: the text may have ${LONGEST_TEXT} characters.`, {
    errors: [{ field: 'variables', message: 'make the text too long' }],
  });
}

function unknownValue(): FieldError {
  return { field: 'variables', message: 'holds a name that is no variable of this template' };
}

function complaint({ name, type, maxLength }: PromptVariable, value: unknown): FieldError[] {
  const field = `variables.${name}`;
  if (value === undefined) return [{ field, message: 'is missing' }];
  if (!IS_OF_TYPE[type](value)) return [{ field, message: `must be a ${type}` }];
  return lengthOf(value) > maxLength ? [{ field, message: `must have at most ${maxLength} characters` }] : [];
}

function lengthOf(value: unknown): number {
  return typeof value === 'string' ? value.length : JSON.stringify(value).length;
}

const IS_OF_TYPE: Record<VariableType, (value: unknown) => boolean> = {
  text: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number' && Number.isFinite(value),
  boolean: (value) => typeof value === 'boolean',
  date: (value) => typeof value === 'string' && isDate(value),
};

/** A date of the calendar, as ISO 8601 has it. */
function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
