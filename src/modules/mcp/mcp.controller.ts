import { Body, Controller, Delete, Get, Headers, HttpCode, Post, Res } from '@nestjs/common';
import { ApiBody, ApiExcludeEndpoint, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { recognise } from '../../platform/audit/index.js';
import { HttpConfig } from '../../platform/config/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { abortOnDisconnect, ApiProblems } from '../../platform/http/index.js';
import { CurrentUser, type Principal, RequirePermission } from '../../platform/security/index.js';
import { isAllowedOrigin } from './allowed-origins.js';
import { McpEndpoint } from './mcp-endpoint.js';

const MESSAGE = {
  type: 'object' as const,
  required: ['jsonrpc', 'method'],
  properties: {
    jsonrpc: { type: 'string' as const, enum: ['2.0'] },
    id: { type: 'integer' as const },
    method: { type: 'string' as const, example: 'tools/list' },
    params: { type: 'object' as const, additionalProperties: true },
  },
};

@ApiTags('Model Context Protocol')
@Controller('mcp')
export class McpController {
  constructor(
    private readonly endpoint: McpEndpoint,
    private readonly config: HttpConfig,
  ) {}

  /** Speak the Model Context Protocol (streamable HTTP, without sessions): one JSON-RPC message, one answer. */
  @Post()
  @HttpCode(200)
  @RequirePermission('mcp:use')
  @ApiBody({ schema: MESSAGE })
  @ApiOkResponse({
    description: 'The answer, as JSON-RPC; to a notification there is none, with 202.',
    content: { 'application/json': { schema: { type: 'object' } } },
  })
  @ApiProblems('forbidden', 'malformed_request')
  async post(
    @Body() message: Record<string, unknown>,
    @Headers() headers: Record<string, string | undefined>,
    @Res({ passthrough: true }) reply: FastifyReply,
    @CurrentUser() caller: Principal,
  ): Promise<unknown> {
    if (!isAllowedOrigin(headers['origin'], this.config)) throw foreignOrigin();
    recognise({ kind: 'mcp', userId: caller.userId, apiKeyId: caller.apiKeyId });
    const call = { caller, signal: abortOnDisconnect(reply) };
    const response = await this.endpoint.answer(message, headersFor(headers), call);
    reply.status(response.status);
    const text = await response.text();
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  }

  /** There is nothing that the server says of its own accord. */
  @Get()
  @RequirePermission('mcp:use')
  @ApiExcludeEndpoint()
  stream(@Res({ passthrough: true }) reply: FastifyReply): never {
    throw onlyPost(reply);
  }

  /** There is no session to end. */
  @Delete()
  @RequirePermission('mcp:use')
  @ApiExcludeEndpoint()
  end(@Res({ passthrough: true }) reply: FastifyReply): never {
    throw onlyPost(reply);
  }
}

/** What the protocol needs to know. Clients that take anything take what it answers. */
function headersFor({ 'mcp-protocol-version': version }: Record<string, string | undefined>): globalThis.Headers {
  const headers = new globalThis.Headers({
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
  });
  if (version !== undefined) headers.set('mcp-protocol-version', version);
  return headers;
}

function onlyPost(reply: FastifyReply): DomainError {
  reply.header('allow', 'POST');
  return new DomainError(
    'method_not_allowed',
    'This server keeps no sessions and streams: send every message as a POST.',
  );
}

function foreignOrigin(): DomainError {
  return new DomainError(
    'forbidden',
    'Pages from this origin may not use MCP here. An administrator can allow it with CORS_ORIGINS.',
  );
}
