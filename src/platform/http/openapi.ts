import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { ErrorCode } from '../errors/domain-error.js';
import { problemResponse } from './api-problems.decorator.js';
import { IDEMPOTENCY_KEY_PARAMETER } from './idempotency-key.js';
import { PROBLEM_KINDS } from './problem.js';

/** The OpenAPI document of all routes, made from controllers, DTO types and their comments. */
export function createOpenApiDocument(app: NestFastifyApplication, version: string): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Lumiere')
    .setDescription(
      'Ask your data in plain language and get an answer you can check. Sign in with `POST /api/v1/auth/login` and send ' +
        'the access token as a bearer token; programs send an API key as `X-API-Key` instead.',
    )
    .setVersion(version)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addTag('Authentication', 'Accounts, sign-in, tokens.')
    .addTag('Data sources', 'Upload data, see and describe what is in it.')
    .addTag('Queries', 'Ask questions, run SQL, take the results.')
    .addTag('Conversations', 'Talk about data, turn by turn.')
    .addTag('Documents', 'Texts that answers can stand on: add them, search them.')
    .addTag('Model Context Protocol', 'For assistants and agents: the same data, rules and limits, as tools.')
    .addTag('Users', 'Profiles.')
    .addTag('Health', 'For load balancers and monitors.')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' })
    .addApiKey({ type: 'apiKey', in: 'header', name: 'X-API-Key' }, 'apiKey')
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) =>
      `${lowerFirst(controller.replace(/Controller$/, ''))}${upperFirst(method)}`,
  });
  document.components ??= {};
  document.components.schemas = { ...document.components.schemas, Problem: PROBLEM_SCHEMA };
  addCommonProblems(document);
  return tidy(document) as OpenAPIObject;
}

/**
 * The document as clients should see it: schemas without the suffix of our class names, and closed sets of values in a
 * stable order (the compiler's own order changes from build to build).
 */
function tidy(node: unknown, key = ''): unknown {
  // Also where a discriminator names them.
  if (typeof node === 'string') return node.startsWith('#/components/schemas/') ? node.replace(/Dto$/, '') : node;
  if (Array.isArray(node)) {
    const items = node.map((item) => tidy(item));
    return key === 'enum' ? items.toSorted((a, b) => String(a).localeCompare(String(b))) : items;
  }
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([name, value]) => [
      key === 'schemas' ? name.replace(/Dto$/, '') : name,
      tidy(value, name),
    ]),
  );
}

const PROBLEM_SCHEMA: NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string] = {
  type: 'object',
  description: 'An error (RFC 9457). `code` is stable; `detail` says what to do.',
  required: ['type', 'title', 'status', 'detail', 'code', 'instance', 'request_id'],
  properties: {
    type: { type: 'string', example: 'urn:lumiere:problem:not-found' },
    title: { type: 'string', example: 'Not found' },
    status: { type: 'integer', example: 404 },
    detail: { type: 'string', example: 'There is no such query, or you may not see it.' },
    code: { type: 'string', enum: Object.keys(PROBLEM_KINDS), example: 'not_found' },
    instance: { type: 'string', example: '/api/v1/queries/7' },
    request_id: { type: 'string', example: 'b1946ac92492d2347c6235b4d2611184' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'message'],
        properties: { field: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
};

/** What every route can answer, and every route that needs a caller, told once. */
function addCommonProblems(document: OpenAPIObject): void {
  for (const item of Object.values(document.paths)) {
    for (const operation of [item.get, item.post, item.put, item.patch, item.delete]) {
      if (operation === undefined) continue;
      const codes: ErrorCode[] = ['internal_error'];
      if (operation.security !== undefined) codes.push('unauthenticated', 'forbidden');
      if (operation.requestBody !== undefined)
        codes.push('malformed_request', 'payload_too_large', 'unsupported_media_type');
      for (const code of codes) {
        const { status } = PROBLEM_KINDS[code];
        operation.responses[String(status)] ??= problemResponse(status, [code]);
      }
    }
    addRepetition(item.post);
  }
}

/** What every POST that needs a caller takes and answers, told once: see `IdempotencyInterceptor`. */
function addRepetition(operation: OpenAPIObject['paths'][string]['post']): void {
  if (operation?.security === undefined) return;
  operation.parameters = [...(operation.parameters ?? []), IDEMPOTENCY_KEY_PARAMETER];
  for (const code of ['idempotency_in_progress', 'idempotency_key_reused'] as const) {
    const { status } = PROBLEM_KINDS[code];
    const added = problemResponse(status, [code]);
    const told = operation.responses[String(status)] as ReturnType<typeof problemResponse> | undefined;
    const [before, after] = [told?.content['application/problem+json'], added.content['application/problem+json']];
    operation.responses[String(status)] = {
      description: [told?.description, added.description].filter((text) => text !== undefined).join(' · '),
      content: { 'application/problem+json': { ...after, examples: { ...before?.examples, ...after.examples } } },
    };
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
