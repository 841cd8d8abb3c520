/** The API's documents: `openapi.json`, Swagger UI and ReDoc, all served from installed packages. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { FastifyInstance, FastifyReply } from 'fastify';

const resolve = createRequire(import.meta.url).resolve;

/** Both viewers style themselves inline, and ReDoc searches in a worker made from a blob. Nothing comes from elsewhere. */
const DOCS_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "worker-src 'self' blob:",
  "frame-ancestors 'none'",
].join('; ');

/** @param document makes the OpenAPI document; called once, when it is first asked for */
export async function serveApiDocs(app: NestFastifyApplication, document: () => OpenAPIObject): Promise<void> {
  const server: FastifyInstance = app.getHttpAdapter().getInstance();
  let json: string | undefined;
  server.get('/api/openapi.json', (_, reply) => {
    json ??= JSON.stringify(document());
    return reply.type('application/json; charset=utf-8').send(json);
  });
  await server.register(fastifyStatic, {
    root: [
      dirname(resolve('swagger-ui-dist/swagger-ui-bundle.js')),
      dirname(resolve('redoc/bundles/redoc.standalone.js')),
    ],
    prefix: '/api/docs-assets/',
    index: false,
    decorateReply: false,
    immutable: false,
    maxAge: '1h',
    allowedPath: (path) => ASSETS.has(path),
  });
  page(server, '/api/docs', SWAGGER_HTML);
  page(server, '/api/redoc', REDOC_HTML);
  server.get('/api/docs-assets/start-swagger-ui.js', (_, reply) => script(reply, SWAGGER_START));
}

const ASSETS = new Set(
  ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png', 'redoc.standalone.js'].map((file) => join('/', file)),
);

const SWAGGER_START =
  "SwaggerUIBundle({ url: '/api/openapi.json', dom_id: '#app', deepLinking: true, persistAuthorization: true });\n";

const SWAGGER_HTML = html(
  '<link rel="stylesheet" href="/api/docs-assets/swagger-ui.css">',
  '<div id="app"></div><script src="/api/docs-assets/swagger-ui-bundle.js"></script>' +
    '<script src="/api/docs-assets/start-swagger-ui.js"></script>',
);

const REDOC_HTML = html(
  '<style>body{margin:0}</style>',
  '<redoc spec-url="/api/openapi.json" disable-google-font="true"></redoc>' +
    '<script src="/api/docs-assets/redoc.standalone.js"></script>',
);

function html(head: string, body: string): string {
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Lumiere API</title>' +
    '<meta name="viewport" content="width=device-width, initial-scale=1">' +
    `<link rel="icon" href="/api/docs-assets/favicon-32x32.png">${head}</head><body>${body}</body></html>`
  );
}

function page(server: FastifyInstance, path: string, content: string): void {
  server.get(path, (_, reply) =>
    reply.header('content-security-policy', DOCS_POLICY).type('text/html; charset=utf-8').send(content),
  );
}

function script(reply: FastifyReply, content: string): FastifyReply {
  return reply.type('text/javascript; charset=utf-8').send(content);
}
