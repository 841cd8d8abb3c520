/** A small vocabulary to describe which nodes may occur in PostgreSQL's parse trees, and where. */
import { EngineError } from '../../errors.js';

/** A value that is not understood is refused, so every field of every node is described by one of these. */
export type Shape =
  | { kind: 'text' }
  | { kind: 'flag' }
  | { kind: 'integer' }
  | { kind: 'word'; words: ReadonlySet<string>; what: string }
  | { kind: 'list'; of: Shape }
  /** `{Name: fields}`, where the name is one of these. */
  | { kind: 'node'; names: ReadonlySet<string>; what: string }
  /** The fields of a node whose name its place tells. */
  | { kind: 'inline'; name: string }
  /** `{}`, which stands for "none" in some lists. */
  | { kind: 'empty' }
  | { kind: 'either'; of: Shape[] }
  | { kind: 'refused'; what: string };

/** The fields that a node may have. The parser leaves out what is empty, zero or false, so none must be there. */
export type Fields = Readonly<Record<string, Shape>>;

const words = (list: string): ReadonlySet<string> => new Set(list.trim().split(/\s+/));

export const text: Shape = { kind: 'text' };
export const flag: Shape = { kind: 'flag' };
export const integer: Shape = { kind: 'integer' };
export const empty: Shape = { kind: 'empty' };
export const word = (what: string, allowed: string): Shape => ({ kind: 'word', words: words(allowed), what });
export const list = (of: Shape): Shape => ({ kind: 'list', of });
export const node = (what: string, names: string): Shape => ({ kind: 'node', names: words(names), what });
export const inline = (name: string): Shape => ({ kind: 'inline', name });
export const either = (...of: Shape[]): Shape => ({ kind: 'either', of });
export const refused = (what: string): Shape => ({ kind: 'refused', what });

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const POSITIONS = words(`location name_location list_start list_end rexpr_list_start rexpr_list_end`);

/** Whether a field only says where something stood in the text. */
export const isPosition = (field: string): boolean => POSITIONS.has(field);

/** @throws EngineError `sql_construct_not_allowed` always */
export function refuseConstruct(what: string): never {
  throw new EngineError('sql_construct_not_allowed', `${what} is not allowed here. Rewrite the query without it.`);
}

/** Nodes may be nested this deep; a chain of operators nests once for each. */
const MAX_DEPTH = 500;

/** Called with every node, before the nodes below it. */
export type Visit = (name: string, fields: JsonObject) => void;

/**
 * Checks a node and everything below it.
 *
 * @throws EngineError `sql_construct_not_allowed` for what is not described, `sql_too_large` for too deep a tree
 */
export function checkShape(rules: Readonly<Record<string, Fields>>, root: Shape, value: unknown, visit: Visit): void {
  const fieldsOf = (name: string, fields: unknown, depth: number): void => {
    const allowed = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (allowed === undefined || !isObject(fields)) return refusePart(name);
    if (depth > MAX_DEPTH) {
      throw new EngineError('sql_too_large', 'The statement is nested too deeply. Use CTEs or shorter expressions.');
    }
    visit(name, fields);
    for (const [key, item] of Object.entries(fields)) {
      if (isPosition(key)) continue;
      const shape = Object.hasOwn(allowed, key) ? allowed[key] : undefined;
      if (shape === undefined) return refusePart(`${name}.${key}`);
      check(shape, item, `${name}.${key}`, depth);
    }
  };

  const check = (shape: Shape, item: unknown, where: string, depth: number): void => {
    switch (shape.kind) {
      case 'text':
        return expect(typeof item === 'string', where);
      case 'flag':
        return expect(typeof item === 'boolean', where);
      case 'integer':
        return expect(Number.isSafeInteger(item), where);
      case 'word':
        if (typeof item !== 'string' || !shape.words.has(item)) refuseConstruct(`${shape.what} ${spoken(item)}`);
        return;
      case 'list':
        if (!Array.isArray(item)) return refusePart(where);
        for (const one of item) check(shape.of, one, where, depth);
        return;
      case 'node': {
        const [name, ...others] = isObject(item) ? Object.keys(item) : [];
        if (name === undefined || others.length > 0 || !isObject(item)) return refusePart(where);
        if (!shape.names.has(name)) refuseConstruct(`${shape.what} ${spoken(name)}`);
        return fieldsOf(name, item[name], depth + 1);
      }
      case 'inline':
        return fieldsOf(shape.name, item, depth + 1);
      case 'empty':
        return expect(isObject(item) && Object.keys(item).length === 0, where);
      case 'either': {
        const fitting = shape.of.find((one) => mayBe(one, item));
        return fitting === undefined ? refusePart(where) : check(fitting, item, where, depth);
      }
      case 'refused':
        return refuseConstruct(shape.what);
    }
  };

  check(root, value, 'statement', 0);
}

/** Whether the outermost layer of a value has this shape. */
function mayBe(shape: Shape, value: unknown): boolean {
  if (!isObject(value)) return false;
  const [name] = Object.keys(value);
  if (shape.kind === 'empty') return name === undefined;
  return shape.kind === 'node' && name !== undefined && shape.names.has(name);
}

function expect(ok: boolean, where: string): void {
  if (!ok) refusePart(where);
}

/** `A_Expr_Kind.AEXPR_OP_ANY` as people may read it. */
const spoken = (value: unknown): string =>
  String(value)
    .replace(/^[A-Z]+_/, '')
    .replaceAll('_', ' ');

function refusePart(where: string): never {
  refuseConstruct(`The part “${where}” of this statement`);
}
