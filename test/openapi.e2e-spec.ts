import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newAccount, serverUrl } from './support/client.js';
import { CLIENT_PROGRAM } from './support/client-program.js';

const run = promisify(execFile);
const MODULES = join(process.cwd(), 'node_modules');
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

interface SchemaObject {
  $ref?: string;
  type?: string;
  example?: unknown;
  enum?: unknown[];
  format?: string;
  items?: SchemaObject;
  allOf?: SchemaObject[];
  properties?: Record<string, SchemaObject>;
}

interface ResponseObject {
  description: string;
  content?: Record<string, { schema?: SchemaObject; examples?: Record<string, unknown> }>;
}

interface Operation {
  summary?: string;
  operationId?: string;
  tags?: string[];
  security?: unknown[];
  requestBody?: { content: Record<string, { schema?: SchemaObject }> };
  parameters?: { name: string; in: string; schema?: SchemaObject }[];
  responses: Record<string, ResponseObject>;
}

interface Document {
  openapi: string;
  paths: Record<string, Partial<Record<(typeof METHODS)[number], Operation>>>;
  components: { schemas: Record<string, SchemaObject> };
}

describe('the OpenAPI document', () => {
  let document: Document;
  let operations: [string, Operation][];

  beforeAll(async () => {
    document = (await (await fetch(`${serverUrl()}/api/openapi.json`)).json()) as Document;
    operations = Object.entries(document.paths).flatMap(([path, item]) =>
      METHODS.flatMap((method): [string, Operation][] => {
        const operation = item[method];
        return operation === undefined ? [] : [[`${method.toUpperCase()} ${path}`, operation]];
      }),
    );
  });

  /** What is missing, as a list that names the place: empty when all is well. */
  const lacking = (isLacking: (operation: Operation) => boolean): string[] =>
    operations.filter(([, operation]) => isLacking(operation)).map(([name]) => name);

  it('describes every route that there is', () => {
    expect(operations.length).toBeGreaterThan(25);
    for (const route of ['POST /api/v1/auth/register', 'POST /api/v1/data-sources/upload', 'GET /health/ready']) {
      expect(operations.map(([name]) => name)).toContain(route);
    }
  });

  it('gives every operation a summary, a tag and an id of its own', () => {
    expect(lacking(({ summary }) => !/^\w.+\.$/.test(summary ?? ''))).toEqual([]);
    expect(lacking(({ tags }) => tags?.length !== 1)).toEqual([]);
    const ids = operations.map(([, { operationId }]) => operationId);
    expect(ids.filter((id) => !/^[a-z][A-Za-z]+$/.test(id ?? ''))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('types every success, and says what is downloaded', () => {
    const isTyped = ({ content }: ResponseObject): boolean =>
      content !== undefined && Object.values(content).every(({ schema }) => schema !== undefined);
    const successes = ({ responses }: Operation): [string, ResponseObject][] =>
      Object.entries(responses).filter(([status]) => status.startsWith('2'));
    // A browser that signs in is sent on.
    expect(lacking((operation) => successes(operation).length === 0)).toEqual([
      'GET /api/v1/auth/oidc/start',
      'GET /api/v1/auth/oidc/callback',
    ]);
    expect(
      lacking((operation) => successes(operation).some(([status, response]) => status !== '204' && !isTyped(response))),
    ).toEqual([]);
    expect(Object.keys(document.paths['/api/v1/queries/{id}/result']?.get?.responses['200']?.content ?? {})).toEqual([
      'application/json',
      'text/csv',
      'application/x-ndjson',
      'application/vnd.apache.parquet',
      'application/vnd.apache.arrow.stream',
    ]);
  });

  it('describes the problems of every operation, with an example for each code', () => {
    const problems = ({ responses }: Operation): [string, ResponseObject][] =>
      Object.entries(responses).filter(([status]) => /^[45]/.test(status));
    expect(lacking((operation) => problems(operation).length === 0)).toEqual([]);
    expect(
      lacking((operation) =>
        problems(operation).some(([, { content }]) => {
          const problem = content?.['application/problem+json'];
          return problem?.schema?.$ref !== '#/components/schemas/Problem' || problem.examples === undefined;
        }),
      ),
    ).toEqual([]);
    expect(lacking(({ security, responses }) => security !== undefined && responses['401'] === undefined)).toEqual([]);
    expect(
      lacking(({ requestBody, responses }) => requestBody !== undefined && responses['400'] === undefined),
    ).toEqual([]);
  });

  it('asks for a token everywhere but where people sign in, or come with a link', () => {
    expect(lacking(({ security }) => security === undefined).sort()).toEqual([
      'GET /api/v1/auth/oidc',
      'GET /api/v1/auth/oidc/callback',
      'GET /api/v1/auth/oidc/start',
      'GET /api/v1/public/dashboards/{token}',
      'GET /api/v1/public/exports/{token}',
      'GET /health',
      'GET /health/ready',
      // Asks for a token of its own, which is nobody’s.
      'GET /metrics',
      'POST /api/v1/auth/login',
      'POST /api/v1/auth/oidc/token',
      'POST /api/v1/auth/password/forgot',
      'POST /api/v1/auth/password/reset',
      'POST /api/v1/auth/refresh',
      'POST /api/v1/auth/register',
    ]);
  });

  it('refers to nothing that it does not have, and types every field', () => {
    const text = JSON.stringify(document);
    const names = new Set([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map((match) => match[1] ?? ''));
    for (const name of names) expect(Object.keys(document.components.schemas)).toContain(name);
    const untyped = fields().filter(([, field]) =>
      Object.keys(field).every((key) => ['description', 'example'].includes(key)),
    );
    expect(untyped.map(([name]) => name)).toEqual([]);
  });

  it('shows in every request and answer what text and numbers look like', () => {
    const bare = Object.entries(document.components.schemas)
      .filter(([name]) => !name.endsWith('Page'))
      .filter(([, { properties = {} }]) => {
        const plain = Object.values(properties).filter(
          ({ type, enum: values, format }) =>
            ['string', 'integer', 'number'].includes(type ?? '') && values === undefined && format === undefined,
        );
        return plain.length > 0 && plain.every(({ example }) => example === undefined);
      })
      .map(([name]) => name);
    expect(bare).toEqual([]);
  });

  function fields(): [string, SchemaObject][] {
    return Object.entries(document.components.schemas).flatMap(([name, { properties = {} }]) =>
      Object.entries(properties).map(([field, schema]): [string, SchemaObject] => [`${name}.${field}`, schema]),
    );
  }
});

describe('a generated client', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lumiere-client-'));
    await symlink(MODULES, join(folder, 'node_modules'));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('compiles in strict mode, and asks a question', async () => {
    const document = await (await fetch(`${serverUrl()}/api/openapi.json`)).text();
    await writeFile(join(folder, 'openapi.json'), document);
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await writeFile(join(folder, 'program.ts'), CLIENT_PROGRAM);
    const compilerOptions = {
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      target: 'es2022',
      module: 'nodenext',
      types: ['node'],
      skipLibCheck: true,
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));

    await node(
      'openapi-typescript/bin/cli.js',
      'openapi.json',
      '--output',
      'lumiere.d.ts',
      '--default-non-nullable',
      'false',
    );
    await node('typescript/bin/tsc', '--project', 'tsconfig.json');
    const { client } = await newAccount();
    const { stdout } = await run(process.execPath, ['program.js', serverUrl(), client.token ?? ''], { cwd: folder });
    expect(JSON.parse(stdout)).toEqual({ rows: [[2]], tables: ['towns'], missing: 'not_found' });
  }, 60_000);

  /** Runs a tool of the project in the folder; what it prints is in the error when it fails. */
  async function node(tool: string, ...parameters: string[]): Promise<void> {
    await run(process.execPath, [join(MODULES, tool), ...parameters], { cwd: folder }).catch((error: unknown) => {
      const printed = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
      throw new Error(`${tool} failed: ${printed}`, { cause: error });
    });
  }
});

describe('the pages for people', () => {
  it.each(['/api/docs', '/api/redoc'])('%s loads all that it needs, from this server alone', async (path) => {
    const page = await fetch(`${serverUrl()}${path}`);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'self'; script-src 'self'; /);
    const html = await page.text();
    expect(html).not.toMatch(/\b(?:https?:)?\/\/[a-z]/i);
    const assets = [...html.matchAll(/\b(?:src|href|spec-url)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(assets.length).toBeGreaterThan(2);
    for (const asset of assets) {
      const response = await fetch(`${serverUrl()}${asset}`);
      expect([asset, response.status]).toEqual([asset, 200]);
      const content = await response.text();
      expect(content.length).toBeGreaterThan(50);
      if (asset.endsWith('.css')) expect(content).not.toMatch(/url\(["']?(?:https?:)?\/\/|@import/);
    }
  });

  it('serves nothing else out of the packages that the pages come from', async () => {
    for (const path of ['package.json', '../package.json', '%2e%2e/package.json', 'index.html']) {
      expect((await fetch(`${serverUrl()}/api/docs-assets/${path}`)).status).toBe(404);
    }
  });
});
