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
  | { kind: 'record'; fields: Record<string, Shape> }
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
export const record = (fields: Record<string, Shape>): Shape => ({ kind: 'record', fields });
export const lazy = (of: () => Shape): Shape => ({ kind: 'lazy', of });
/** Chooses the shape by looking at the value. */
export const either = (of: (value: unknown) => Shape): Shape => ({ kind: 'either', of });
export const node = (family: Family): Shape => ({ kind: 'node', family });

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws EngineError `sql_construct_not_allowed` always */
export function refuseConstruct(what: string): never {
  throw new EngineError('sql_construct_not_allowed', `${what} is not allowed here. Rewrite the query without it.`);
}

const isNumber = (value: unknown): boolean =>
  typeof value === 'number' || (isObject(value) && typeof value['$number'] === 'string');

/**
 * Checks a value against its shape, and hands every tree node in it to `visit` in the order of the fields.
 *
 * @throws EngineError `sql_construct_not_allowed` for a field or value that the shape does not know
 */
export function checkShape(
  shape: Shape,
  value: unknown,
  path: string,
  visit: (family: Family, node: JsonObject) => void,
): void {
  const expect = (ok: boolean): void => {
    if (!ok) refuseConstruct(`The part “${path}” of this statement`);
  };
  switch (shape.kind) {
    case 'text':
      return expect(typeof value === 'string');
    case 'flag':
      return expect(typeof value === 'boolean');
    case 'integer':
      return expect(Number.isInteger(value));
    case 'number':
      return expect(isNumber(value));
    case 'null':
      return expect(value === null);
    case 'word':
      if (typeof value !== 'string' || !shape.words.has(value)) refuseConstruct(`${shape.what} ${String(value)}`);
      return;
    case 'optional':
      if (value !== null) checkShape(shape.of, value, path, visit);
      return;
    case 'list':
      if (!Array.isArray(value)) return expect(false);
      for (const item of value) checkShape(shape.of, item, path, visit);
      return;
    case 'none':
      if (!Array.isArray(value) || value.length > 0) refuseConstruct(shape.what);
      return;
    case 'lazy':
      return checkShape(shape.of(), value, path, visit);
    case 'either':
      return checkShape(shape.of(value), value, path, visit);
    case 'record':
      if (!isObject(value)) return expect(false);
      return checkFields(shape.fields, value, path, visit);
    case 'node':
      if (!isObject(value)) return expect(false);
      return visit(shape.family, value);
  }
}

/** Checks that an object has exactly these fields. */
export function checkFields(
  fields: Record<string, Shape>,
  value: JsonObject,
  path: string,
  visit: (family: Family, node: JsonObject) => void,
): void {
  for (const key of Object.keys(value)) {
    if (!Object.hasOwn(fields, key)) refuseConstruct(`The part “${path}.${key}” of this statement`);
  }
  for (const [key, shape] of Object.entries(fields)) checkShape(shape, value[key], `${path}.${key}`, visit);
}
