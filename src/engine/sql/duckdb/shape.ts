/** A small vocabulary to describe which objects may occur in a tree, and where its nodes hang. */
import { EngineError } from '../../errors.js';

/** A value that is not understood is refused, so every field of every node is described by one of these. */
export type Shape =
  | { kind: 'text' }
  | { kind: 'flag' }
  | { kind: 'integer' }
  | { kind: 'number' }
  | { kind: 'null' }
  | { kind: 'word'; words: ReadonlySet<string>; what: string }
  | { kind: 'optional'; of: Shape }
  | { kind: 'list'; of: Shape }
  | { kind: 'none'; what: string }
  | { kind: 'record'; fields: Fields }
  | { kind: 'lazy'; of: () => Shape }
  | { kind: 'either'; of: (value: unknown) => Shape }
  | { kind: 'node'; family: Family };

/** The families of nodes that can be told apart only by where they hang. */
export type Family = 'expression' | 'query' | 'table' | 'modifier';

export const text: Shape = { kind: 'text' };
export const flag: Shape = { kind: 'flag' };
export const integer: Shape = { kind: 'integer' };
/** Any number, also one that a double cannot hold. */
export const number: Shape = { kind: 'number' };
export const nothing: Shape = { kind: 'null' };
/** One of a few words, written `A | B | C`. */
export const word = (what: string, words: string): Shape => ({
  kind: 'word',
  words: new Set(words.split('|').map((one) => one.trim())),
  what,
});
export const optional = (of: Shape): Shape => ({ kind: 'optional', of });
export const list = (of: Shape): Shape => ({ kind: 'list', of });
/** A list that must be empty; `what` names the construct that would fill it. */
export const none = (what: string): Shape => ({ kind: 'none', what });
export const record = (fields: Fields): Shape => ({ kind: 'record', fields });
export const lazy = (of: () => Shape): Shape => ({ kind: 'lazy', of });
/** Chooses the shape by looking at the value. */
export const either = (of: (value: unknown) => Shape): Shape => ({ kind: 'either', of });
export const node = (family: Family): Shape => ({ kind: 'node', family });

/** The fields of a kind of object. */
export type Fields = Record<string, Shape>;

/** Adds to every rule the fields that its whole family has. */
export const withFields = (common: Fields, rules: Record<string, Fields>): Record<string, Fields> =>
  Object.fromEntries(Object.entries(rules).map(([name, fields]) => [name, { ...common, ...fields }]));

/** @throws EngineError `sql_construct_not_allowed` when there is no rule of that name; `what` says what it would be */
export function lookUpFields(rules: Record<string, Fields>, name: unknown, what: string): Fields {
  const fields = typeof name === 'string' && Object.hasOwn(rules, name) ? rules[name] : undefined;
  return fields ?? refuseConstruct(`${what} ${String(name)}`);
}

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws EngineError `sql_construct_not_allowed` always */
export function refuseConstruct(what: string): never {
  throw new EngineError('sql_construct_not_allowed', `${what} is not allowed here. Rewrite the query without it.`);
}

/** Called with every tree node that a value holds. */
type Visit = (family: Family, node: JsonObject) => void;

/**
 * Checks that an object has exactly these fields and hands every tree node in them to `visit`, in the order of the fields.
 *
 * @param where names the object for the message of a refusal
 * @throws EngineError `sql_construct_not_allowed` for a field or value that is not described
 */
export function checkFields(fields: Fields, value: JsonObject, where: string, visit: Visit): void {
  for (const key of Object.keys(value)) if (!Object.hasOwn(fields, key)) refusePart(`${where}.${key}`);
  for (const key in fields) {
    const shape = fields[key];
    if (shape !== undefined) checkShape(shape, value[key], where, visit);
  }
}

function checkShape(shape: Shape, value: unknown, where: string, visit: Visit): void {
  switch (shape.kind) {
    case 'text':
      return expect(typeof value === 'string', where);
    case 'flag':
      return expect(typeof value === 'boolean', where);
    case 'integer':
      return expect(Number.isInteger(value), where);
    case 'number':
      return expect(isNumber(value), where);
    case 'null':
      return expect(value === null, where);
    case 'word':
      if (typeof value !== 'string' || !shape.words.has(value)) refuseConstruct(`${shape.what} ${String(value)}`);
      return;
    case 'optional':
      if (value !== null) checkShape(shape.of, value, where, visit);
      return;
    case 'list':
      if (!Array.isArray(value)) return refusePart(where);
      for (const item of value) checkShape(shape.of, item, where, visit);
      return;
    case 'none':
      if (!Array.isArray(value) || value.length > 0) refuseConstruct(shape.what);
      return;
    case 'lazy':
      return checkShape(shape.of(), value, where, visit);
    case 'either':
      return checkShape(shape.of(value), value, where, visit);
    case 'record':
      return isObject(value) ? checkFields(shape.fields, value, where, visit) : refusePart(where);
    case 'node':
      return isObject(value) ? visit(shape.family, value) : refusePart(where);
  }
}

function expect(ok: boolean, where: string): void {
  if (!ok) refusePart(where);
}

function refusePart(where: string): never {
  refuseConstruct(`The part “${where}” of this statement`);
}

const isNumber = (value: unknown): boolean =>
  typeof value === 'number' || (isObject(value) && typeof value['$number'] === 'string');
