/** Calls of standard SQL with words between their arguments. */
import type { Reader, SpecialForm } from './dialect.js';
import { behindComma, emptyCall } from './expressions.js';
import type { Argument, Expression } from './tree.js';

/** `CAST(x AS type)`, from behind a value that was read already. */
export function castForm(reader: Reader, name: string, read?: Expression): Expression {
  const { cursor } = reader;
  const value = read ?? reader.expression();
  cursor.expectPhrase('AS');
  const type = reader.type();
  cursor.expectSign(')');
  return { kind: 'cast', word: name.toUpperCase(), value, type };
}

/** A call that is no more than its arguments, where its name may also be another. */
export const plainForm: SpecialForm = (reader, name) => finished(reader, name, reader.expressions().map(behindComma));

/** `EXTRACT(YEAR FROM x)`. */
export const extractForm: SpecialForm = (reader, name) => {
  const lead = `${reader.unit()} FROM`;
  reader.cursor.expectPhrase('FROM');
  return finished(reader, name, [{ join: '', lead, value: reader.expression() }]);
};

/** `TRIM(x)`, `TRIM(LEADING 'a' FROM x)`. */
export const trimForm: SpecialForm = (reader, name) => {
  const { cursor } = reader;
  const lead = cursor.takeOneOf(['LEADING', 'TRAILING', 'BOTH']) ?? '';
  if (cursor.takePhrase('FROM'))
    return finished(reader, name, [{ join: '', lead: `${lead} FROM`, value: reader.expression() }]);
  const first: Argument = { join: '', lead, value: reader.expression() };
  const second = cursor.takePhrase('FROM') ? ' FROM ' : cursor.takeSign(',') ? ', ' : null;
  return finished(
    reader,
    name,
    second === null ? [first] : [first, { join: second, lead: '', value: reader.expression() }],
  );
};

/** `POSITION('a' IN x)`. */
export const positionForm: SpecialForm = (reader, name) => {
  const { cursor } = reader;
  const first: Argument = { join: '', lead: '', value: reader.expression('IN') };
  if (cursor.takePhrase('IN'))
    return finished(reader, name, [first, { join: ' IN ', lead: '', value: reader.expression() }]);
  const others = cursor.takeSign(',') ? reader.expressions().map((value) => ({ join: ', ', lead: '', value })) : [];
  return finished(reader, name, [first, ...others]);
};

/** `SUBSTRING(x, 1, 2)`, `SUBSTRING(x FROM 1 FOR 2)`. */
export const substringForm: SpecialForm = (reader, name) => {
  const { cursor } = reader;
  const args: Argument[] = [{ join: '', lead: '', value: reader.expression() }];
  for (;;) {
    const join = cursor.takeSign(',')
      ? ', '
      : cursor.takePhrase('FROM')
        ? ' FROM '
        : cursor.takePhrase('FOR')
          ? ' FOR '
          : null;
    if (join === null) return finished(reader, name, args);
    args.push({ join, lead: '', value: reader.expression() });
  }
};

/** `TIMESTAMPDIFF(DAY, a, b)`; the unit may also be written as a value. */
export const unitFirstForm: SpecialForm = (reader, name) => {
  const { cursor } = reader;
  const isUnit = cursor.dialect.units.has(cursor.peek().word) && cursor.isSign(',', 1);
  if (!isUnit) return finished(reader, name, reader.expressions().map(behindComma));
  const lead = reader.unit();
  cursor.expectSign(',');
  const rest = reader.expressions().map((value) => ({ join: ', ', lead: '', value }));
  return finished(reader, name, [{ join: '', lead, value: null }, ...rest]);
};

/** A call whose arguments were read, with what stands behind its brackets. */
export function finished(reader: Reader, name: string, args: Argument[], inside = ''): Expression {
  reader.cursor.expectSign(')');
  return reader.callEnd({ ...emptyCall(name), args, inside });
}
