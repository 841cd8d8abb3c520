import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import fastifyHelmet from '@fastify/helmet';
import fastifyMultipart from '@fastify/multipart';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { actAs, visitor } from '../audit/index.js';
import type { Configuration } from '../config/index.js';
import { NestLogger } from '../observability/logger.js';
import { RequestLog } from '../observability/request-log.js';
import { HttpMetrics } from './http-metrics.js';
import { problemBody } from './problem.js';
import { ProblemFilter } from './problem.filter.js';
import { createValidationPipe } from './validation.pipe.js';

/** A request id of the caller's is kept when it is harmless; it ends up in logs and answers. */
const CLEAN_REQUEST_ID = /^[\w.-]{8,100}$/;

/** How long a client that was refused in the middle of its request may go on sending, so that it gets to read the answer. */
const LINGER_MS = 1000;

/** A worker can be watched as any other process of the installation, and does nothing else for anybody. */
function answerForHealthOnly(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', async (request, reply) => {
    if (/^\/(health(\/ready)?|metrics)(\?|$)/.test(request.url)) return;
    const detail = 'This process works on jobs only. Send requests to one whose LUMIERE_ROLE is api or all.';
    const body = problemBody('not_found', detail, request);
    await reply.status(body.status).type('application/problem+json').send(body);
  });
}

/** Builds the HTTP application: request ids, logs, security headers, body limits, problems, validation. */
export async function createApp(
  module: DynamicModule,
  { http, jobs }: Pick<Configuration, 'http' | 'jobs'>,
  logger: Logger,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    loggerInstance: logger,
    bodyLimit: http.maxBodyBytes,
    trustProxy: http.trustedProxies.length > 0 ? http.trustedProxies : false,
    genReqId: (request: IncomingMessage) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && CLEAN_REQUEST_ID.test(given) ? given : randomBytes(16).toString('hex');
    },
    logController: new RequestLog(),
    routerOptions: { maxParamLength: 300 },
    forceCloseConnections: 'idle',
    // Refusals from before routing, which no filter sees.
    frameworkErrors: (_: unknown, request: FastifyRequest, reply: FastifyReply) => {
      const detail = 'The address of the request cannot be read. Check its percent-encoding.';
      const body = problemBody('malformed_request', detail, request);
      void reply.status(body.status).header('x-request-id', request.id).type('application/problem+json').send(body);
    },
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: new NestLogger(logger),
    bufferLogs: false,
    abortOnError: false,
    // Fastify's own parser reads JSON; Nest would add one for HTML forms, which no route takes.
    bodyParser: false,
  });
  adapter.getInstance().removeContentTypeParser('text/plain');
  adapter.getInstance().addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  const metrics = app.get(HttpMetrics);
  adapter.getInstance().addHook('onResponse', async (request, reply) => metrics.count(request, reply));
  if (!jobs.answersRequests) answerForHealthOnly(adapter.getInstance());
  // The last hook before guards and handlers: what reads the body in between loses track of whose request it is.
  adapter.getInstance().addHook('preHandler', (request, _reply, done) => {
    actAs(visitor(request.ip, request.id), done);
  });
  adapter.getInstance().addHook('onResponse', async ({ raw }) => {
    if (raw.complete) return;
    raw.resume();
    const close = setTimeout(() => raw.socket.destroy(), LINGER_MS);
    raw.once('close', () => clearTimeout(close));
    raw.once('end', () => clearTimeout(close));
  });
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
    },
    crossOriginResourcePolicy: { policy: 'cross-origin' },
  });
  await app.register(fastifyMultipart, {
    throwFileSizeLimit: true,
    limits: {
      fileSize: http.maxUploadBytes,
      files: http.maxUploadFiles,
      fields: 20,
      fieldSize: 64 * 1024,
      parts: http.maxUploadFiles + 20,
    },
  });
  if (http.corsOrigins.length > 0) {
    app.enableCors({
      origin: http.corsOrigins.includes('*') ? true : http.corsOrigins,
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      exposedHeaders: ['x-request-id', 'location', 'retry-after', 'idempotency-replayed'],
      maxAge: 600,
    });
  }
  app.setGlobalPrefix('api/v1', {
    exclude: ['health', 'health/ready', 'metrics', 'reset-password', 'signed-in', 'mcp'],
  });
  app.useGlobalFilters(new ProblemFilter());
  app.useGlobalPipes(createValidationPipe());
  return app;
}
