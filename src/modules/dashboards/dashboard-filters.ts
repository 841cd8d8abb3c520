/** What whoever looks at a dashboard can choose, and what they have chosen. */
import { type ConditionKind, isValueOf } from '../../engine/text-to-sql/index.js';
import { DomainError, type FieldError } from '../../platform/errors/domain-error.js';
import type { FilterChoices, FilterColumn, TableFilter } from '../queries/index.js';

/** Something to choose: rows of a table, by one of its columns. It is heeded by every chart that reads the table. */
export interface FilterDefinition extends FilterColumn {
  /** As requests call it. */
  name: string;
  /** As people call it. */
  label: string;
  dataSourceId: number;
  kind: ConditionKind;
  /** What holds when nothing is chosen, as it is written in requests, without the name. */
  presets: string[];
}

/** A filter that holds. */
export interface FilterSetting {
  definition: FilterDefinition;
  values?: string[];
  from?: string;
  to?: string;
}

const MOST_VALUES = 100;

/**
 * What holds: what was chosen, or else the preset, and in any case what is locked.
 *
 * @param chosen `name:value`, once for each value; `name:from..to` for a range; `name:` for everything
 * @throws DomainError `validation_failed` for a name that the dashboard does not have, chosen or locked, and for a choice that is locked
 */
export function settingsOf(
  definitions: readonly FilterDefinition[],
  chosen: readonly string[],
  locked: readonly string[] = [],
): FilterSetting[] {
  const [given, fixed] = [byName(chosen), byName(locked)];
  const names = new Set(definitions.map(({ name }) => name));
  const errors: FieldError[] = [...given.keys()].flatMap((name) => [
    ...(names.has(name) ? [] : [{ field: 'filter', message: `there is no filter ${JSON.stringify(name)}` }]),
    ...(fixed.has(name) ? [{ field: 'filter', message: `${JSON.stringify(name)} cannot be changed here` }] : []),
  ]);
  // What is locked and not there would let everything through.
  for (const name of fixed.keys())
    if (!names.has(name))
      errors.push({ field: 'filter', message: `there is no filter ${JSON.stringify(name)} to lock` });
  if (errors.length > 0) throw refused(errors);
  return definitions.flatMap((definition) => {
    const wanted = fixed.get(definition.name) ?? given.get(definition.name) ?? definition.presets;
    return settingOf(definition, wanted) ?? [];
  });
}

/** The filters as they are set, for those that are about one source. */
export function tableFiltersOf(settings: readonly FilterSetting[], dataSourceId: number): TableFilter[] {
  return settings
    .filter(({ definition }) => definition.dataSourceId === dataSourceId)
    .map(({ definition: { table, column }, values, from, to }) => ({
      table,
      column,
      ...(values === undefined ? { from, to } : { values }),
    }));
}

/** @throws DomainError `validation_failed` when the kind or the preset does not fit the column */
export function checkDefinition(definition: FilterDefinition, { kinds, type }: FilterChoices): void {
  const refuse = (message: string) => {
    throw refused([{ field: 'filters', message: `${definition.name}: ${message}` }]);
  };
  if (!kinds.includes(definition.kind)) refuse(`a column of type ${type} is filtered by ${kinds.join(' or ')}`);
  const preset = settingOf(definition, definition.presets);
  const values = [...(preset?.values ?? []), preset?.from, preset?.to].filter((value) => value !== undefined);
  if (values.some((value) => !isValueOf(type, value))) refuse(`its preset has what is no value of type ${type}`);
}

/** Refuses values that do not fit the column, before anything is read. */
export function checkSetting({ definition, values = [], from, to }: FilterSetting, { type }: FilterChoices): void {
  const given = [...values, ...[from, to].filter((value) => value !== undefined)];
  if (given.every((value) => isValueOf(type, value))) return;
  throw refused([{ field: 'filter', message: `${definition.name} takes values of type ${type}` }]);
}

/** A setting in words. */
export function inWords({ definition: { label }, values, from, to }: FilterSetting): string {
  if (values !== undefined) return `${label}: ${values.join(', ')}`;
  if (from === undefined) return `${label}: up to ${to ?? ''}`;
  return to === undefined ? `${label}: from ${from}` : `${label}: ${from} to ${to}`;
}

function byName(written: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const text of written) {
    const colon = text.indexOf(':');
    if (colon < 1) throw refused([{ field: 'filter', message: 'is written name:value, or name:from..to' }]);
    const name = text.slice(0, colon);
    found.set(name, [...(found.get(name) ?? []), text.slice(colon + 1)]);
  }
  return found;
}

/** Null when everything is wanted. */
function settingOf(definition: FilterDefinition, written: readonly string[]): FilterSetting | null {
  const wanted = written.filter((value) => value !== '');
  if (wanted.length > MOST_VALUES) {
    throw refused([{ field: 'filter', message: `${definition.name} takes ${MOST_VALUES} values at most` }]);
  }
  if (wanted.length === 0) return null;
  if (definition.kind === 'values') return { definition, values: [...new Set(wanted)].sort() };
  const [range = '', ...more] = wanted;
  const [from = '', to = '', ...rest] = range.split('..');
  if (more.length > 0 || rest.length > 0 || !range.includes('..')) {
    throw refused([{ field: 'filter', message: `${definition.name} takes one range, written from..to` }]);
  }
  if (from === '' && to === '') return null;
  return { definition, ...(from === '' ? {} : { from }), ...(to === '' ? {} : { to }) };
}

function refused(errors: FieldError[]): DomainError {
  return new DomainError(
    'validation_failed',
    'Choose among the filters of this dashboard, with values that they can take.',
    {
      errors,
    },
  );
}
