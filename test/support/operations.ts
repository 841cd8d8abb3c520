/** The operations of the running server's OpenAPI document, and bodies that fit their schemas. */
import { serverUrl } from './client.js';

export interface Schema {
  $ref?: string;
  type?: string;
  format?: string;
  example?: unknown;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  items?: Schema;
  allOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
}

export interface Operation {
  /** Such as `GET /queries/{id}`: without the prefix of the API. */
  name: string;
  method: string;
  /** The whole path, with its parameters in braces. */
  path: string;
  /** Null for who needs none, because the route is public. */
  permission: string | null;
  /** Whether the document says that API keys will do. */
  takesApiKeys: boolean;
  queryParameters: { name: string; schema: Schema }[];
  /** Undefined without a JSON body. */
  body: Schema | undefined;
  takesFiles: boolean;
}

interface DocumentedOperation {
  'x-permission'?: string;
  security?: Record<string, unknown>[];
  parameters?: { name: string; in: string; schema?: Schema }[];
  requestBody?: { content: Record<string, { schema?: Schema }> };
}

interface Document {
  paths: Record<string, Record<string, DocumentedOperation>>;
  components: { schemas: Record<string, Schema> };
}

export const PREFIX = '/api/v1';

/** Everything that the document describes, references resolved. */
export async function readOperations(): Promise<Operation[]> {
  const document = (await (await fetch(`${serverUrl()}/api/openapi.json`)).json()) as Document;
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([verb, documented]): Operation => {
      const method = verb.toUpperCase();
      const { security, parameters = [], requestBody: { content = {} } = {} } = documented;
      const body = content['application/json']?.schema;
      return {
        name: `${method} ${path.replace(PREFIX, '')}`,
        method,
        path,
        permission: security === undefined ? null : (documented['x-permission'] ?? ''),
        takesApiKeys: security?.some((one) => 'apiKey' in one) ?? false,
        queryParameters: parameters
          .filter((parameter) => parameter.in === 'query')
          .map(({ name, schema = {} }) => ({ name, schema: resolved(schema, document) })),
        body: body === undefined ? undefined : resolved(body, document),
        takesFiles: 'multipart/form-data' in content,
      };
    }),
  );
}

/** A value that fits a schema: its example where it has one. Objects get all their fields, arrays one item. */
export function valueFor(schema: Schema): unknown {
  const { example, enum: values, properties, items, minimum = 1 } = schema;
  if (example !== undefined) return example;
  if (values !== undefined) return values[0];
  if (properties !== undefined) {
    return Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, valueFor(field)]));
  }
  switch (schema.type) {
    case 'array':
      return items === undefined ? [] : [valueFor(items)];
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return minimum;
    case 'object':
      return {};
    default:
      return textFor(schema.format);
  }
}

function textFor(format: string | undefined): string {
  switch (format) {
    case 'date-time':
      return '2031-12-31T23:59:59Z';
    case 'date':
      return '2031-12-31';
    case 'email':
      return 'somebody@example.com';
    case 'uri':
      return 'https://example.com/';
    case 'uuid':
      return '00000000-0000-4000-8000-000000000000';
    default:
      return 'something';
  }
}

function resolved(schema: Schema, document: Document): Schema {
  const { $ref, allOf, oneOf, items, properties, ...rest } = schema;
  if ($ref !== undefined) {
    const target = document.components.schemas[$ref.split('/').at(-1) ?? ''];
    if (target === undefined) throw new Error(`The document refers to ${$ref}, which it does not have.`);
    return resolved(target, document);
  }
  const parts = (allOf ?? []).map((part) => resolved(part, document));
  // Every field of one of them is a field that some request has.
  const choices = (oneOf ?? []).map((part) => resolved(part, document));
  const fields: Record<string, Schema> = Object.assign({}, ...choices.map((choice) => choice.properties ?? {}));
  return {
    ...Object.assign({}, ...parts),
    ...(choices.length === 0 ? {} : { properties: fields }),
    ...rest,
    ...(items === undefined ? {} : { items: resolved(items, document) }),
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, field]) => [name, resolved(field, document)]),
          ),
        }),
  };
}
