import { ValidateIf } from 'class-validator';

/** The field may be left out. Unlike with `IsOptional`, null is a value like any other, and refused where the type has none. */
export function MayBeAbsent(): PropertyDecorator {
  return ValidateIf((_, value) => value !== undefined);
}
